"""Server-sent events: an answer that grows while somebody reads it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from appliance.base.errors import ApplianceError
from appliance.base.web.access import OpenAccess, session_ended
from appliance.base.web.problems import problem_body

if TYPE_CHECKING:
    from appliance.base.identity import Identity

_BEAT = b": beat\n\n"
# A reader that does not even take its last event is cut off by the listener.
_LAST_WORD_S = 1.0


@dataclass(frozen=True)
class ServerEvent:
    """One event of a stream.

    Attributes:
        id: Grows within a stream; a client that was away sends the last one it saw. None leaves
            that one as it is.
        event: What kind it is: one word.
        data: JSON values.
    """

    id: int | None
    event: str
    data: Mapping[str, object]

    def encoded(self) -> bytes:
        """Return the event as it travels (WHATWG HTML, 9.2 Server-sent events)."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        number = "" if self.id is None else f"id: {self.id}\n"
        frame = f"{number}event: {self.event}\ndata: {text}\n\n"
        # Models write half surrogate pairs now and then; they must not end the stream.
        return frame.encode("utf-8", errors="replace")


class EventStream(Response):
    """Sends events as they come, and a comment every `beat_s` while none does.

    The next event is asked for only when the one before it is in the socket's buffer, so a slow
    reader slows its source down and costs no memory here. When the client goes away, the
    iterator is cancelled where it waits, and closed: its `finally` runs. When the access of
    whoever asked ends (`app.state.open_access`), so does the stream, by an event `error`.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[ServerEvent], *, beat_s: float = 10.0) -> None:
        super().__init__(
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            media_type=self.media_type,
        )
        del self.headers["content-length"]
        self._events = events
        self._beat_s = beat_s
        self._is_complete = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream to its end, until the client has gone or may not listen any more."""
        try:
            await self._send_while_allowed(scope, receive, send)
        except BaseExceptionGroup as failures:
            ended, others = failures.split(_AccessEndedError)
            _, others = others.split(_ClientGoneError) if others else (None, None)
            if others is not None:
                # One failure is what the handlers outside know; the group is our own business.
                raise _single(others) from failures
            if ended is not None:
                await self._send_last_word(send, session_ended())

    async def _send_while_allowed(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            if isinstance(self._events, _Closable):
                stack.push_async_callback(self._events.aclose)
            # Before anything can end it: the last word needs a beginning.
            await send({
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            })  # fmt: skip
            async with asyncio.TaskGroup() as group:
                watching = [
                    group.create_task(self._watch(receive, send)),
                    group.create_task(_watch_access(scope)),
                ]
                await self._send_all(send)
                for task in watching:
                    task.cancel()

    async def _send_all(self, send: Send) -> None:
        async for event in self._events:
            await send(_body(event))
        self._is_complete = True
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_last_word(self, send: Send, problem: ApplianceError) -> None:
        if self._is_complete:
            return
        try:
            async with asyncio.timeout(_LAST_WORD_S):
                await send(_body(ServerEvent(None, "error", problem_body(problem))))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return

    async def _watch(self, receive: Receive, send: Send) -> None:
        """Beat until the client goes away."""
        while True:
            try:
                async with asyncio.timeout(self._beat_s):
                    message = await receive()
            except TimeoutError:
                await send({"type": "http.response.body", "body": _BEAT, "more_body": True})
                continue
            if message["type"] == "http.disconnect":
                raise _ClientGoneError


def _body(event: ServerEvent) -> Message:
    return {"type": "http.response.body", "body": event.encoded(), "more_body": True}


async def _watch_access(scope: Scope) -> None:
    """Wait until the access of whoever asked ends; without anybody, do nothing."""
    access: OpenAccess | None = getattr(
        getattr(scope.get("app"), "state", None), "open_access", None
    )
    # Where `identity_of` left it.
    identity: Identity | None = scope.get("state", {}).get("identity")
    if access is None or identity is None:
        return
    with access.held(identity) as ended:
        await ended.wait()
    raise _AccessEndedError


class _AccessEndedError(Exception):
    """Whoever reads may not read on."""


class _ClientGoneError(Exception):
    """Nobody reads any more."""


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


def _single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _single(first) if isinstance(first, BaseExceptionGroup) else first
