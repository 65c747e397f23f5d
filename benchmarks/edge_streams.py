"""Memory of idle event streams, and how fast an event reaches all of them.

Run: python -m benchmarks.edge_streams [--streams 1000]
The server runs in this process behind a whole door; a child process holds the streams open.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.clock import SystemClock
from appliance.base.ids import SystemIds
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.server import DoorServer, serving
from appliance.base.web.streaming import EventStream, ServerEvent

_EVENTS = 5
_PAUSE_S = 0.05
_CLIENT = """
import asyncio, sys
async def read(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /events HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n".encode())
    while await reader.read(65536):
        pass
    writer.close()
async def main(port, count):
    await asyncio.gather(*(read(port) for _ in range(count)))
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""


class _Broadcast:
    """Hands the same events to every stream."""

    def __init__(self) -> None:
        self.listening = 0
        self.delivered = 0
        self.number = 0
        self._changed = asyncio.Event()

    async def events(self) -> AsyncIterator[ServerEvent]:
        """Yield each event as it is published, and count it once the next one is asked for."""
        self.listening += 1
        while self.number < _EVENTS:
            await self._changed.wait()
            yield ServerEvent(self.number, "token", {"text": "x" * 20})
            self.delivered += 1

    def publish(self) -> None:
        """Wake all streams with a further event."""
        self.number += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every request with the stream."""
        await EventStream(self.events())(scope, receive, send)


def main() -> None:
    """Print memory per idle stream and the cost of an event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    asyncio.run(_measure(parser.parse_args().streams))


async def _measure(streams: int) -> None:
    broadcast = _Broadcast()
    server = DoorServer(_behind_a_door(broadcast.app), host="127.0.0.1", port=0, last_answers_s=1)
    async with serving(server) as port:
        before_bytes = _resident_bytes()
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLIENT, str(port), str(streams)
        )
        while broadcast.listening < streams:  # noqa: ASYNC110 - measured from outside
            await asyncio.sleep(_PAUSE_S)
        per_stream_kib = (_resident_bytes() - before_bytes) / streams / 1024
        cpu_s, slowest_s = time.process_time(), 0.0
        for number in range(1, _EVENTS + 1):
            began_s = time.monotonic()
            broadcast.publish()
            while broadcast.delivered < number * streams:  # noqa: ASYNC110
                await asyncio.sleep(0)
            slowest_s = max(slowest_s, time.monotonic() - began_s)
        cpu_s = time.process_time() - cpu_s
        await client.wait()
    sys.stdout.write(
        f"{streams} idle streams: {per_stream_kib:.1f} KiB each; "
        f"{streams * _EVENTS / cpu_s:.0f} events/CPU-s; "
        f"slowest event to all: {slowest_s * 1000:.0f} ms\n"
    )


def _behind_a_door(app: ASGIApp) -> ASGIApp:
    clock = SystemClock()
    parts = DoorParts(clock=clock, ids=SystemIds(clock), counters=RateCounters(clock))
    return protected(app, DoorPolicy(name="local", rate_rules=()), parts)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
