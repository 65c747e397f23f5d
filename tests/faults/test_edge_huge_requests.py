"""Requests that are too large in any way cost no memory and get an answer (F18)."""

import asyncio

import pytest

from tests.servers.edge import Wire, ask, our_server, resident_bytes, stock_server

_MEBIBYTE = 1024 * 1024
_HEAD = b"POST /count HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def _pour(wire: Wire, chunk: bytes, most_bytes: int) -> tuple[int, bool]:
    """Send until the server closes or `most_bytes` are out; return memory and whether it closed."""
    largest = resident_bytes()
    sent = 0
    while sent < most_bytes and not wire.is_broken():
        await wire.send(chunk)
        sent += len(chunk)
        largest = max(largest, resident_bytes())
    broken = wire.is_broken()
    wire.close()
    return largest, broken


async def test_300_megabytes_declared_are_refused_unread_and_without_memory() -> None:
    async with our_server() as port:
        await ask(port)
        before = resident_bytes()
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Content-Length: 300000000\r\n\r\n")
        answer = await wire.read_head()
        largest, _ = await _pour(wire, b"a" * 65536, 300_000_000)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert largest - before < 32 * _MEBIBYTE


async def test_a_client_that_sends_all_before_it_reads_gets_its_413() -> None:
    size_bytes = 8 * _MEBIBYTE
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Content-Length: %d\r\n\r\n" % size_bytes)
        await wire.send(b"a" * size_bytes)
        answer = await wire.read_all()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"}")


async def test_an_endless_chunked_body_is_refused_at_the_limit_and_without_memory() -> None:
    async with our_server() as port:
        before = resident_bytes()
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        largest, broken = await _pour(wire, b"10000\r\n" + b"a" * 65536 + b"\r\n", 300_000_000)

    assert broken
    assert largest - before < 32 * _MEBIBYTE


async def test_uvicorn_as_it_comes_would_read_on_and_on() -> None:
    async with stock_server() as port:
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        _, broken = await _pour(wire, b"10000\r\n" + b"a" * 65536 + b"\r\n", 20 * _MEBIBYTE)

    assert not broken


@pytest.mark.parametrize(
    "flood", [b"X-A: " + b"a" * 60_000 + b"\r\n", b"X: y\r\n" * 10_000, b"a" * 60_000]
)
async def test_endless_headers_are_refused_without_memory(flood: bytes) -> None:
    async with our_server() as port:
        before = resident_bytes()
        wire = await Wire.open(port)
        await wire.send(b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        largest, broken = await _pour(wire, flood, 100_000_000)

    assert broken
    assert largest - before < 32 * _MEBIBYTE


async def test_headers_over_the_limit_are_told_so() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        await wire.send(b"a" * 66_000)
        answer = await wire.read_all()

    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "flood",
    [
        b"0\r\n" + b"X-A: b\r\n" * 10_000,
        b"1;" + b"e" * 60_000 + b"\r\na\r\n",
    ],
)
async def test_endless_trailers_and_chunk_extensions_are_cut(flood: bytes) -> None:
    async with our_server() as port:
        before = resident_bytes()
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        first, _, rest = flood.partition(b"\r\n")
        await wire.send(first + b"\r\n")
        largest, broken = await _pour(wire, rest if first == b"0" else flood, 100_000_000)

    assert broken
    assert largest - before < 32 * _MEBIBYTE


async def test_an_endless_body_for_a_route_that_takes_none_is_cut() -> None:
    async with our_server() as port:
        before = resident_bytes()
        wire = await Wire.open(port)
        await wire.send(b"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        await wire.send(b"Transfer-Encoding: chunked\r\n\r\n")
        largest, broken = await _pour(wire, b"10000\r\n" + b"a" * 65536 + b"\r\n", 300_000_000)

    assert broken
    assert largest - before < 32 * _MEBIBYTE


async def test_small_chunks_are_honest() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        await wire.send(b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n")
        answer = await wire.read_all()

    assert answer.endswith(b"100000")


async def test_a_hundred_refused_bodies_at_once_do_not_disturb_an_honest_client() -> None:
    async with our_server() as port:
        wires = await asyncio.gather(*(Wire.open(port) for _ in range(100)))
        for wire in wires:
            await wire.send(_HEAD + b"Content-Length: 300000000\r\n\r\n" + b"a" * 65536)
        async with asyncio.timeout(3):
            answer = await ask(port)
        for wire in wires:
            wire.close()

    assert answer.endswith(b"hello")


async def test_a_client_that_asks_before_it_sends_is_refused_without_a_byte() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(_HEAD + b"Content-Length: 300000000\r\nExpect: 100-continue\r\n\r\n")
        answer = await wire.read_all()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


async def test_a_client_that_asks_before_it_sends_a_body_of_good_size_is_told_to_go_on() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(
            _HEAD + b"Connection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        told = await wire.read_head()
        await wire.send(b"abc")
        answer = await wire.read_all()

    assert told.startswith(b"HTTP/1.1 100 ")
    assert answer.endswith(b"\r\n\r\n3")
