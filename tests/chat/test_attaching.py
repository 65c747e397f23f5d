"""Questions with files, from outside: what the model reads, what is kept, what goes with what."""

from datetime import timedelta

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.chat.migrations import MIGRATIONS as CHAT
from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import FINISHED, Piece, ScriptedEngine, Writing, script

FILE = "01a1fe67-8b8f-71e5-93d7-ed93f6226add"
OTHER = "01a1fe67-8b8f-71e5-93d7-aaaaaaaaaaaa"


async def test_the_model_reads_the_file_before_the_question(start_box: StartBox) -> None:
    box = await start_box(script("Ana"))
    box.shelf.put(FILE, "Ana abre a las ocho.")

    tab = await box.ask("¿Quién abre?", files=[FILE]).ends()

    read = box.engine.requests[-1].turns[-1].content
    assert read.index("Ana abre a las ocho.") < read.index("¿Quién abre?")
    assert "[[archivo ed93f6226add: 6add.txt]]" in read
    assert tab.text == "Ana"


async def test_a_question_shows_its_files_and_its_own_text_alone(start_box: StartBox) -> None:
    box = await start_box(script("Ana"))
    box.shelf.put(FILE, "Ana abre a las ocho.")

    tab = await box.ask("¿Quién abre?", files=[FILE]).ends()

    question, answer = await box.messages(tab.conversation_id)
    assert (question["content"], answer["files"]) == ("¿Quién abre?", [])
    assert question["files"] == [
        {
            "id": FILE, "name": "6add.txt", "media_type": "text/plain", "size_bytes": 20,
            "state": "ready", "characters": 20, "tokens": 5, "tokens_estimated": False,
            "is_cut": False,
        }
    ]  # fmt: skip


async def test_a_further_question_begins_with_what_was_read_already(start_box: StartBox) -> None:
    box = await start_box(script("Ana"))
    box.shelf.put(FILE, "Ana abre a las ocho.")
    tab = await box.ask("¿Quién abre?", files=[FILE]).ends()

    await box.ask("¿Y quién cierra?", conversation_id=tab.conversation_id).ends()

    first, further = (request.turns for request in box.engine.requests)
    assert further[: len(first)] == first


async def test_another_answer_to_the_same_question_reads_the_same(start_box: StartBox) -> None:
    box = await start_box(script("Ana"))
    box.shelf.put(FILE, "Ana abre a las ocho.")
    tab = await box.ask("¿Quién abre?", files=[FILE]).ends()

    await box.retry(tab.message_id).ends()

    first, again = (request.turns for request in box.engine.requests)
    assert again == first


async def test_several_files_stand_in_the_order_in_which_they_were_named(
    start_box: StartBox,
) -> None:
    box = await start_box(script("x"))
    box.shelf.put(FILE, "uno")
    box.shelf.put(OTHER, "dos")

    await box.ask("?!", files=[OTHER, FILE, OTHER]).ends()

    read = box.engine.requests[-1].turns[-1].content
    assert read.index("dos") < read.index("uno")
    assert read.count("dos") == 1


async def test_files_that_are_too_long_are_refused_and_nothing_is_asked(
    start_box: StartBox,
) -> None:
    box = await start_box(engine=ScriptedEngine(script("x"), context_tokens=600))
    box.shelf.put(FILE, "palabra " * 1000)

    refused = await box.ask("Resume", files=[FILE]).ends()

    assert refused.status == 422
    assert refused.problem["code"] == "files_too_long"
    assert (refused.problem["tokens"], refused.problem["limit_tokens"]) == (1040, 270)
    async with box.client() as client:
        assert (await client.get("/conversations")).json()["items"] == []


async def test_files_that_are_too_long_are_cut_on_request(start_box: StartBox) -> None:
    box = await start_box(engine=ScriptedEngine(script("x"), context_tokens=600))
    box.shelf.put(FILE, "palabra " * 1000)

    tab = await box.ask("Resume", files=[FILE], cut_files=True).ends()

    read = box.engine.requests[-1].turns[-1].content
    shown = (await box.messages(tab.conversation_id))[0]["files"]
    assert read.count("palabra") == 243
    assert "Aquí se ha cortado el archivo" in read
    assert [(file["is_cut"], file["tokens"]) for file in shown] == [(True, 243)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("files", [["nope"], [FILE, "nope"]])
async def test_a_file_that_is_not_there_is_named_so(start_box: StartBox, files: list[str]) -> None:
    box = await start_box(script("x"))
    box.shelf.put(FILE, "uno")

    refused = await box.ask("?!", files=files).ends()

    assert (refused.status, refused.problem["code"]) == (404, "file_not_found")
    assert box.shelf.used == []


async def test_another_persons_file_cannot_be_read_along(start_box: StartBox) -> None:
    box = await start_box(script("x"))
    box.shelf.put(FILE, "secreto")

    refused = await box.ask("?!", user="luis", files=[FILE]).ends()

    assert refused.status == 404
    assert box.engine.requests == []


async def test_more_than_ten_files_are_refused(start_box: StartBox) -> None:
    box = await start_box(script("x"))

    refused = await box.ask("?!", files=[f"f{number}" for number in range(11)]).ends()

    assert (refused.status, refused.problem["field"]) == (422, "files")


async def test_a_conversation_longer_than_any_model_leaves_old_files_out(
    start_box: StartBox,
) -> None:
    box = await start_box(engine=ScriptedEngine(script("x"), context_tokens=0))
    box.shelf.put(FILE, "viejo " * 100_000)
    box.shelf.put(OTHER, "nuevo " * 100_000)
    tab = await box.ask("una", files=[FILE]).ends()

    await box.ask("otra", conversation_id=tab.conversation_id, files=[OTHER]).ends()

    read = "".join(turn.content for turn in box.engine.requests[-1].turns)
    assert ("nuevo" in read, "viejo" in read, "una" in read) == (True, False, False)


async def test_files_go_with_the_last_conversation_that_uses_them(
    any_database: Database, clock: ManualClock, ids: CountingIds
) -> None:
    database = migrated(any_database, [*JOBS, *CHAT])
    engine = ScriptedEngine([Writing(), Piece("x"), FINISHED])
    box = await Box(database, engine, clock, ids).start()
    box.shelf.put(FILE, "uno")
    box.shelf.put(OTHER, "dos")
    first = await box.ask("a", files=[FILE, OTHER]).ends()
    second = await box.ask("b", files=[FILE]).ends()

    released = []
    for tab in (first, second):
        async with box.client() as client:
            await client.delete(f"/conversations/{tab.conversation_id}")
        clock.advance(timedelta(days=31).total_seconds())
        await {kind.name: kind for kind in box.chat.job_kinds}["chat.purge"].handler({}, 1)
        released.append(list(box.shelf.released))
    await box.shut_down()

    assert released == [[OTHER], [OTHER, FILE]]
