"""A real box that somebody attacks at the door: with guesses, and at its first run."""

import asyncio
from pathlib import Path

import httpx

from tests.faults.guessing import besieged
from tests.servers.nodo import OWNER, running_nodo


def test_the_owner_comes_in_from_a_known_device_while_others_guess(tmp_path: Path):
    with running_nodo(tmp_path) as nodo:
        with httpx.Client() as client:
            nodo.set_up(client)
        siege = asyncio.run(besieged(nodo, attempts=120, tasks=40))

    assert siege.owner_statuses == {200}
    assert siege.answers[200] == 0
    # Nearly all were refused unread or still waited when the guesser gave up.
    assert siege.answers[401] <= 20


def test_without_the_cookie_the_owner_waits_among_those_who_guess(tmp_path: Path):
    # The negative control: it is the known device that lets the owner in.
    with running_nodo(tmp_path) as nodo:
        with httpx.Client() as client:
            nodo.set_up(client)
        siege = asyncio.run(besieged(nodo, attempts=120, tasks=40, knows_device=False))

    assert 429 in siege.owner_statuses or max(siege.owner_s) > max(siege.calm_s) + 3


def test_of_fifty_set_ups_at_once_one_makes_the_owner(tmp_path: Path):
    async def race(url: str, code: str) -> list[int]:
        body = {"code": code, **OWNER}
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            posts = (client.post("/setup", json=body) for _ in range(50))
            return sorted(answer.status_code for answer in await asyncio.gather(*posts))

    with running_nodo(tmp_path) as nodo:
        statuses = asyncio.run(race(nodo.url, nodo.setup_code()))

    assert statuses == [201] + [409] * 49
