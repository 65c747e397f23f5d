"""Providers as an owner meets them: a real box, a provider in its recorded formats beside it."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.servers.nodo import OWNER, Nodo
from tests.servers.provider import FakeProvider, Reply, completion, json_reply, running_provider

KEY = "sk-owner-0123456789"


class Owner:
    """Somebody who owns a box, with a provider next door."""

    def __init__(self, nodo: Nodo, client: httpx.AsyncClient, fake: FakeProvider) -> None:
        self.nodo, self.client, self.fake = nodo, client, fake

    async def set_up(self) -> "Owner":
        """Make the account and type the password once more."""
        code = await asyncio.to_thread(self.nodo.setup_code)
        made = await self.client.post("/setup", json={"code": code, **OWNER})
        self.client.headers["Authorization"] = f"Bearer {made.json()['access_token']}"
        await self.says("POST", "/auth/confirm", {"password": OWNER["password"]})
        return self

    async def says(self, method: str, path: str, body: object = None) -> Any:
        """Return what the box answers, which must be well."""
        answer = await self.client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def asks(self, message: str, **more: object) -> dict[str, Any]:
        """Return the end of an answer."""
        answer = await self.client.post("/chat", json={"message": message, **more}, timeout=60)
        last = [line for line in answer.text.splitlines() if line.startswith("data: ")][-1]
        said: dict[str, Any] = json.loads(last.removeprefix("data: "))
        return said

    async def adds_openai(self) -> None:
        """Add the provider, first in the order."""
        body = {"kind": "openai", "name": "OpenAI", "model": "gpt-test", "key": KEY}
        await self.says("POST", "/api/providers", body)
        await self.says("PUT", "/api/providers/order", {"ids": ["openai", "local"]})

    async def allows_cloud(self) -> None:
        """Let questions leave the house."""
        await self.says("PUT", "/api/providers/policy", {"cloud_allowed": True})


@contextlib.asynccontextmanager
async def an_owner(tmp_path: Path, *replies: Reply) -> AsyncIterator[Owner]:
    async with running_provider(*replies) as fake:
        nodo = await asyncio.to_thread(Nodo, tmp_path, {"NODO_PROVIDER_OPENAI_URL": fake.url})
        try:
            async with httpx.AsyncClient(base_url=nodo.url) as client:
                yield await Owner(nodo, client, fake).set_up()
        finally:
            await asyncio.to_thread(nodo.stop)


async def test_nothing_leaves_until_the_owner_says_so_and_nothing_of_what_must_stay(
    tmp_path: Path,
) -> None:
    async with an_owner(tmp_path, Reply(completion("From ", "there."))) as owner:
        await owner.adds_openai()
        at_first = await owner.asks("Hola")
        stays = [(await owner.says("GET", "/api/engine"))["stays_here"]]
        await owner.allows_cloud()
        stays.append((await owner.says("GET", "/api/engine"))["stays_here"])
        allowed = await owner.asks("¿Qué tal?")
        kept = await owner.asks("Un secreto", local_only=True)
        in_use = await owner.says("GET", "/api/providers/in-use")

    assert [end["provider"] for end in (at_first, allowed, kept)] == ["local", "openai", "local"]
    assert (allowed["provider_name"], allowed["model"]) == ("OpenAI", "gpt-test")
    assert [one.headers["authorization"] for one in owner.fake.asked] == [f"Bearer {KEY}"]
    assert "secreto" not in json.dumps([one.body for one in owner.fake.asked])
    assert in_use == {"cloud": True, "names": ["OpenAI"]}
    assert stays == [True, False]


async def test_who_fails_is_stood_in_for_by_this_box_and_the_answer_says_why(
    tmp_path: Path,
) -> None:
    busy = Reply([], 429, headers={"Retry-After": "60"})
    async with an_owner(tmp_path, busy) as owner:
        await owner.adds_openai()
        await owner.allows_cloud()
        first, second = await owner.asks("Hola"), await owner.asks("¿Qué tal?")
        listed = await owner.says("GET", "/api/providers")
        after = await owner.says("POST", "/api/providers/openai/reset")

    assert [end["fallback_reason"] for end in (first, second)] == ["overload", "resting"]
    assert [item["id"] for item in listed["items"]] == ["openai", "local"]
    standing = listed["items"][0]["standing"]
    assert (standing["state"], standing["last_fault"]) == ("open", "overload")
    assert 50 < standing["wait_s"] <= 60
    assert (after["standing"]["state"], len(owner.fake.asked)) == ("closed", 1)


async def test_the_same_lone_question_is_answered_again_at_once_and_anew_on_wish(
    tmp_path: Path,
) -> None:
    async with an_owner(tmp_path, Reply(completion("Same."))) as owner:
        await owner.adds_openai()
        await owner.allows_cloud()
        first, again = await owner.asks("¿Hora?"), await owner.asks("  ¿Hora? ")
        anew = await owner.client.post(f"/chat/{again['message_id']}/retry")

    assert [first["cached"], again["cached"]] == [False, True]
    assert (again["provider"], len(owner.fake.asked)) == ("openai", 2)
    assert '"cached":false' in anew.text.replace(" ", "")


async def test_a_key_is_nowhere_to_be_read_and_survives_a_restart(tmp_path: Path) -> None:
    async with an_owner(tmp_path, json_reply({"data": [{"id": "gpt-test"}]})) as owner:
        await owner.adds_openai()
        listed = await owner.client.get("/api/providers")
        pinged = await owner.says("GET", "/api/providers/openai/ping")
        own = await owner.says("GET", "/api/providers/local/ping")
    stored = sqlite3.connect(tmp_path / "nodo.db").execute("SELECT sealed_key FROM providers")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]

    assert KEY not in listed.text
    assert listed.json()["items"][0]["has_key"] is True
    assert (pinged["light"], pinged["code"], pinged["models"]) == ("green", "ok", ["gpt-test"])
    assert own["light"] in {"green", "amber"}
    assert stored.fetchone()[0].partition(".")[2].startswith("gAAAA")
    assert [file.name for file in files if KEY.encode() in file.read_bytes()] == []


async def test_only_a_confirmed_administrator_changes_providers(tmp_path: Path) -> None:
    async with an_owner(tmp_path, json_reply({"data": []})) as owner:
        await owner.adds_openai()
        address = {"addresses": ["https://thief.example/v1"]}
        moved = await owner.says("PATCH", "/api/providers/openai", address)
        refused = [
            await owner.client.post("/api/providers", json=body)
            for body in (
                {"kind": "openai", "name": "x", "model": "m", "key": "a\nb"},
                {"kind": "nobody", "name": "x", "model": "m"},
                {"kind": "ollama", "name": "x", "model": "m", "addresses": ["http://8.8.8.8"]},
                {"kind": "ollama", "name": "x", "model": "m", "first_word_s": 0},
                {"kind": "ollama", "name": "x", "model": "m", "other": 1},
            )
        ]
        nobody = await owner.client.get("/api/providers", headers={"Authorization": ""})
        await owner.says("DELETE", "/api/providers/openai")
        gone = await owner.client.get("/api/providers/openai/ping")

    assert moved["has_key"] is False
    assert [answer.status_code for answer in refused] == [422] * 5
    assert (nobody.status_code, gone.status_code) == (401, 404)
