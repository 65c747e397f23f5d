"""Requests per CPU-second through a whole door, against bare Starlette in the same run.

Run: python -m benchmarks.edge_requests [--requests 4000]
Both servers run in this process, one after the other, and are asked by child processes over
loopback, so that the CPU time of this process is the server's alone. The log is on, as in
production: /light leaves a line in a file for each request, /health none.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from appliance.base.clock import SystemClock
from appliance.base.ids import SystemIds
from appliance.base.logs import LogPlan, start_logs
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import DEFAULT_RATE_RULES, RateRule
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.server import DoorServer, serving

_CONNECTIONS = 8
_ROUNDS = 3
_CLIENT = """
import asyncio, sys
async def ask(port, path, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nAccept: */*\\r\\n\\r\\n".encode()
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\\r\\n")[0])
        await reader.readexactly(length)
    writer.close()
async def main(port, path, connections, count):
    await asyncio.gather(*(ask(port, path, count) for _ in range(connections)))
asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


@dataclass(frozen=True)
class Speed:
    """What one server did.

    Attributes:
        per_cpu_second: Requests per second of CPU time.
        cpu_us: CPU time of one request in microseconds.
    """

    per_cpu_second: float
    cpu_us: float


def main() -> None:
    """Print a table: each path bare and behind a door, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=4000)
    count: int = parser.parse_args().requests
    with TemporaryDirectory() as folder:
        logs = start_logs(LogPlan(file=Path(folder) / "nodo.log"), console=None)
        try:
            _print_table(count)
        finally:
            logs.close()


def _print_table(count: int) -> None:
    for path in ("/health", "/light"):
        bare = _best(_app, path, count)
        behind = _best(_behind_a_door, path, count)
        sys.stdout.write(
            f"{path:8} bare {bare.per_cpu_second:8.0f}/CPU-s ({bare.cpu_us:4.0f} µs)"
            f"   door {behind.per_cpu_second:8.0f}/CPU-s ({behind.cpu_us:4.0f} µs)"
            f"   ratio {behind.per_cpu_second / bare.per_cpu_second:.2f}\n"
        )


def _best(make: Callable[[], ASGIApp], path: str, count: int) -> Speed:
    # The best of a few rounds: the machine's other work only ever makes it worse.
    rounds = [asyncio.run(_measured(make(), path, count)) for _ in range(_ROUNDS)]
    return max(rounds, key=lambda speed: speed.per_cpu_second)


async def _measured(app: ASGIApp, path: str, count: int) -> Speed:
    async with serving(DoorServer(app, host="127.0.0.1", port=0, last_answers_s=1)) as port:
        await _ask(port, path, 25)
        before_s = time.process_time()
        await _ask(port, path, count // _CONNECTIONS)
        cpu_s = time.process_time() - before_s
    asked = count // _CONNECTIONS * _CONNECTIONS
    return Speed(asked / cpu_s, cpu_s / asked * 1e6)


async def _ask(port: int, path: str, per_connection: int) -> None:
    arguments = ("-c", _CLIENT, str(port), path, str(_CONNECTIONS), str(per_connection))
    client = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    if await client.wait():
        raise SystemExit("the client failed")


def _app() -> ASGIApp:
    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "version": "1", "checks": []})

    async def light(request: Request) -> JSONResponse:
        return JSONResponse({"items": [request.url.path] * 20, "next_cursor": None})

    return Starlette(routes=[Route("/health", health), Route("/light", light)])


def _behind_a_door() -> ASGIApp:
    clock = SystemClock()
    parts = DoorParts(clock=clock, ids=SystemIds(clock), counters=RateCounters(clock))
    # So many that the rule counts every request and refuses none.
    policy = DoorPolicy(name="local", rate_rules=_uncapped_rules())
    return protected(_app(), policy, parts)


def _uncapped_rules() -> tuple[RateRule, ...]:
    return tuple(replace(rule, count=10**9) if rule.count else rule for rule in DEFAULT_RATE_RULES)


if __name__ == "__main__":
    main()
