"""What open tabs cost: memory of their lines, and light requests beside them while answers are written.

    python -m benchmarks.live_lines [--tabs 50] [--requests 300]

Starts a real Nodo on an empty folder. Rounds with and without open tabs take turns, so that a
busy machine slows both; ratios count.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers.nodo import OWNER, Nodo, running_nodo

_WRITERS = 4
_ROUNDS = 3
Headers = dict[str, str]


def people(nodo: Nodo) -> list[Headers]:
    """Return the headers of the owner and three others."""
    with httpx.Client(timeout=30) as client:
        found = [nodo.set_up(client)]
        for number in range(1, _WRITERS):
            email = f"person{number}@taller.example"
            new = {"email": email, "name": "Ana", "role": "worker", "language": "es"}
            made = client.post(f"{nodo.url}/admin/users", json=new, headers=found[0]).json()
            body = {"code": made["code"], "password": OWNER["password"]}
            joined = client.post(f"{nodo.url}/auth/join", json=body).json()
            found.append({"Authorization": f"Bearer {joined['access_token']}"})
        return found


async def _read(line: ClientConnection) -> int:
    heard = 0
    with contextlib.suppress(ConnectionClosed):
        async for _told in line:
            heard += 1
    return heard


async def _keep_open(address: str, tokens: list[str], said: Connection) -> None:
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        readers: list[asyncio.Task[int]] = []
        lines: list[ClientConnection] = []
        for token in tokens:
            line = await stack.enter_async_context(connect(address, compression=None))
            await line.send(json.dumps({"type": "hello", "access_token": token}))
            await line.recv()
            lines.append(line)
            readers.append(group.create_task(_read(line)))
        said.send(None)
        await asyncio.to_thread(said.recv)
        for line in lines:
            await line.close()
        said.send(sum([await reader for reader in readers]))


def _tabs(address: str, tokens: list[str], said: Connection) -> None:
    asyncio.run(_keep_open(address, tokens, said))


@contextlib.contextmanager
def open_tabs(nodo: Nodo, owners: list[Headers], count: int) -> Iterator[Connection]:
    """Keep tabs open in a process of their own, so that their reading slows no request here.

    Gives a connection: whatever is sent closes the tabs; then the number of news comes.
    """
    address = f"{nodo.url.replace('http', 'ws')}/ws"
    tokens = [owners[n % len(owners)]["Authorization"].partition(" ")[2] for n in range(count)]
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_tabs, args=(address, tokens, there))
    process.start()
    here.recv()
    yield here
    process.join()


async def light_requests(nodo: Nodo, owners: list[Headers], count: int) -> list[float]:
    """Return the seconds of light requests while each person's answer is written."""
    times: list[float] = []
    stopped = asyncio.Event()
    question = {"message": "¿Qué puede hacer Nodo?", "options": {"max_tokens": 400}}

    async def write_on(client: httpx.AsyncClient, headers: Headers) -> None:
        while not stopped.is_set():
            async with client.stream(
                "POST", f"{nodo.url}/chat", json=question, headers=headers
            ) as answer:
                async for _line in answer.aiter_lines():
                    pass

    async with httpx.AsyncClient(timeout=120) as client, asyncio.TaskGroup() as group:
        for headers in owners:
            group.create_task(write_on(client, headers))
        for _ in range(count):
            started_s = time.monotonic()
            (await client.get(f"{nodo.url}/auth/me", headers=owners[0])).raise_for_status()
            times.append(time.monotonic() - started_s)
            await asyncio.sleep(0.01)
        stopped.set()
    return times


def ms_at(times: list[float], share: float) -> float:
    """Return the milliseconds below which this share of the times lies."""
    return 1000 * sorted(times)[int(len(times) * share)]


async def measured(nodo: Nodo, owners: list[Headers], tabs: int, requests: int) -> None:
    """Print a line per figure."""
    process = psutil.Process(nodo.pid)
    await light_requests(nodo, owners, 20)
    alone: list[float] = []
    beside: list[float] = []
    before_bytes = process.memory_info().rss
    for _ in range(_ROUNDS):
        alone += await light_requests(nodo, owners, requests)
        empty_bytes = process.memory_info().rss
        with open_tabs(nodo, owners, tabs) as line:
            full_bytes = process.memory_info().rss
            idle_s, since_s = sum(process.cpu_times()[:2]), time.monotonic()
            await asyncio.sleep(5)
            idle_share = (sum(process.cpu_times()[:2]) - idle_s) / (time.monotonic() - since_s)
            beside += await light_requests(nodo, owners, requests)
            line.send(None)
            heard = line.recv()
        grown_kib = (full_bytes - empty_bytes) / tabs / 1024
        print(
            f"{tabs} tabs: {grown_kib:.0f} KiB each, {100 * idle_share:.1f} % of a processor "
            f"while nothing happens; {heard} news heard beside {_WRITERS} writing answers"
        )
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        ratio = ms_at(beside, share) / ms_at(alone, share)
        print(
            f"GET /auth/me beside {_WRITERS} answers, {name}: {ms_at(alone, share):.1f} ms alone, "
            f"{ms_at(beside, share):.1f} ms with {tabs} tabs ({ratio:.2f})"
        )
    after_bytes = process.memory_info().rss
    print(f"web process: {before_bytes / 1e6:.0f} MB at first, {after_bytes / 1e6:.0f} MB at last")


def main() -> None:
    """Measure a box of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=50)
    parser.add_argument("--requests", type=int, default=300)
    wanted = parser.parse_args()
    no_limits = {"NODO_RATE_LIMIT_ENABLED": "off"}
    with tempfile.TemporaryDirectory() as folder, running_nodo(Path(folder), no_limits) as nodo:
        asyncio.run(measured(nodo, people(nodo), wanted.tabs, wanted.requests))


if __name__ == "__main__":
    main()
