"""Addresses of the live channel."""

from fastapi import APIRouter, WebSocket

from appliance.base.live.hub import LiveHub
from appliance.base.web.access import OpenAccess
from appliance.base.web.identity import Authenticator
from appliance.notices.routes.socket import HELLO_LIMIT_S, Sockets
from appliance.notices.routes.stream import add_stream


def live_router(
    hub: LiveHub,
    access: OpenAccess,
    authenticator: Authenticator,
    *,
    hello_limit_s: float = HELLO_LIMIT_S,
) -> APIRouter:
    """Return the routes of the live channel."""
    router = APIRouter(tags=["live"])
    sockets = Sockets(hub, access, authenticator, hello_limit_s)
    add_stream(router, hub)

    @router.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await sockets.talk(websocket)

    return router
