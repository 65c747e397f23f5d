"""Tabs that stop reading: they lose their place, and the box nothing."""

import asyncio
import base64
import json
import os
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from appliance.base.live.hub import HubLimits
from appliance.base.live.model import ToUser
from appliance.base.web.protocol import Deadlines
from tests.fakes.signing_in import person, signed_in_by_token
from tests.notices.line import Line, Tab
from tests.servers.edge import resident_bytes
from tests.waiting import until

PEOPLE = signed_in_by_token(person("ana"), person("ben", session_id="session-2"))
_WORDS = "x" * 6000
_SILENT = 5
_NEWS = 5_000


def text_frame(text: str) -> bytes:
    """Return a masked text frame (RFC 6455 5.2) of under 126 bytes."""
    data, mask = text.encode(), os.urandom(4)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    return bytes([0x81, 0x80 | len(data)]) + mask + masked


async def silent_tab(port: int) -> socket.socket:
    """Return a socket that said hello, was welcomed, and reads nothing more."""
    loop = asyncio.get_running_loop()
    wire = socket.socket()
    wire.setblocking(False)
    # As little as the kernel allows, so that the box notices early.
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await loop.sock_connect(wire, ("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    hello = json.dumps({"type": "hello", "access_token": "ana"})
    await loop.sock_sendall(wire, head.encode())
    await loop.sock_recv(wire, 1024)
    await loop.sock_sendall(wire, text_frame(hello))
    return wire


@contextmanager
def counted_memory() -> Iterator[None]:
    """Count what Python itself holds: the process may reuse what earlier tests gave back."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


async def growth_bytes(line: Line, silent: list[socket.socket], reading: Tab) -> int:
    """Return how much memory it costs to tell very much to tabs of which one reads."""
    await reading.next()
    silent += [await silent_tab(line.port) for _ in range(_SILENT)]
    await until(lambda: line.hub.listener_count() == _SILENT + 1)
    with counted_memory():
        for number in range(_NEWS):
            line.tell(ToUser("ana"), number, words=f"{number} {_WORDS}")
            assert (await reading.next())["data"]["number"] == number
        held_bytes, _most_bytes = tracemalloc.get_traced_memory()
    return held_bytes


async def is_cut_off(wire: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(5):
            while await loop.sock_recv(wire, 65536):
                continue
    except ConnectionResetError:
        return True
    finally:
        wire.close()
    return True


async def test_tabs_that_read_nothing_are_cut_off_and_cost_no_memory() -> None:
    silent: list[socket.socket] = []
    async with Line(PEOPLE, deadlines=Deadlines()).running() as line, line.tab("ana") as reading:
        grown_bytes = await growth_bytes(line, silent, reading)

        # What is kept for those who come back is half a MB.
        assert grown_bytes < 10 * 1024 * 1024, grown_bytes
        assert line.hub.listener_count() == 1
        await until(lambda: line.access.held_count() == 1)
        assert [await is_cut_off(wire) for wire in silent] == [True] * _SILENT


async def test_without_a_bound_they_would_keep_all_of_it() -> None:
    silent: list[socket.socket] = []
    # However long this machine takes for it, nothing else cuts them off.
    patient = Deadlines(write_stall_s=3600)
    line = Line(PEOPLE, HubLimits(unread=1_000_000), deadlines=patient)
    async with line.running(), line.tab("ana") as reading:
        grown_bytes = await growth_bytes(line, silent, reading)

        assert grown_bytes > 20 * 1024 * 1024, grown_bytes
        assert line.hub.listener_count() == _SILENT + 1
    for wire in silent:
        wire.close()


async def test_a_stream_that_is_not_read_loses_its_place() -> None:
    async with Line(PEOPLE).running() as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port, limit=1024)
        writer.write(b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ben\r\n\r\n")
        await reader.readuntil(b"event: welcome")
        before_bytes = resident_bytes()

        for number in range(7_000):
            line.tell(ToUser("ben"), number, words=_WORDS)
            if number % 100 == 0:
                await asyncio.sleep(0)

        # Half a second in this test's edge, a minute in the product (`Deadlines.write_stall_s`).
        await until(lambda: line.hub.listener_count() == 0)
        assert resident_bytes() - before_bytes < 12 * 1024 * 1024
        writer.transport.abort()
