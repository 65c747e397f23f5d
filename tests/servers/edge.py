"""A real listener for tests of the edge, and sockets that behave as badly as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from appliance.base.clock import SystemClock
from appliance.base.ids import SystemIds
from appliance.base.web.bodies import BodyPace
from appliance.base.web.connections import ConnectionGate
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import BodyLimit
from appliance.base.web.protocol import Deadlines
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.server import DoorServer, serving

# The product's deadlines divided by about thirty, so that a test waits well under a second.
SHORT = Deadlines(
    head_s=0.3, idle_s=0.3, body_grace_s=0.6, body_bytes_per_s=64 * 1024, write_stall_s=0.5
)
SHORT_PACE = BodyPace(grace_s=0.4, linger_s=0.2)
_LARGE_BYTES = 64 * 1024 * 1024


def tiny_app() -> ASGIApp:
    """Return an application that answers, reads a body, or answers very much."""

    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async def count(request: Request) -> PlainTextResponse:
        size_bytes = 0
        async for chunk in request.stream():
            size_bytes += len(chunk)
        return PlainTextResponse(str(size_bytes))

    async def large(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(b"x" * _LARGE_BYTES)

    return Starlette(
        routes=[
            Route("/hello", hello),
            Route("/count", count, methods=["POST"]),
            Route("/large", large),
            Route("/secret", hello),
        ]
    )


def behind_a_door(app: ASGIApp) -> ASGIApp:
    """Return `app` behind a local door with short deadlines and no rate limits."""
    clock = SystemClock()
    parts = DoorParts(clock=clock, ids=SystemIds(clock), counters=RateCounters(clock))
    limits = (BodyLimit("POST", "/count", 1024 * 1024),)
    policy = DoorPolicy(name="local", body_limits=limits, body_pace=SHORT_PACE, rate_rules=())
    return protected(app, policy, parts)


@asynccontextmanager
async def our_server(
    app: ASGIApp | None = None,
    *,
    deadlines: Deadlines = SHORT,
    gate: ConnectionGate | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[int]:
    """Serve `app` (or the tiny one behind a door) as Nodo does; gives the port."""
    served = behind_a_door(tiny_app()) if app is None else app
    server = DoorServer(served, host=host, port=0, deadlines=deadlines, gate=gate, last_answers_s=1)
    async with serving(server) as port:
        yield port


@asynccontextmanager
async def stock_server() -> AsyncIterator[int]:
    """Serve the tiny app by uvicorn as it comes: the negative control."""
    config = uvicorn.Config(
        tiny_app(),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        lifespan="off",
        loop="none",
        http="httptools",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


class Wire:
    """A raw connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, host: str = "127.0.0.1") -> "Wire":
        """Return a new connection."""
        return cls(*await asyncio.open_connection(host, port))

    async def send(self, data: bytes) -> None:
        """Send `data`; a connection that the server has closed takes it silently."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            return

    async def read_all(self, *, within_s: float = 5) -> bytes:
        """Return all that comes until the server closes the connection."""
        try:
            async with asyncio.timeout(within_s):
                answer = await self._reader.read()
        except ConnectionError:
            answer = b""
        self.close()
        return answer

    async def read_head(self, *, within_s: float = 5) -> bytes:
        """Return the head of the next answer."""
        async with asyncio.timeout(within_s):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def read_exactly(self, size_bytes: int) -> bytes:
        """Return so many bytes."""
        return await self._reader.readexactly(size_bytes)

    async def is_closed_by_server(self, *, within_s: float) -> bool:
        """Return whether the server closes the connection in time, whatever it sends before."""
        try:
            await self.read_all(within_s=within_s)
        except TimeoutError:
            return False
        return True

    def is_broken(self) -> bool:
        """Return whether the server has closed its side."""
        return self._reader.at_eof() or self._writer.transport.is_closing()

    def close(self) -> None:
        """Close at once."""
        self._writer.transport.abort()


async def pace(seconds: float) -> None:
    """Let so much time pass: a slow client is slow in real time."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        return


async def ask(port: int, path: str = "/hello", host: str = "127.0.0.1") -> bytes:
    """Return the whole answer to an honest request."""
    wire = await Wire.open(port, host)
    await wire.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = await wire.read_all()
    wire.close()
    return answer


def resident_bytes() -> int:
    """Return how much memory this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
