"""Fifty people at once: light requests, waiting and fairness while four answers are written.

    python -m benchmarks.people [--people 50] [--askers 16] [--seconds 30] [--model FILE.gguf]

Starts a real Nodo on an empty folder, on loopback only. Everybody comes in by an invitation and then
looks at their own account, their list and a conversation once a second; some of them ask as well, and
again as soon as they are answered. The same looks are measured before anybody asks: the ratio says
what the asking costs the others, on whatever machine this runs.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import httpx
import psutil

from benchmarks.whole_box import per_cpu_second
from tests.servers.nodo import Nodo, running_nodo

_PASSWORD = "una puerta verde y 7 gatos"
_QUESTION = "Cuéntame qué puede hacer Nodo, con todos los detalles."
# So hot the demo model hardly ever stops by itself: the engine is busy all the time.
_OPTIONS = {"max_tokens": 400, "temperature": 2.0, "top_k": 1000}
_LOOK_EVERY_S = 1.0
_PAGE_OF_QUESTIONS = 25


@dataclass
class Person:
    """One of them, and how it went.

    Attributes:
        headers: Of a signed-in program.
        conversation_id: Where they ask.
        looks_s: How long each light request took.
        waits_s: From each question to the first word of its answer.
        queued_s: How long each question stood in the queue, as the box tells it.
    """

    headers: dict[str, str]
    conversation_id: str = ""
    looks_s: list[float] = field(default_factory=list[float])
    waits_s: list[float] = field(default_factory=list[float])
    queued_s: list[float] = field(default_factory=list[float])


def jain(values: Sequence[float]) -> float:
    """Return Jain's index of fairness: 1 if all are equal, 1/n if one has everything."""
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))


def percentile_ms(times_s: Sequence[float], share: float) -> float:
    """Return the time that this share of them does not exceed."""
    ordered = sorted(times_s)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def come_in(client: httpx.AsyncClient, owner: dict[str, str], number: int) -> Person:
    """Return a new person, by an invitation."""
    invite = (await client.post("/admin/invites", json={"role": "worker"}, headers=owner)).json()
    body = {
        "code": invite["code"],
        "email": f"persona{number}@taller.example",
        "name": f"Persona {number}",
        "password": _PASSWORD,
    }
    joined = (await client.post("/auth/join", json=body)).raise_for_status().json()
    headers = {"Authorization": f"Bearer {joined['access_token']}"}
    made = await client.post("/conversations", json={"title": "Mi charla"}, headers=headers)
    return Person(headers, made.json()["id"])


async def look(port: int, person: Person, until_s: float) -> None:
    """Look at one's account, list and conversation every so often, on a connection of one's own."""
    paths = ("/auth/me", "/conversations", f"/conversations/{person.conversation_id}/messages")
    signed_in = f"Authorization: {person.headers['Authorization']}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until_s:
        for path in paths:
            began_s = time.monotonic()
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{signed_in}\r\n\r\n"
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode(errors="replace"))
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split()[0]))
            person.looks_s.append(time.monotonic() - began_s)
        await asyncio.sleep(_LOOK_EVERY_S)
    writer.close()


async def ask_on(client: httpx.AsyncClient, person: Person, until_s: float) -> None:
    """Ask, wait for the answer, ask again."""
    body = {
        "message": _QUESTION,
        "conversation_id": person.conversation_id,
        "options": _OPTIONS,
    }
    while time.monotonic() < until_s:
        began_s = time.monotonic()
        is_waiting = True
        async with client.stream("POST", "/chat", json=body, headers=person.headers) as answer:
            async for line in answer.aiter_lines():
                if is_waiting and line == "event: token":
                    person.waits_s.append(time.monotonic() - began_s)
                    is_waiting = False
                if line.startswith("data: ") and '"queued_s"' in line:
                    person.queued_s.append(json.loads(line[6:])["timings"]["queued_s"])


