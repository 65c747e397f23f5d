"""One HTTP connection: what takes too long, or is too much, ends it.

uvicorn waits for headers and bodies without end and keeps whatever comes in as headers. This
protocol adds the deadlines and sizes; whatever it ends this way, an honest client never does.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from appliance.base.web.connections import ConnectionGate

if TYPE_CHECKING:
    from asyncio.events import TimerHandle

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deadlines:
    """How long a client may take, and how much it may send beside its body.

    Attributes:
        head_s: From connecting, or the first byte of a further request, to the end of its headers.
        idle_s: Between two requests of one connection.
        body_grace_s: Every body has so many seconds. It is a little more than the body layer
            gives, which answers with a problem before the connection is cut here.
        body_bytes_per_s: And one second more for each so many bytes that have come.
        write_stall_s: So long a client may leave unread what waits for it.
        head_bytes: Most bytes of request line and headers.
        framing_bytes: Most bytes of a body's framing (chunk extensions, trailers) and of a body
            that nobody reads any more, beyond what small chunks need.
    """

    head_s: float = 10.0
    idle_s: float = 10.0
    body_grace_s: float = 35.0
    body_bytes_per_s: int = 64 * 1024
    write_stall_s: float = 60.0
    head_bytes: int = 64 * 1024
    framing_bytes: int = 128 * 1024


# "1", two line ends and the byte itself: the longest honest way to send one byte.
_LONGEST_FRAMING = 8


class DeadlineProtocol(HttpToolsProtocol):
    """uvicorn's protocol with deadlines, sizes and a gate."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        deadlines: Deadlines,
        gate: ConnectionGate,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deadlines = deadlines
        self._gate = gate
        self._timer: TimerHandle | None = None
        self._write_timer: TimerHandle | None = None
        self._in_head = True
        self._in_body = False
        self._is_handed_over = False
        self._head_bytes = 0
        self._raw_bytes = 0
        self._body_bytes = 0
        self._body_started_s = 0.0

    # From the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        if not self._gate.admits(transport, host):
            log.info("connection refused: too many", extra={"client": host})
            transport.abort()
            return
        self._arm(self._deadlines.head_s, self._cut)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._disarm()
        self._disarm_writing()
        self._unset_keepalive_if_required()
        self._gate.release(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, within the sizes."""
        self._head_bytes += len(data)
        self._raw_bytes += len(data)
        super().data_received(data)
        if self._is_handed_over or self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > self._deadlines.head_bytes:
            self._refuse_head()
        elif self._in_body and self._framing_is_too_long():
            self._cut()
        elif self._timer is None:
            self._arm_for_the_rest()

    def pause_writing(self) -> None:
        """Give the client a while to read what waits for it."""
        super().pause_writing()
        self._arm_writing()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        self._disarm_writing()
        super().resume_writing()
        if not self._is_answering():
            self._arm_writing()

    # From the parser

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers after a body are dropped, for nothing has checked them."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over to the application."""
        self._in_head = False
        self._take_host_from_absolute_target()
        self._gate.note_busy(self.transport)
        self._begin_body()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body, for as long as somebody may read it."""
        if self._is_answering():
            self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the body's clock."""
        self._in_body = False
        self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        # Also when the connection is to be closed: closing waits for what is unread.
        self._arm_writing()
        if not self.transport.is_closing() and not self._is_answering():
            self._gate.note_idle(self.transport)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; from here on pings watch over it."""
        self._disarm()
        self._is_handed_over = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's text
        """Answer what is no HTTP, and close."""
        self._disarm()
        self._answer_and_close(400, "bad_request", "This is not a valid HTTP request.")

    # Our own

    def _is_answering(self) -> bool:
        # uvicorn's `cycle` is None until the first request, though its annotation says otherwise.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _begin_body(self) -> None:
        self._in_body = True
        self._raw_bytes = 0
        self._body_bytes = 0
        self._body_started_s = self.loop.time()
        self._disarm()

    def _arm_for_the_rest(self) -> None:
        """Start the clock for what has not come yet; most requests come whole and need none."""
        if self._in_body:
            self._arm(self._deadlines.body_grace_s, self._check_body)
        elif self._in_head or not self._is_answering():
            # Empty lines between two requests count as the beginning of the second.
            self._arm(self._deadlines.head_s, self._cut)

    def _check_body(self) -> None:
        """Cut the connection if its body is too slow; else look again when it could be."""
        self._timer = None
        now_s = self.loop.time()
        if self.flow.read_paused:
            # It waits for us: the client's time begins anew.
            self._body_started_s = now_s
            self._body_bytes = 0
        allowed_s = (
            self._deadlines.body_grace_s + self._body_bytes / self._deadlines.body_bytes_per_s
        )
        left_s = self._body_started_s + allowed_s - now_s
        if left_s <= 0:
            self._cut()
        else:
            self._arm(left_s, self._check_body)

    def _framing_is_too_long(self) -> bool:
        framing_bytes = self._raw_bytes - self._body_bytes * _LONGEST_FRAMING
        return framing_bytes > self._deadlines.framing_bytes

    def _take_host_from_absolute_target(self) -> None:
        # RFC 9112 3.2.2: with `GET http://name/path` the name counts, and Host is ignored.
        if self.url[:1] in {b"/", b"*", b""}:
            return
        _, _, rest = self.url.partition(b"://")
        authority = rest.partition(b"/")[0].partition(b"?")[0].partition(b"#")[0]
        others = [(name, value) for name, value in self.headers if name != b"host"]
        # In place: the request's scope holds this very list.
        self.headers[:] = [(b"host", authority), *others]

    def _refuse_head(self) -> None:
        self._disarm()
        self._answer_and_close(
            431,
            "headers_too_large",
            f"The headers have more than {self._deadlines.head_bytes} bytes.",
        )

    def _answer_and_close(self, status: int, code: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        if self._is_answering():
            # Another answer is on its way; a second one in its middle would be nonsense.
            self._cut()
            return
        body = json.dumps(
            {
                "type": f"urn:nodo:problem:{code}",
                "title": code.replace("_", " ").capitalize(),
                "status": status,
                "code": code,
                "detail": detail,
                "hint": "",
                "request_id": "",
            }
        ).encode()
        head = (
            f"HTTP/1.1 {status} \r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    def _cut(self) -> None:
        # Even if it is closing already, which would wait for a client that reads no more.
        self.transport.abort()

    def _arm(self, after_s: float, action: Callable[[], None]) -> None:
        self._timer = self.loop.call_later(after_s, action)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm_writing(self) -> None:
        if self._write_timer is None and self.transport.get_write_buffer_size():
            self._write_timer = self.loop.call_later(
                self._deadlines.write_stall_s, self._cut_unread
            )

    def _cut_unread(self) -> None:
        self._write_timer = None
        if self.transport.get_write_buffer_size():
            self._cut()

    def _disarm_writing(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
