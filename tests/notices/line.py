"""A live channel behind a real door, and clients of it that a test makes behave as it likes."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from appliance.base.clock import SystemClock
from appliance.base.events import Events
from appliance.base.live.hub import HubLimits, LiveHub
from appliance.base.live.model import Audience, LiveEvent
from appliance.base.web.access import OpenAccess
from appliance.base.web.identity import Authenticator
from appliance.base.web.problems import install_problem_handlers
from appliance.base.web.protocol import Deadlines
from appliance.notices.routes.router import live_router
from tests.fakes.signing_in import KnownSignIns
from tests.servers.edge import SHORT, behind_a_door, our_server


@dataclass
class Line:
    """One live channel, and where it answers."""

    authenticator: Authenticator
    limits: HubLimits = field(default_factory=HubLimits)
    events: Events = field(default_factory=Events)
    port: int = 0
    hello_limit_s: float = 5.0
    deadlines: Deadlines = SHORT

    def __post_init__(self) -> None:
        self.hub = LiveHub(self.events, SystemClock(), self.limits)
        self.access = OpenAccess(self.events, KnownSignIns())

    def tell(self, audience: Audience, number: int, **more: object) -> None:
        """Publish one piece of news."""
        self.events.publish(LiveEvent(audience, "count", {"number": number, **more}))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Line"]:
        """Serve it."""
        app = FastAPI()
        install_problem_handlers(app)
        app.state.authenticator = self.authenticator
        app.state.open_access = self.access
        app.include_router(
            live_router(self.hub, self.access, self.authenticator, hello_limit_s=self.hello_limit_s)
        )
        async with our_server(behind_a_door(app), deadlines=self.deadlines) as self.port:
            yield self
            self.hub.stop()

    def socket(self, **options: Any) -> connect:
        """Return a WebSocket that is not open yet."""
        return connect(f"ws://127.0.0.1:{self.port}/ws", **options)

    @asynccontextmanager
    async def tab(self, token: str, **hello: object) -> AsyncIterator["Tab"]:
        """Give a WebSocket that has said hello."""
        async with self.socket() as connection:
            tab = Tab(connection)
            await tab.say({"type": "hello", "access_token": token, **hello})
            yield tab

    def client(self) -> httpx.AsyncClient:
        """Return a program."""
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=5)


@dataclass
class Tab:
    """A WebSocket, as a page uses it."""

    connection: ClientConnection

    async def say(self, word: Mapping[str, object]) -> None:
        """Say something."""
        await self.connection.send(json.dumps(word))

    async def next(self) -> dict[str, Any]:
        """Return what comes next."""
        heard: dict[str, Any] = json.loads(await self.connection.recv())
        return heard

    async def close_code(self) -> int:
        """Return the code by which the box ends it, whatever comes before."""
        try:
            while True:
                await self.connection.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