def all_ask_on(url: str, askers: list[Person], seconds: float) -> list[Person]:
    """Return the askers after so many seconds; in a process of its own, it keeps a core busy."""

    async def ask_together() -> None:
        until_s = time.monotonic() + seconds
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(base_url=url, timeout=600, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            for person in askers:
                group.create_task(ask_on(client, person, until_s))

    asyncio.run(ask_together())
    return askers


async def everybody(url: str, owner: dict[str, str], count: int) -> list[Person]:
    """Return so many people who have come in."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        return [await come_in(client, owner, number) for number in range(count)]


async def look_together(port: int, people: list[Person], seconds: float) -> None:
    """Let everybody look for so long, not all in the same instant."""
    until_s = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for person in people:
            await asyncio.sleep(_LOOK_EVERY_S / len(people))
            group.create_task(look(port, person, until_s))


def busy(nodo: Nodo, people: list[Person], askers: int, seconds: float) -> list[Person]:
    """Let everybody look while the first ones ask; return those who asked."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        asked = apart.submit(all_ask_on, nodo.url, people[:askers], seconds)
        asyncio.run(look_together(port_of(nodo), people, seconds))
        return asked.result()


def port_of(nodo: Nodo) -> int:
    """Return where the box listens."""
    return int(nodo.url.rsplit(":", 1)[1])


def taken_looks(people: list[Person]) -> list[float]:
    """Return the times of all looks so far, and forget them."""
    times_s = [taken for person in people for taken in person.looks_s]
    for person in people:
        person.looks_s.clear()
    return times_s


def fill_a_page(nodo: Nodo, person: Person) -> None:
    """Ask until the conversation has a page of 50 messages."""
    body = {"message": "Hola", "options": {"max_tokens": 60}}
    with httpx.Client(base_url=nodo.url, timeout=60, headers=person.headers) as client:
        for _ in range(_PAGE_OF_QUESTIONS):
            client.post("/chat", json={**body, "conversation_id": person.conversation_id})


def tell_looks(name: str, times_s: list[float]) -> float:
    """Print how long light requests took; return the 99th percentile."""
    p99_ms = percentile_ms(times_s, 0.99)
    p50_ms = percentile_ms(times_s, 0.5)
    print(f"{name}: {len(times_s)} light requests, p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms")
    return p99_ms


def tell_waiting(askers: list[Person]) -> None:
    """Print how evenly the askers waited."""
    asked = [person for person in askers if person.queued_s]
    answers = [len(person.queued_s) for person in asked]
    queued_s = [statistics.fmean(person.queued_s) for person in asked]
    waits_s = [statistics.fmean(person.waits_s) for person in asked]
    print(
        f"{sum(answers)} answers to {len(asked)} of {len(askers)} askers, {min(answers)} to "
        f"{max(answers)} each; fairness of counts (Jain) {jain(answers):.3f}"
    )
    print(
        f"mean time in the queue: {statistics.fmean(queued_s):.1f} s; longest / shortest of the "
        f"askers {max(queued_s) / min(queued_s):.2f}, Jain {jain(queued_s):.3f}; mean wait for the "
        f"first word {statistics.fmean(waits_s):.1f} s"
    )


def measured(nodo: Nodo, options: argparse.Namespace) -> None:
    """Measure, and print a line per figure."""
    with httpx.Client() as client:
        owner = nodo.set_up(client)
    process = psutil.Process(nodo.pid)
    people = asyncio.run(everybody(nodo.url, owner, options.people))
    asyncio.run(look_together(port_of(nodo), people, options.seconds / 2))
    idle_p99_ms = tell_looks("idle", taken_looks(people))
    idle_bytes = process.memory_info().rss
    asked = busy(nodo, people, options.askers, options.seconds)
    busy_p99_ms = tell_looks("busy", taken_looks(people))
    print(f"p99 busy / idle: {busy_p99_ms / idle_p99_ms:.2f}")
    tell_waiting(asked)
    busy_bytes = process.memory_info().rss
    print(f"web process: {idle_bytes / 1e6:.0f} MB idle, {busy_bytes / 1e6:.0f} MB busy")
    reader = people[-1]
    fill_a_page(nodo, reader)
    path = f"/conversations/{reader.conversation_id}/messages?limit=50"
    signed_in = f"Authorization: {reader.headers['Authorization']}\r\n"
    pages = per_cpu_second(nodo.pid, port_of(nodo), path, signed_in, 3)
    me = per_cpu_second(nodo.pid, port_of(nodo), "/auth/me", signed_in, 3)
    print(f"page of 50 messages: {pages:.0f} per CPU-second; GET /auth/me: {me:.0f}")
    print(json.dumps({"idle_p99_ms": idle_p99_ms, "busy_p99_ms": busy_p99_ms}))


def main() -> None:
    """Start a box and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--askers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    environment = {"NODO_RATE_LIMIT_ENABLED": "off", "NODO_THREADS": "1"}
    if options.model is not None:
        environment["NODO_MODEL"] = str(options.model.resolve())
    with (
        tempfile.TemporaryDirectory() as folder,
        running_nodo(Path(folder), environment) as nodo,
    ):
        measured(nodo, options)


if __name__ == "__main__":
    main()
