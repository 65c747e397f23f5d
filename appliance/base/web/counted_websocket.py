"""A WebSocket that the gate knows of: uvicorn's own, cut off where it would wait for ever."""

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from appliance.base.web.connections import ConnectionGate

if TYPE_CHECKING:
    from asyncio.events import TimerHandle


class CountedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which tells the gate when it ends, and does end.

    uvicorn closes by waiting until the client has read everything; one that reads nothing would
    keep its connection.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        gate: ConnectionGate,
        write_stall_s: float,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._gate = gate
        self._write_stall_s = write_stall_s
        self._stall_timer: TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._disarm()
        self._gate.release(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the client a while to read what waits for it."""
        super().pause_writing()
        self._disarm()
        self._stall_timer = self.loop.call_later(self._write_stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        self._disarm()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        """Cut off a client that does not answer pings, whatever is still on its way there."""
        super().keepalive_timeout()
        self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # A refusal is an answer too: uvicorn would log it as an application that gave none.
            self.handshake_complete = True

    async def run_asgi(self) -> None:
        """Run the application; a client that leaves too much unread hears nothing after it."""
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()

    def _disarm(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
