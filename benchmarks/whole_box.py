"""Start, memory, requests per processor second, and answers while a model writes.

    python -m benchmarks.whole_box [--seconds 5]

Starts a real Nodo on an empty folder, on loopback only, and prints ratios against a bare
Starlette server that is measured in the same run.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from tests.servers.nodo import Nodo, running_nodo

_CONNECTIONS = 4
_BASELINE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
app = Starlette(routes=[Route("/health", lambda request: JSONResponse({"status": "ok"}))])
config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False)
server = uvicorn.Server(config)
import asyncio
async def main():
    config.load(); server.lifespan = config.lifespan_class(config)
    await server.startup()
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await server.main_loop()
asyncio.run(main())
"""


async def _ask(host: str, port: int, path: str, headers: str, until_s: float) -> int:
    """Ask again and again on one connection; return how often it was answered with 200."""
    reader, writer = await asyncio.open_connection(host, port)
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{headers}\r\n".encode()
    count = 0
    while time.monotonic() < until_s:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def _flood(port: int, path: str, headers: str, seconds: float) -> int:
    until_s = time.monotonic() + seconds
    asks = (_ask("127.0.0.1", port, path, headers, until_s) for _ in range(_CONNECTIONS))
    return sum(await asyncio.gather(*asks))


def per_cpu_second(pid: int, port: int, path: str, headers: str, seconds: float) -> float:
    """Return answers per processor second of the server's process."""
    process = psutil.Process(pid)
    asyncio.run(_flood(port, path, headers, 0.5))
    before = sum(process.cpu_times()[:2])
    count = asyncio.run(_flood(port, path, headers, seconds))
    return count / (sum(process.cpu_times()[:2]) - before)


@contextmanager
def _bare_server() -> Iterator[tuple[int, int]]:
    process = subprocess.Popen([sys.executable, "-c", _BASELINE], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def start_times(rounds: int) -> list[float]:
    """Return the seconds from starting the program to a healthy answer, on a used folder."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds + 1):
            started_s = time.monotonic()
            with running_nodo(Path(folder)) as nodo:
                _wait_for_health(nodo)
                times.append(time.monotonic() - started_s)
    return times[1:]


def _wait_for_health(nodo: Nodo) -> None:
    for _ in range(2000):
        try:
            if httpx.get(f"{nodo.url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.005)
    raise RuntimeError("no health")


def latencies_while_writing(nodo: Nodo, headers: dict[str, str], count: int) -> list[float]:
    """Return the seconds of light requests while answers are written without a pause."""
    question = {"message": "¿Qué puede hacer Nodo?"}
    times: list[float] = []

    async def write_on(client: httpx.AsyncClient, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            async with client.stream(
                "POST", f"{nodo.url}/chat", json=question, headers=headers, timeout=60
            ) as answer:
                async for _line in answer.aiter_lines():
                    pass

    async def main() -> None:
        stopped = asyncio.Event()
        async with httpx.AsyncClient() as client, asyncio.TaskGroup() as group:
            group.create_task(write_on(client, stopped))
            for _ in range(count):
                started_s = time.monotonic()
                (await client.get(f"{nodo.url}/auth/me", headers=headers)).raise_for_status()
                times.append(time.monotonic() - started_s)
                await asyncio.sleep(0.01)
            stopped.set()

    asyncio.run(main())
    return times


def main() -> None:
    """Measure, and print a line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    starts = start_times(5)
    print(f"start to healthy: median {statistics.median(starts):.2f} s, most {max(starts):.2f} s")
    no_limits = {"NODO_RATE_LIMIT_ENABLED": "off"}
    with tempfile.TemporaryDirectory() as folder, running_nodo(Path(folder), no_limits) as nodo:
        _wait_for_health(nodo)
        with httpx.Client() as client:
            headers = nodo.set_up(client)
        port = int(nodo.url.rsplit(":", 1)[1])
        signed_in = f"Authorization: {headers['Authorization']}\r\n"
        with _bare_server() as (bare_pid, bare_port):
            bare = per_cpu_second(bare_pid, bare_port, "/health", "", seconds)
            me = per_cpu_second(nodo.pid, port, "/auth/me", signed_in, seconds)
            health = per_cpu_second(nodo.pid, port, "/health", "", seconds)
        print(f"bare Starlette: {bare:.0f} answers per CPU-second (1.00)")
        print(f"GET /health: {health:.0f} ({health / bare:.2f})")
        print(f"GET /auth/me, signed in: {me:.0f} ({me / bare:.2f})")
        times = sorted(latencies_while_writing(nodo, headers, 500))
        print(
            "GET /auth/me while an answer is written: "
            f"p50 {1000 * times[len(times) // 2]:.1f} ms, "
            f"p99 {1000 * times[int(len(times) * 0.99)]:.1f} ms"
        )
        rss = psutil.Process(nodo.pid).memory_info().rss
        print(f"web process: {rss / 1e6:.0f} MB")
        print(json.dumps({"rss_bytes": rss}))


if __name__ == "__main__":
    main()
