"""Administrators read what others wrote only if the owner allows it, and each look is noted."""

from collections.abc import AsyncIterator

import httpx
import pytest

from appliance.base.audit.model import AuditEntry, Outcome
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.chat.build import Oversight
from appliance.chat.migrations import MIGRATIONS as CHAT
from tests.chat.box import Box
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import ScriptedEngine, script


class Owner:
    """Decides, and keeps the notes."""

    def __init__(self) -> None:
        self.allows = True
        self.noted: list[AuditEntry] = []

    def admins_may_read(self, _connection: Connection) -> bool:
        return self.allows

    def record(self, tx: Transaction, entry: AuditEntry) -> None:
        tx.after_commit(lambda: self.noted.append(entry))


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
async def box(
    any_database: Database, clock: ManualClock, ids: CountingIds, owner: Owner
) -> AsyncIterator[Box]:
    migrated(any_database, [*JOBS, *CHAT])
    engine = ScriptedEngine(script("Hola"))
    box = await Box(any_database, engine, clock, ids, oversight=Oversight(owner, owner)).start()
    yield box
    await box.shut_down()


async def get(box: Box, address: str, user: str = "root") -> httpx.Response:
    async with box.client(user) as client:
        return await client.get(address)


def notes(owner: Owner) -> list[tuple[str, str | None, str, Outcome]]:
    return [(note.action, note.actor_id, note.target_id, note.outcome) for note in owner.noted]


async def test_everybodys_conversations_are_listed_and_that_is_noted(
    box: Box, owner: Owner
) -> None:
    hers = await box.ask("Luz").ends()
    his = await box.ask("Gas", user="luis").ends()

    every = (await get(box, "/admin/conversations")).json()["items"]
    of_luis = (await get(box, "/admin/conversations?user_id=luis")).json()["items"]
    named = (await get(box, "/admin/conversations?query=LÚZ")).json()["items"]

    assert [(item["id"], item["user_id"]) for item in every] == [
        (his.conversation_id, "luis"),
        (hers.conversation_id, "ana"),
    ]
    assert [item["title"] for item in of_luis + named] == ["Gas", "Luz"]
    assert notes(owner) == [
        ("conversation.listed", "root", "", Outcome.DONE),
        ("conversation.listed", "root", "luis", Outcome.DONE),
        ("conversation.listed", "root", "", Outcome.DONE),
    ]


async def test_a_list_has_pages(box: Box) -> None:
    for number in range(3):
        await box.ask(f"n{number}").ends()

    first = (await get(box, "/admin/conversations?limit=2")).json()
    rest = (await get(box, f"/admin/conversations?limit=2&cursor={first['next_cursor']}")).json()

    assert [item["title"] for item in first["items"] + rest["items"]] == ["n2", "n1", "n0"]
    assert rest["next_cursor"] is None


async def test_messages_are_read_and_that_is_noted(box: Box, owner: Owner) -> None:
    tab = await box.ask("Luz").ends()

    page = await get(box, f"/admin/conversations/{tab.conversation_id}/messages")

    assert [item["content"] for item in page.json()["items"]] == ["Luz", "Hola"]
    assert notes(owner) == [("conversation.read", "root", tab.conversation_id, Outcome.DONE)]


async def test_what_the_owner_does_not_allow_is_refused_and_the_attempt_is_noted(
    box: Box, owner: Owner
) -> None:
    tab = await box.ask("Luz").ends()
    owner.allows = False

    read = await get(box, f"/admin/conversations/{tab.conversation_id}/messages")
    listed = await get(box, "/admin/conversations")

    assert [(answer.status_code, answer.json()["code"]) for answer in (read, listed)] == [
        (403, "reading_not_allowed"),
        (403, "reading_not_allowed"),
    ]
    assert [note.outcome for note in owner.noted] == [Outcome.REFUSED, Outcome.REFUSED]


async def test_only_administrators_ask_at_all(box: Box, owner: Owner) -> None:
    tab = await box.ask("Luz").ends()

    answers = [
        (await get(box, address, "ana")).status_code
        for address in (
            "/admin/conversations",
            f"/admin/conversations/{tab.conversation_id}/messages",
        )
    ]

    assert (answers, owner.noted) == ([403, 403], [])


async def test_bins_and_temporary_conversations_are_nobody_elses_business(box: Box) -> None:
    thrown = await box.ask("Luz").ends()
    temporary = await box.ask("Gas", temporary=True).ends()
    async with box.client() as client:
        await client.delete(f"/conversations/{thrown.conversation_id}")

    listed = (await get(box, "/admin/conversations")).json()["items"]
    read = [
        (await get(box, f"/admin/conversations/{tab.conversation_id}/messages")).status_code
        for tab in (thrown, temporary)
    ]

    assert (listed, read) == ([], [404, 404])
