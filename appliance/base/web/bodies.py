"""How large and how slow a body may be: refused before it is read, counted while it is."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.base.clock import Clock
from appliance.base.errors import ApplianceError, BadRequestError, TooLargeError
from appliance.base.web.invalid_requests import UnsupportedMediaTypeError
from appliance.base.web.limits import (
    DEFAULT_BODY_BYTES,
    MEBIBYTE,
    BodyLimit,
    fitting,
    most_specific_first,
)
from appliance.base.web.problems import problem_response

_CLOSE = (b"connection", b"close")
# What the server may swallow quietly after an answer that did not wait for the body.
_SMALL_REST_BYTES = 64 * 1024


class BodyTooSlowError(ApplianceError):
    """The body comes so slowly that waiting for it would only serve an attacker."""

    status = 408
    code = "body_too_slow"


@dataclass(frozen=True)
class BodyPace:
    """How long a body may take, and how long a refused one is still swallowed.

    Attributes:
        grace_s: Every body has so many seconds ...
        bytes_per_s: ... and one more for each so many bytes that have come.
        linger_s: After an early answer we read on so long, because a connection closed on
            unread bytes is reset, and the client would never see the answer.
        linger_bytes: Or until so many bytes have come.
    """

    grace_s: float = 30.0
    bytes_per_s: int = 64 * 1024
    linger_s: float = 2.0
    linger_bytes: int = 32 * MEBIBYTE

    def allowed_s(self, received_bytes: int) -> float:
        """Return how long after its start a body of which so much has come may still take."""
        return self.grace_s + received_bytes / self.bytes_per_s


class BodyLayer:
    """Holds every body to its route's size and to a steady pace."""

    def __init__(
        self, app: ASGIApp, clock: Clock, limits: Iterable[BodyLimit], pace: BodyPace
    ) -> None:
        self._app = app
        self._clock = clock
        self._limits = most_specific_first(limits)
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a watched body, or refuse it before a byte is read."""
        declared = _declared_body(scope)
        if declared is None:
            await self._app(scope, receive, send)
            return
        found = fitting(self._limits, scope["method"], scope["path"])
        limit_bytes = found[0].size_bytes if found else DEFAULT_BODY_BYTES
        body = _WatchedBody(
            receive, send, self._clock, self._pace, limit_bytes, declared.size_bytes
        )
        refusal = _refusal(declared, limit_bytes)
        if refusal is None:
            refusal = await body.run(self._app, scope)
        if refusal is not None:
            await problem_response(refusal)(scope, receive, body.send_to_client)


@dataclass(frozen=True)
class _DeclaredBody:
    """What the headers say: the size (None: not told), and how it is packed."""

    size_bytes: int | None
    encoding: str


def _declared_body(scope: Scope) -> _DeclaredBody | None:
    """Return what the headers say of the body; None if there is none."""
    if scope["type"] != "http":
        return None
    size: bytes | None = None
    encoding = b""
    chunked = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            size = value
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"content-encoding":
            encoding = value
    if not chunked and (size is None or size == b"0"):
        return None
    return _DeclaredBody(
        None if chunked or size is None else _size_of(size),
        encoding.decode("latin-1").strip().lower(),
    )


def _size_of(value: bytes) -> int:
    # The server's parser has seen to it; under another server this is the last check.
    return int(value) if value.isdigit() and len(value) < 20 else -1  # noqa: PLR2004 - 64 bits


def _refusal(declared: _DeclaredBody, limit_bytes: int) -> ApplianceError | None:
    if declared.encoding not in {"", "identity"}:
        return UnsupportedMediaTypeError(
            f"The body is packed as {declared.encoding[:20]!r}; only unpacked bodies are read.",
            hint="Leave out the header Content-Encoding.",
        )
    if declared.size_bytes is not None and declared.size_bytes < 0:
        return BadRequestError("The header Content-Length is not a number of bytes.")
    if declared.size_bytes is not None and declared.size_bytes > limit_bytes:
        return _too_large(limit_bytes, f"{declared.size_bytes} bytes")
    return None


def _too_large(limit_bytes: int, came: str) -> TooLargeError:
    return TooLargeError(
        f"The body has {came}; this route takes at most {limit_bytes}.",
        hint="Send less at once.",
        limit_bytes=limit_bytes,
    )


@dataclass
class _WatchedBody:
    """One request's body while it comes in, and the answer's way out."""

    receive: Receive
    send: Send
    clock: Clock
    pace: BodyPace
    limit_bytes: int
    declared_bytes: int | None
    received_bytes: int = 0
    is_complete: bool = False
    answer_started: bool = False
    closing: bool = False
    refusal: ApplianceError | None = None
    started_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.clock.monotonic_s()

    async def run(self, app: ASGIApp, scope: Scope) -> ApplianceError | None:
        """Let the app read and answer; return what must be answered in its place, if anything."""
        try:
            await app(scope, self.receive_counted, self.send_to_client_unless_refused)
        except ApplianceError as error:
            if error is not self.refusal or self.answer_started:
                raise
        return None if self.answer_started else self.refusal

    async def receive_counted(self) -> Message:
        """Return the next message, within the limits.

        Raises:
            TooLargeError: If more came than the route takes.
            BodyTooSlowError: If it takes too long.
        """
        if self.is_complete:
            return await self.receive()
        message = await self._receive_in_time()
        if message["type"] != "http.request":
            return message
        self._count(message)
        if self.received_bytes > self.limit_bytes:
            self._refuse(_too_large(self.limit_bytes, f"over {self.limit_bytes} bytes"))
        return message

    async def _receive_in_time(self) -> Message:
        passed_s = self.clock.monotonic_s() - self.started_s
        try:
            async with asyncio.timeout(self.pace.allowed_s(self.received_bytes) - passed_s):
                return await self.receive()
        except TimeoutError:
            self._refuse(
                BodyTooSlowError(
                    f"After {passed_s:.0f} s only {self.received_bytes} bytes had come.",
                    hint="Send the body faster, or try again with a better connection.",
                )
            )

    def _refuse(self, refusal: ApplianceError) -> NoReturn:
        # Kept, because a framework may turn what a read raises into an answer of its own.
        self.refusal = refusal
        raise refusal

    def _count(self, message: Message) -> None:
        self.received_bytes += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)

    async def send_to_client_unless_refused(self, message: Message) -> None:
        """Send a part of the app's answer, unless its body was refused before it began."""
        if self.refusal is not None and not self.answer_started:
            return
        await self.send_to_client(message)

    async def send_to_client(self, message: Message) -> None:
        """Send a part of an answer; an answer that left its body unread ends the connection."""
        if message["type"] == "http.response.start":
            self.answer_started = True
            self.closing = not self.is_complete and not self._is_small()
            if self.closing:
                message["headers"] = [*message.get("headers", ()), _CLOSE]
        elif self.closing and not message.get("more_body", False):
            # The whole answer is out, but for its end, which closes the connection.
            await self.send({**message, "more_body": True})
            await self._swallow()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self.send(message)

    def _is_small(self) -> bool:
        return self.declared_bytes is not None and 0 <= self.declared_bytes <= _SMALL_REST_BYTES

    async def _swallow(self) -> None:
        most_bytes = self.received_bytes + self.pace.linger_bytes
        try:
            async with asyncio.timeout(self.pace.linger_s):
                while not self.is_complete and self.received_bytes < most_bytes:
                    message = await self.receive()
                    if message["type"] != "http.request":
                        return
                    self._count(message)
        except TimeoutError:
            # The client had its time to read the answer.
            return
