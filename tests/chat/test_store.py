"""The chat's SQL on SQLite and on PostgreSQL alike."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select

from appliance.base.database.database import Database
from appliance.base.database.tables import metadata
from appliance.base.errors import TooManyRequestsError
from appliance.base.events import Events
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.jobs.queue import JobQueue, count_jobs
from appliance.chat.asking import Asker, Question
from appliance.chat.attaching import Attaching, NoFiles
from appliance.chat.build import build_chat
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.chat.model import AnswerOptions
from appliance.chat.purging import Purging
from appliance.chat.store import answers, messages
from appliance.chat.store.tables import messages as message_table
from tests.chat.box import Box
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import Gate, ScriptedEngine, script


@pytest.fixture
def tables(any_database: Database) -> Database:
    return migrated(any_database, [*JOBS, *CHAT])


async def test_the_migrations_make_the_tables_that_the_code_describes(tables: Database) -> None:
    found = await tables.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
    )

    ours = {"conversations", "messages", "message_files"}
    assert [change for change in found if _table_of(change) in ours] == []


async def test_a_whole_talk_works_on_this_database(
    tables: Database, clock: ManualClock, ids: CountingIds
) -> None:
    box = await Box(tables, ScriptedEngine(script("Hola"), script("Bien")), clock, ids).start()
    first = await box.ask("¿Café?", options={"temperature": 0.5}).ends()
    second = await box.ask("¿Qué tal?", conversation_id=first.conversation_id).ends()
    await box.retry(second.message_id).ends()
    async with box.client() as client:
        found = (await client.get("/conversations?query=cafe&limit=1")).json()
        page = (await client.get(f"/conversations/{first.conversation_id}/messages")).json()
        older = await client.get(
            f"/conversations/{first.conversation_id}/messages?limit=2",
        )
        oldest = await client.get(
            f"/conversations/{first.conversation_id}/messages?limit=3"
            f"&cursor={older.json()['next_cursor']}",
        )
    await box.shut_down()

    assert [item["title"] for item in found["items"]] == ["¿Café?"]
    texts = ["¿Café?", "Hola", "¿Qué tal?", "Bien", "Bien"]
    assert [item["content"] for item in page["items"]] == texts
    assert [item["content"] for item in oldest.json()["items"]] == texts[:3]
    asked = [turn.content for turn in box.engine.requests[2].turns[1:]]
    assert asked == ["¿Café?", "Hola", "¿Qué tal?"]


async def test_who_asks_ten_times_at_once_gets_three_answers_and_seven_refusals(
    tables: Database, clock: ManualClock, ids: CountingIds
) -> None:
    chat = build_chat(tables, ScriptedEngine(), clock, ids, JobQueue(clock, ids), events=Events())
    ask = chat.activities.asking.ask

    outcomes = await asyncio.gather(
        *(ask(Asker("ana", "es"), Question("¿Hola?")) for _ in range(10)), return_exceptions=True
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, TooManyRequestsError)]
    assert len(refusals) == 7
    assert (await tables.read(count_jobs)) == {("chat.answer", "waiting"): 3}


async def test_options_and_language_are_kept_with_the_answer(
    tables: Database, clock: ManualClock, ids: CountingIds
) -> None:
    chat = build_chat(tables, ScriptedEngine(), clock, ids, JobQueue(clock, ids), events=Events())
    options = AnswerOptions(temperature=0.25, top_k=7, seed=2**32 - 1)

    heading = await chat.activities.asking.ask(
        Asker("ana", "en"), Question("¿Hola?", options=options)
    )

    answer = await tables.read(
        lambda connection: messages.find_message(connection, "ana", heading.message_id)
    )
    assert answer is not None
    assert (answer.options, answer.language) == (options, "en")


async def test_what_was_deleted_thirty_days_ago_is_removed_for_good(
    tables: Database, clock: ManualClock, ids: CountingIds
) -> None:
    box = await Box(tables, ScriptedEngine(script("Hola")), clock, ids).start()
    old, young, kept = [await box.ask(f"n{number}").ends() for number in range(3)]
    async with box.client() as client:
        await client.delete(f"/conversations/{old.conversation_id}")
        clock.advance(timedelta(days=2).total_seconds())
        await client.delete(f"/conversations/{young.conversation_id}")
        clock.advance(timedelta(days=28, seconds=1).total_seconds())

        removed = await Purging(tables, clock, Attaching(NoFiles(), int)).purge()
        restored = [
            (await client.post(f"/conversations/{tab.conversation_id}/restore")).status_code
            for tab in (old, young, kept)
        ]
    await box.shut_down()

    assert (removed, restored) == (1, [404, 200, 200])
    count = select(func.count()).select_from(message_table)
    assert await tables.read(lambda connection: connection.execute(count).scalar()) == 4


async def test_an_end_is_written_once_and_text_that_comes_later_is_not(
    tables: Database, clock: ManualClock, ids: CountingIds
) -> None:
    gate = Gate()
    box = await Box(
        tables, ScriptedEngine([*script("Hola")[:-1], gate, *script("!")]), clock, ids
    ).start()
    tab = box.ask()
    await tab.shows("Hola")
    await box.stop(tab.message_id)

    stopped = await tables.read(lambda c: messages.find_message(c, "ana", tab.message_id))
    assert stopped is not None

    is_wanted = await tables.write(
        lambda tx: answers.save_text(tx.connection, "ana", replace(stopped, content="Hola!"))
    )

    assert is_wanted is False
    assert (await box.last_message(tab.conversation_id))["content"] == "Hola"
    await box.shut_down()


def _table_of(change: object) -> str:
    parts = change[0] if isinstance(change, list) else change
    assert isinstance(parts, tuple)
    names = [getattr(getattr(part, "table", part), "name", part) for part in parts[1:]]
    return next((name for name in names if name in {"conversations", "messages"}), "")
