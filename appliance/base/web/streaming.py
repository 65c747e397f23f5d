"""Server-sent events: an answer that grows while somebody reads it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_BEAT = b": beat\n\n"


@dataclass(frozen=True)
class ServerEvent:
    """One event of a stream.

    Attributes:
        id: Grows within a stream; a client that was away sends the last one it saw.
        event: What kind it is: one word.
        data: JSON values.
    """

    id: int
    event: str
    data: Mapping[str, object]

    def encoded(self) -> bytes:
        """Return the event as it travels (WHATWG HTML, 9.2 Server-sent events)."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        frame = f"id: {self.id}\nevent: {self.event}\ndata: {text}\n\n"
        # Models write half surrogate pairs now and then; they must not end the stream.
        return frame.encode("utf-8", errors="replace")


class EventStream(Response):
    """Sends events as they come, and a comment every `beat_s` while none does.

    The next event is asked for only when the one before it is in the socket's buffer, so a slow
    reader slows its source down and costs no memory here. When the client goes away, the
    iterator is cancelled where it waits, and closed: its `finally` runs.
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

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream to its end, or until the client has gone."""
        try:
            async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
                if isinstance(self._events, _Closable):
                    stack.push_async_callback(self._events.aclose)
                watching = group.create_task(self._watch(receive, send))
                await self._send_all(send)
                watching.cancel()
        except BaseExceptionGroup as failures:
            _, others = failures.split(_ClientGoneError)
            if others is not None:
                # One failure is what the handlers outside know; the group is our own business.
                raise _single(others) from failures

    async def _send_all(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        async for event in self._events:
            await send({"type": "http.response.body", "body": event.encoded(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

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


class _ClientGoneError(Exception):
    """Nobody reads any more."""


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


def _single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _single(first) if isinstance(first, BaseExceptionGroup) else first
