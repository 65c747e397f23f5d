"""Somebody guesses the owner's password, from many places at once; the owner signs in meanwhile.

Run: python -m tests.faults.guessing [--attempts 10000] [--tasks 200]
It starts a real box of its own, and ends with a table of what became of the attempts.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.servers.nodo import OWNER, Nodo, running_nodo

BROWSER = {"X-Nodo-Client": "ui", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
# All of 127.0.0.0/8 is this computer: so many networks of /24 as the guesser likes.
_NETWORKS = 64


@dataclass
class Siege:
    """What happened while somebody guessed.

    Attributes:
        answers: How often each status was answered to a guess; 0 is no answer in time.
        owner_s: How long each sign-in of the owner took, from a known device.
        owner_statuses: What each of them was answered.
        lasted_s: The whole siege.
        growth_bytes: How much memory of the box it took.
        cpu_s: How much processor time of the box.
        calm_s: How long the owner's sign-ins took before.
    """

    answers: Counter[int] = field(default_factory=Counter[int])
    owner_s: list[float] = field(default_factory=list[float])
    owner_statuses: set[int] = field(default_factory=set[int])
    lasted_s: float = 0.0
    growth_bytes: int = 0
    cpu_s: float = 0.0
    calm_s: list[float] = field(default_factory=list[float])


async def besieged(nodo: Nodo, *, attempts: int, tasks: int, knows_device: bool = True) -> Siege:
    """Return what happened to a box whose owner has signed in with a browser before.

    Args:
        nodo: Running, with its owner.
        attempts: How many wrong passwords are sent.
        tasks: How many at once.
        knows_device: Whether the owner's browser keeps its cookies.
    """
    siege, process = Siege(), psutil.Process(nodo.pid)
    before_cpu_s = sum(process.cpu_times()[:2])
    before_bytes, began_s = process.memory_info().rss, time.monotonic()
    async with httpx.AsyncClient(base_url=nodo.url, headers=BROWSER, timeout=60) as browser:
        siege.calm_s = [await _sign_in(browser, siege) for _ in range(3)]
        numbers = iter(range(attempts))
        guessing = [
            asyncio.ensure_future(_guess(nodo.url, i, numbers, siege)) for i in range(tasks)
        ]
        everybody = asyncio.gather(*guessing)
        while not everybody.done():
            if not knows_device:
                browser.cookies.clear()
            siege.owner_s.append(await _sign_in(browser, siege))
            await asyncio.wait([everybody], timeout=1)
        await everybody
    siege.lasted_s = time.monotonic() - began_s
    siege.cpu_s = sum(process.cpu_times()[:2]) - before_cpu_s
    siege.growth_bytes = process.memory_info().rss - before_bytes
    return siege


async def _sign_in(browser: httpx.AsyncClient, siege: Siege) -> float:
    began_s = time.monotonic()
    answer = await browser.post("/auth/login", json=_body(OWNER["password"]))
    siege.owner_statuses.add(answer.status_code)
    return time.monotonic() - began_s


async def _guess(url: str, task: int, numbers: Iterator[int], siege: Siege) -> None:
    # Every second one from the owner's own address, the others from networks of their own; what
    # a guesser says of its address does not count.
    address = "127.0.0.1" if task % 2 else f"127.7.{task % _NETWORKS}.{1 + task // _NETWORKS}"
    transport = httpx.AsyncHTTPTransport(local_address=address, verify=False)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=3) as client:
        for number in numbers:
            headers = {"X-Forwarded-For": f"203.0.{number % 256}.{number // 256 % 256}"}
            status = 0
            # Impatient: whoever waits for delays gets nowhere.
            with contextlib.suppress(httpx.HTTPError):
                body = _body(f"guess number {number}")
                status = (await client.post("/auth/login", json=body, headers=headers)).status_code
            siege.answers[status] += 1


def _body(password: str) -> dict[str, str]:
    return {"email": OWNER["email"], "password": password}


def main() -> None:
    """Besiege a box and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_nodo(Path(folder)) as nodo:
        with httpx.Client() as client:
            nodo.set_up(client)
        siege = asyncio.run(besieged(nodo, attempts=arguments.attempts, tasks=arguments.tasks))
    slowest = sorted(siege.owner_s)[-3:]
    print(
        f"{sum(siege.answers.values())} attempts in {siege.lasted_s:.0f} s: {dict(siege.answers)}"
    )
    print(
        f"the owner: {len(siege.owner_s)} sign-ins, answered {siege.owner_statuses}; the slowest:"
    )
    print("  " + ", ".join(f"{seconds:.2f} s" for seconds in slowest))
    print("before: " + ", ".join(f"{seconds:.2f} s" for seconds in siege.calm_s))
    print(f"the box: {siege.cpu_s:.1f} s of processor, {siege.growth_bytes / 2**20:+.1f} MiB")


if __name__ == "__main__":
    main()
