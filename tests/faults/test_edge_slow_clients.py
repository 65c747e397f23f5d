"""Clients that stall or dawdle are let go; honest ones are served meanwhile (F17)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from appliance.base.web.connections import ConnectionGate
from appliance.base.web.protocol import Deadlines
from appliance.base.web.streaming import EventStream, ServerEvent
from tests.servers.edge import SHORT, Wire, ask, our_server, pace, stock_server
from tests.waiting import until

_HALF_A_HEAD = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
_HALF_A_BODY = b"POST /count HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nabc"
_SLOW_KINDS = [b"", b"G", _HALF_A_HEAD, _HALF_A_BODY, b"\r\n"]


@pytest.mark.parametrize("start", _SLOW_KINDS)
async def test_a_client_that_stalls_is_let_go(start: bytes) -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(start)

        assert await wire.is_closed_by_server(within_s=3)


@pytest.mark.parametrize("start", [b"", _HALF_A_HEAD, _HALF_A_BODY])
async def test_uvicorn_as_it_comes_would_wait_on(start: bytes) -> None:
    async with stock_server() as port:
        wire = await Wire.open(port)
        await wire.send(start)

        assert not await wire.is_closed_by_server(within_s=1)
        wire.close()


async def _trickle(wire: Wire, data: bytes) -> None:
    for _ in range(200):
        await wire.send(data)
        await pace(0.05)


@pytest.mark.parametrize(
    ("start", "drop"),
    [(_HALF_A_HEAD, b"a"), (_HALF_A_BODY, b"a"), (b"", b"\r\n")],
)
async def test_trickling_bytes_does_not_buy_time(start: bytes, drop: bytes) -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(start)
        async with asyncio.TaskGroup() as group:
            trickling = group.create_task(_trickle(wire, drop))
            closed = await wire.is_closed_by_server(within_s=3)
            trickling.cancel()

        assert closed


async def test_a_slow_body_is_answered_before_it_is_cut() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(_HALF_A_BODY)
        answer = await wire.read_all()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code": "body_too_slow"' in answer


async def test_a_steady_body_may_take_longer_than_the_grace() -> None:
    # 40 KiB every 50 ms are far above 64 KiB/s: each part earns more time than it takes.
    parts, size_bytes = 20, 40 * 1024
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(
            b"POST /count HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % (parts * size_bytes)
        )
        for _ in range(parts):
            await wire.send(b"x" * size_bytes)
            await pace(0.05)
        answer = await wire.read_all()

    assert answer.endswith(str(parts * size_bytes).encode())


async def test_a_kept_connection_serves_many_requests_and_is_closed_when_it_idles() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        for _ in range(3):
            await wire.send(b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            head = await wire.read_head()
            assert head.startswith(b"HTTP/1.1 200 ")
            assert await wire.read_exactly(5) == b"hello"

        assert await wire.is_closed_by_server(within_s=3)


async def test_three_hundred_silent_sockets_do_not_keep_an_honest_client_waiting() -> None:
    async with our_server() as port:
        silent = await asyncio.gather(*(Wire.open(port) for _ in range(300)))
        async with asyncio.timeout(2):
            answer = await ask(port)
        closed = await asyncio.gather(*(wire.is_closed_by_server(within_s=5) for wire in silent))

    assert answer.endswith(b"hello")
    assert closed == [True] * 300


async def test_when_all_connections_are_taken_the_silent_make_room() -> None:
    gate = ConnectionGate(in_all=20)
    async with our_server(deadlines=Deadlines(), gate=gate) as port:
        silent = await asyncio.gather(*(Wire.open(port) for _ in range(30)))
        answer = await ask(port)
        for wire in silent:
            wire.close()
        await until(lambda: gate.open_count() == 0)

    assert answer.endswith(b"hello")


async def test_a_client_that_does_not_read_its_answer_is_let_go() -> None:
    gate = ConnectionGate()
    async with our_server(gate=gate) as port:
        wire = await Wire.open(port)
        await wire.send(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await until(lambda: gate.open_count() == 1)

        await until(lambda: gate.open_count() == 0, within_s=5)
        wire.close()


class _Endless:
    """Events without end, as fast as they are taken."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = False

    async def events(self) -> AsyncIterator[ServerEvent]:
        try:
            while True:
                self.made += 1
                yield ServerEvent(self.made, "token", {"text": "x" * 1000})
                await asyncio.sleep(0)
        finally:
            self.closed = True

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await EventStream(self.events())(scope, receive, send)


async def test_a_reader_that_stops_reading_a_stream_stops_its_source_and_then_loses_it() -> None:
    source = _Endless()
    async with our_server(source.app) as port:
        wire = await Wire.open(port)
        await wire.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await until(lambda: source.made > 10)
        await until(lambda: source.closed, within_s=5)
        wire.close()

    # What fits into the sockets' buffers, and no more: some megabytes.
    assert source.made < 20_000


async def test_a_reader_that_hangs_up_ends_the_stream_at_once() -> None:
    source = _Endless()
    async with our_server(source.app, deadlines=Deadlines()) as port:
        wire = await Wire.open(port)
        await wire.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await wire.read_head()
        wire.close()

        await until(lambda: source.closed, within_s=2)


async def test_a_server_that_stops_closes_the_streams() -> None:
    source = _Endless()
    async with our_server(source.app, deadlines=Deadlines()) as port:
        wire = await Wire.open(port)
        await wire.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await wire.read_head()

    assert source.closed
    wire.close()


def test_the_products_deadlines_are_the_promised_ones() -> None:
    assert Deadlines() == Deadlines(
        head_s=10,
        idle_s=10,
        body_grace_s=35,
        body_bytes_per_s=65536,
        write_stall_s=60,
        head_bytes=65536,
        framing_bytes=131072,
    )
    assert SHORT.head_s < Deadlines().head_s
