"""Answers that grow while somebody reads them: server-sent events, and programs' own forms."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from appliance.base.errors import ApplianceError
from appliance.base.web.access import session_ended
from appliance.base.web.hearing import BEAT_S, AccessEndedError, ClientGoneError, while_heard
from appliance.base.web.problems import problem_body

_BEAT = b": beat\n\n"
# A reader that does not even take its last event is cut off by the listener.
_LAST_WORD_S = 1.0
_NOT_KEPT_BACK: Mapping[str, str] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


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

    def __init__(self, events: AsyncIterator[ServerEvent], *, beat_s: float = BEAT_S) -> None:
        super().__init__(headers=_NOT_KEPT_BACK, media_type=self.media_type)
        del self.headers["content-length"]
        self._events = events
        self._beat_s = beat_s
        self._is_complete = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream to its end, until the client has gone or may not listen any more."""
        try:
            async with AsyncExitStack() as stack:
                if isinstance(self._events, _Closable):
                    stack.push_async_callback(self._events.aclose)
                # Before anything can end it: the last word needs a beginning.
                await send(_start(self))
                await while_heard(
                    scope,
                    receive,
                    self._send_all(send),
                    beat=lambda: send(_body(_BEAT)),
                    beat_s=self._beat_s,
                )
        except ClientGoneError:
            return
        except AccessEndedError:
            if not self._is_complete:
                problem = problem_body(session_ended())
                await _send_last_word(send, ServerEvent(None, "error", problem).encoded())

    async def _send_all(self, send: Send) -> None:
        async for event in self._events:
            await send(_body(event.encoded()))
        self._is_complete = True
        await send(_end())


class ByteStream(Response):
    """Sends an answer part by part, in a form that its maker knows.

    Nothing is sent before the first part is there, so that what fails until then has its own
    status; what fails later is told by `last_word`. The rest is as with `EventStream`.

    Args:
        parts: The answer; closed when the client goes away.
        media_type: Of the answer.
        last_word: Puts what fails within the answer into its form.
        beat: Sent every `beat_s` while the answer has no more to say; it may be its first part.
            Empty where the form has nothing that says nothing.
        headers: Further ones; read when the first part is there.
    """

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        *,
        media_type: str,
        last_word: Callable[[ApplianceError], bytes],
        beat: bytes = b"",
        beat_s: float = BEAT_S,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headers=_NOT_KEPT_BACK, media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts
        self._last_word = last_word
        self._beat = beat
        self._beat_s = beat_s
        self._late_headers = headers
        self._is_started = False
        self._is_complete = False
        # Beats and parts come from two tasks, and only one of them sends the beginning.
        self._sending = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer to its end, until the client has gone or may not listen any more."""
        try:
            async with AsyncExitStack() as stack:
                if isinstance(self._parts, _Closable):
                    stack.push_async_callback(self._parts.aclose)
                await while_heard(
                    scope,
                    receive,
                    self._send_all(send),
                    beat=(lambda: self._put(send, self._beat)) if self._beat else None,
                    beat_s=self._beat_s,
                )
        except ClientGoneError:
            return
        except AccessEndedError:
            await self._end_with(send, session_ended())
        except ApplianceError as error:
            await self._end_with(send, error)

    async def _send_all(self, send: Send) -> None:
        async for part in self._parts:
            await self._put(send, part)
        await self._put(send, b"")
        self._is_complete = True
        await send(_end())

    async def _put(self, send: Send, part: bytes) -> None:
        async with self._sending:
            if not self._is_started:
                self._is_started = True
                self.headers.update(self._late_headers or {})
                await send(_start(self))
            if part:
                await send(_body(part))

    async def _end_with(self, send: Send, error: ApplianceError) -> None:
        if not self._is_started:
            raise error
        if not self._is_complete:
            await _send_last_word(send, self._last_word(error))


class WholeAnswer(Response):
    """An answer that takes long to make; its making ends when nobody waits for it any more."""

    def __init__(self, make: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the answer and send it.

        Raises:
            UnauthenticatedError: If the access of whoever asked ends meanwhile.
        """
        try:
            made = await while_heard(scope, receive, self._made())
        except ClientGoneError:
            return
        except AccessEndedError as ended:
            raise session_ended() from ended
        await made(scope, receive, send)

    async def _made(self) -> Response:
        return await self._make()


def _start(answer: Response) -> Message:
    return {
        "type": "http.response.start",
        "status": answer.status_code,
        "headers": answer.raw_headers,
    }


def _body(part: bytes) -> Message:
    return {"type": "http.response.body", "body": part, "more_body": True}


def _end() -> Message:
    return {"type": "http.response.body", "body": b"", "more_body": False}


async def _send_last_word(send: Send, word: bytes) -> None:
    try:
        async with asyncio.timeout(_LAST_WORD_S):
            await send(_body(word))
            await send(_end())
    except TimeoutError:
        return


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...
