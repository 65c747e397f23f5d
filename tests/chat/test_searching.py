"""Search in one's own chats, on SQLite and on PostgreSQL alike."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert, select, text

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.chat.attaching import Attaching, NoFiles
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.chat.purging import Purging
from appliance.chat.store.search import search_entries
from appliance.chat.store.search_backlog import (
    MESSAGES,
    TITLES,
    Step,
    index_step,
    is_left,
    search_backlog,
)
from tests.chat.box import Box
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import Gate, ScriptedEngine, script
from tests.waiting import until


@pytest.fixture
async def box(any_database: Database, clock: ManualClock, ids: CountingIds) -> AsyncIterator[Box]:
    migrated(any_database, [*JOBS, *CHAT])
    box = await Box(any_database, ScriptedEngine(script("Con leche.")), clock, ids).start()
    yield box
    await box.shut_down()


async def finds(box: Box, query: str, user: str = "ana") -> list[dict[str, object]]:
    async with box.client(user) as client:
        answer = await client.get("/history", params={"q": query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


async def hits(box: Box, query: str, user: str = "ana") -> list[str]:
    """Return what is marked in each find."""
    return [
        " ".join(str(part["text"]) for part in find["snippet"] if part["hit"])  # type: ignore[index, union-attr]
        for find in await finds(box, query, user)
    ]


async def test_a_find_says_where_it_stands(box: Box) -> None:
    tab = await box.ask("¿Cómo hago un café con espuma?").ends()

    found = await finds(box, "espuma")

    title, question = found
    assert question == {
        "conversation_id": tab.conversation_id,
        "conversation_title": "¿Cómo hago un café con espuma?",
        "message_id": tab.events[0].data["question_id"],
        "role": "user",
        "created_at": "2026-03-02T09:00:00Z",
        "snippet": [
            {"text": "¿Cómo hago un café con ", "hit": False},
            {"text": "espuma", "hit": True},
            {"text": "?", "hit": False},
        ],
    }
    assert (title["message_id"], title["role"]) == (None, None)


async def test_accents_capitals_and_the_letter_n_with_a_tilde_make_no_difference(
    box: Box,
) -> None:
    await box.ask("El NIÑO comió en Cáceres; nin\u0303o").ends()

    assert await hits(box, "nino") == ["NIÑO nin\u0303o"] * 2
    assert await hits(box, "niño COMIO caceres") == ["NIÑO comió Cáceres nin\u0303o"] * 2


async def test_the_last_word_may_be_half_typed_and_the_others_may_not(box: Box) -> None:
    await box.ask("La factura de la electricidad").ends()

    assert await hits(box, "factura elec") == ["factura electricidad"] * 2
    assert await hits(box, "fact electricidad") == []


async def test_words_in_quotes_must_follow_each_other(box: Box) -> None:
    await box.ask("la luz azul").ends()

    assert await hits(box, '"luz azul"') == ["luz azul"] * 2
    assert await hits(box, '"luz az"') == []
    assert await hits(box, '"azul luz"') == []
    assert await hits(box, '"luz az') == ["luz azul"] * 2


async def test_answers_are_found_once_they_have_ended(
    any_database: Database, clock: ManualClock, ids: CountingIds
) -> None:
    migrated(any_database, [*JOBS, *CHAT])
    gate = Gate()
    engine = ScriptedEngine([*script("Zanahoria")[:-1], gate, script()[-1]])
    box = await Box(any_database, engine, clock, ids).start()
    tab = box.ask("¿Verdura?")
    await tab.shows("Zanahoria")
    before = await hits(box, "zanahoria")
    gate.open()
    await tab.ends()

    assert (before, await hits(box, "zanahoria")) == ([], ["Zanahoria"])
    await box.shut_down()


async def test_nobody_finds_what_others_wrote(box: Box) -> None:
    await box.ask("El secreto de Ana").ends()

    assert await hits(box, "secreto", "luis") == []


async def test_what_is_in_the_bin_is_not_found_until_it_is_brought_back(box: Box) -> None:
    tab = await box.ask("Zanahoria").ends()
    async with box.client() as client:
        await client.delete(f"/conversations/{tab.conversation_id}")
        gone = await hits(box, "zanahoria")
        await client.post(f"/conversations/{tab.conversation_id}/restore")

    assert (gone, len(await hits(box, "zanahoria"))) == ([], 2)


async def test_temporary_conversations_are_not_found(box: Box) -> None:
    await box.ask("Zanahoria", temporary=True).ends()

    assert await hits(box, "zanahoria") == []


async def test_a_new_title_is_found_and_the_old_one_is_not(box: Box) -> None:
    tab = await box.ask("¿Verdura?").ends()
    async with box.client() as client:
        await client.patch(f"/conversations/{tab.conversation_id}", json={"title": "Sopa"})

    assert await hits(box, "sopa") == ["Sopa"]
    assert [find["message_id"] is None for find in await finds(box, "verdura")] == [False]


async def test_pages_show_each_find_once_the_newest_first(box: Box) -> None:
    for number in range(5):
        await box.ask(f"Sopa {number}").ends()

    found = await all_pages(box, "sopa")

    titles = [f"Sopa {number}" for number in (4, 4, 3, 3, 2, 2, 1, 1, 0, 0)]
    assert found == [*zip([None, "user"] * 5, titles, strict=True)]


async def test_what_is_purged_leaves_nothing_in_the_index(
    box: Box, any_database: Database, clock: ManualClock
) -> None:
    tab = await box.ask("Zanahoria").ends()
    async with box.client() as client:
        await client.delete(f"/conversations/{tab.conversation_id}")
    clock.advance(31 * 86_400)

    await Purging(any_database, clock, Attaching(NoFiles(), int)).purge()

    left = await any_database.read(lambda c: c.execute(select(search_entries)).all())
    words = await any_database.read(
        lambda c: c.execute(text("SELECT count(*) FROM search_words")).scalar()
    )
    assert (left, words) == ([], 0)


async def test_what_was_written_before_there_was_a_search_is_found(
    any_database: Database, clock: ManualClock, ids: CountingIds
) -> None:
    migrated(any_database, [*JOBS, *CHAT])
    box = await Box(any_database, ScriptedEngine(script("Con leche.")), clock, ids).start()
    await box.ask("Zanahoria").ends()
    await any_database.write(_unindex)
    before = await hits(box, "zanahoria")

    await box.shut_down()
    box = await Box(any_database, box.engine, clock, ids).start()
    await until(lambda: not any_database.read_now(is_left), what="the end of indexing")

    assert before == []
    assert len(await hits(box, "zanahoria")) == 2
    assert await hits(box, "leche") == ["leche"]
    await box.shut_down()


@pytest.fixture
async def old_box(
    any_database: Database, clock: ManualClock, ids: CountingIds
) -> AsyncIterator[Box]:
    """A box with five conversations that are not in the index, and nobody who indexes them."""
    migrated(any_database, [*JOBS, *CHAT])
    box = await Box(any_database, ScriptedEngine(script("Con leche.")), clock, ids).start()
    for number in range(5):
        await box.ask(f"Sopa {number}").ends()
    await any_database.write(_unindex)
    yield box
    await box.shut_down()


async def all_pages(box: Box, query: str) -> list[object]:
    found: list[object] = []
    cursor = None
    async with box.client() as client:
        while True:
            params = {"q": query, "limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/history", params=params)).json()
            found += [(item["role"], item["conversation_title"]) for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found


async def test_old_texts_stand_behind_new_ones_and_in_their_own_order(
    old_box: Box, any_database: Database
) -> None:
    steps = 0
    while await any_database.write(lambda tx: index_step(tx.connection, Step(texts=2))):
        steps += 1
        if steps == 2:
            await old_box.ask("Sopa nueva").ends()

    asked = [("user", f"Sopa {number}") for number in (4, 3, 2, 1, 0)]
    named = [(None, f"Sopa {number}") for number in (4, 3, 2, 1, 0)]
    new = [(None, "Sopa nueva"), ("user", "Sopa nueva")]
    assert await all_pages(old_box, "sopa") == [*new, *asked, *named]


async def test_who_searches_is_told_while_old_texts_are_missing(
    old_box: Box, any_database: Database
) -> None:
    async def is_complete() -> bool:
        async with old_box.client() as client:
            complete: bool = (await client.get("/history", params={"q": "sopa"})).json()[
                "is_complete"
            ]
        return complete

    before = await is_complete()
    while await any_database.write(lambda tx: index_step(tx.connection, Step())):
        pass

    assert (before, await is_complete()) == (False, True)


async def test_what_is_renamed_or_continued_meanwhile_is_found_once_and_as_it_is_now(
    old_box: Box, any_database: Database
) -> None:
    async with old_box.client() as client:
        item = (await client.get("/conversations")).json()["items"][0]
        await client.patch(f"/conversations/{item['id']}", json={"title": "Zanahoria"})

    while await any_database.write(lambda tx: index_step(tx.connection, Step(texts=1))):
        pass

    assert await hits(old_box, "zanahoria") == ["Zanahoria"]
    assert len(await hits(old_box, "sopa")) == 9


async def test_a_step_ends_with_the_text_that_makes_it_too_long(
    old_box: Box, any_database: Database
) -> None:
    await any_database.write(lambda tx: index_step(tx.connection, Step(characters=1)))

    assert (await hits(old_box, "leche"), await hits(old_box, "sopa")) == (["leche"], [])


def test_only_a_database_with_conversations_has_something_to_index(any_database: Database) -> None:
    assert not migrated(any_database, [*JOBS, *CHAT]).read_now(is_left)


def _unindex(tx: Transaction) -> None:
    for table in ("search_words", "search_entries"):
        tx.connection.execute(text(f"DELETE FROM {table}"))
    tx.connection.execute(insert(search_backlog), [{"kind": MESSAGES}, {"kind": TITLES}])


@pytest.mark.parametrize(
    "query",
    [
        '"', "'", '""""', 'a" OR "b', "NEAR(a b, 5)", "*", "a*b*", "owner:ana", "words : x",
        "-x", "(((", "a AND", "AND OR NOT", "^x", "{a b}:c", "a + b", "\\", "%", "':*", "a & !b",
        "<->", "x" * 500, " ".join("abcdefghijklmnopqrstuvwxyz" * 9), "\N{PILE OF POO}", "é" * 400,
        '"' + "a " * 200,
    ],
)  # fmt: skip
async def test_no_query_is_too_hostile(box: Box, query: str) -> None:
    await box.ask("Hola").ends()

    assert await finds(box, query) == []


@pytest.mark.parametrize("params", [{}, {"q": "x" * 501}, {"q": "x", "cursor": "%%"}])
async def test_what_is_no_search_is_refused(box: Box, params: dict[str, str]) -> None:
    async with box.client() as client:
        answer = await client.get("/history", params=params)

    assert answer.status_code == 422


async def test_a_very_long_text_is_found_by_its_words(box: Box) -> None:
    await box.ask("Sopa " + " ".join(f"w{number}" for number in range(14_000))).ends()

    assert await hits(box, "w13999") == ["w13999"]
