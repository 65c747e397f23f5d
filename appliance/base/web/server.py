"""A listener: serves one application on one address, started and stopped by us."""

import asyncio
import errno
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from appliance.base.errors import ConflictError, SettingError
from appliance.base.web.connections import ConnectionGate
from appliance.base.web.counted_websocket import CountedWebSocket
from appliance.base.web.protocol import DeadlineProtocol, Deadlines

_TICK_S = 1.0
_BACKLOG = 2048
_WEBSOCKET_MESSAGE_BYTES = 64 * 1024
# A client that has gone without a word is found within twice this time.
_WEBSOCKET_PING_S = 20.0


class DoorServer:
    """One listener in this event loop.

    `bind` takes the port, `run` serves until `stop` is called. Signals are left alone.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        deadlines: Deadlines | None = None,
        gate: ConnectionGate | None = None,
        tls: ssl.SSLContext | None = None,
        last_answers_s: int = 5,
    ) -> None:
        """Prepare a listener.

        Args:
            app: Behind its door: see `doors.protected`.
            host: Address of this computer to listen on.
            port: 0 takes any free one.
            deadlines: What a connection may take.
            gate: Who may connect; each listener has its own unless told otherwise.
            tls: For a listener that speaks TLS.
            last_answers_s: How long running requests may go on after `stop`.
        """
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        paces = deadlines or Deadlines()
        self._server = _OurServer(
            _config(app, paces, gate or ConnectionGate(), tls, last_answers_s),
            handshake_s=paces.head_s,
        )

    def bind(self) -> int:
        """Take the port, and return it.

        Raises:
            ConflictError: If another program has it (`code` `port_taken`).
            SettingError: If the address or port cannot be used here.
        """
        self._socket = _bound_socket(self._host, self._port)
        port: int = self._socket.getsockname()[1]
        return port

    async def run(self) -> None:
        """Serve until `stop`, then let running requests end.

        Raises:
            ConflictError: If the port was not bound before and is taken.
        """
        if self._socket is None:
            self.bind()
        if self._socket is not None:
            await self._server.serve(sockets=[self._socket])
        await self._server.finish_tasks()

    async def started(self) -> None:
        """Return once connections are taken."""
        await self._server.is_listening.wait()

    def stop(self) -> None:
        """Take no more connections, and let `run` end."""
        self._server.stop()


@asynccontextmanager
async def serving(server: DoorServer) -> AsyncIterator[int]:
    """Serve within this block; gives the port."""
    port = server.bind()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        await server.started()
        try:
            yield port
        finally:
            server.stop()


class _OurServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, handshake_s: float) -> None:
        super().__init__(config)
        self._handshake_s = handshake_s
        self.is_listening = asyncio.Event()
        self._is_stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._is_stopping.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # As uvicorn's own, but for the deadline of TLS handshakes: its 60 s would let silent
        # clients wait outside of our protocol's deadlines.
        await self.lifespan.startup()
        loop = asyncio.get_running_loop()
        make_protocol = partial(
            self.config.http_protocol_class,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=loop,
        )
        is_tls = self.config.ssl is not None
        self.servers = [
            await loop.create_server(
                make_protocol,
                sock=listener,
                ssl=self.config.ssl,
                backlog=self.config.backlog,
                ssl_handshake_timeout=self._handshake_s if is_tls else None,
            )
            for listener in sockets or ()
        ]
        self.started = True
        self.is_listening.set()

    async def main_loop(self) -> None:
        # uvicorn wakes ten times a second for this; a box that idles should idle.
        while not await self.on_tick(0):
            try:
                async with asyncio.timeout(_TICK_S):
                    await self._is_stopping.wait()
            except TimeoutError:
                continue

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the program as a whole.
        yield

    async def finish_tasks(self) -> None:
        # uvicorn cancels what takes too long, but does not wait for the cleaning up.
        tasks = set(self.server_state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=_TICK_S)


def _config(
    app: ASGIApp,
    deadlines: Deadlines,
    gate: ConnectionGate,
    tls: ssl.SSLContext | None,
    last_answers_s: int,
) -> uvicorn.Config:
    protocol = partial(DeadlineProtocol, deadlines=deadlines, gate=gate)
    web_socket = partial(CountedWebSocket, gate=gate, write_stall_s=deadlines.write_stall_s)
    return uvicorn.Config(
        app,
        # uvicorn asks for classes, but only ever calls them.
        http=cast("type[asyncio.Protocol]", protocol),
        ws=cast("type[asyncio.Protocol]", web_socket),
        # Said, because uvicorn takes a bound method for an application of the older kind.
        interface="asgi3",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Headers that a client can write never decide who it is.
        proxy_headers=False,
        forwarded_allow_ips=[],
        workers=1,
        backlog=_BACKLOG,
        timeout_keep_alive=cast("int", deadlines.idle_s),
        timeout_graceful_shutdown=last_answers_s,
        ws_max_size=_WEBSOCKET_MESSAGE_BYTES,
        ws_ping_interval=_WEBSOCKET_PING_S,
        ws_ping_timeout=_WEBSOCKET_PING_S,
        # A packer of some ten KiB for each tab, for a few short words a minute.
        ws_per_message_deflate=False,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


def _bound_socket(host: str, port: int) -> socket.socket:
    bound: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        if sys.platform != "win32":
            # Otherwise the port stays taken for a minute after a stop. On Windows the same
            # option would let two programs share the port.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        if bound is not None:
            bound.close()
        raise _explained(error, host, port) from error
    bound.setblocking(False)  # noqa: FBT003 - the only way it takes it
    return bound


def _explained(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return ConflictError(
            f"Port {port} on {host} is taken by another program.",
            code="port_taken",
            hint="Stop that program (perhaps another Nodo), or choose another port: "
            "NODO_PORT=0 takes any free one.",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return SettingError(
            f"port is {port}: this user may not listen there",
            hint="Choose a port of 1024 or more.",
        )
    return SettingError(
        f"host is {host!r}: this computer has no such address",
        hint="Use 127.0.0.1 for this computer only.",
    )
