"""A WebSocket that the gate knows of: uvicorn's own, which tells when it ends."""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from appliance.base.web.connections import ConnectionGate


class CountedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which tells the gate when it ends."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        gate: ConnectionGate,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._gate = gate

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._gate.release(self.transport)
        super().connection_lost(exc)
