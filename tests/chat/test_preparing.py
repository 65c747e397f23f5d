"""Files are read before anybody asks: what exactly, when not, and what ends it."""

import logging

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.base.jobs.queue import count_jobs
from appliance.chat.preparations import Preparations
from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.fakes.clock import ManualClock
from tests.fakes.text_engine import Gate, ScriptedEngine, script
from tests.waiting import until

FILE = "01a1fe67-8b8f-71e5-93d7-ed93f6226add"
OTHER = "01a1fe67-8b8f-71e5-93d7-aaaaaaaaaaaa"
LONG = "palabra " * 500


def engine(*, context_tokens: int = 2000) -> ScriptedEngine:
    return ScriptedEngine(script("x"), context_tokens=context_tokens)


def jobs_of(box: Box) -> dict[str, int]:
    """Return how many preparing jobs there are in each state."""
    counts = box.database.read_now(count_jobs)
    return {state: count for (kind, state), count in counts.items() if kind == "chat.prepare"}


async def all_done(box: Box) -> None:
    await until(lambda: not jobs_of(box), what="the end of all preparing")


async def test_exactly_what_a_first_question_begins_with_is_read(start_box: StartBox) -> None:
    box = await start_box(engine=engine())
    box.shelf.put(FILE, LONG)

    await box.was_read(FILE)
    await all_done(box)
    await box.ask("¿Quién abre?", files=[FILE]).ends()

    [ahead], [asked] = box.host.prepared, box.engine.requests
    assert asked.turns[0] == ahead.turns[0]
    assert asked.turns[1].content == ahead.turns[1].content + "¿Quién abre?"
    assert (ahead.fairness_key, ahead.shared_turns) == (asked.fairness_key, asked.shared_turns)


async def test_it_is_read_in_the_owners_language(start_box: StartBox) -> None:
    box = await start_box(engine=engine())
    box.shelf.owner_id = "luis"
    box.shelf.put(FILE, LONG)

    await box.was_read(FILE, user="luis")
    await all_done(box)
    await box.ask("Who?", user="luis", files=[FILE]).ends()

    [ahead], [asked] = box.host.prepared, box.engine.requests
    assert ahead.turns[1].content.startswith("The attached files")
    assert asked.turns[1].content == ahead.turns[1].content + "Who?"


async def test_a_file_of_500_tokens_is_read_ahead_and_a_shorter_one_is_not(
    start_box: StartBox,
) -> None:
    box = await start_box(engine=engine())
    box.shelf.put(FILE, "palabra " * 499)
    box.shelf.put(OTHER, LONG)

    await box.was_read(FILE, OTHER)
    await all_done(box)

    assert [ahead.request_id for ahead in box.host.prepared] == [f"prepare-{OTHER}"]


async def test_a_file_that_leaves_no_room_for_a_question_is_not_read_ahead(
    start_box: StartBox,
) -> None:
    box = await start_box(engine=engine(context_tokens=900))
    box.shelf.put(FILE, LONG)

    await box.was_read(FILE)
    await all_done(box)

    assert box.host.prepared == []


@pytest.mark.parametrize(("user", "file_id"), [("ana", OTHER), ("luis", FILE), ("nobody", FILE)])
async def test_nothing_is_read_of_what_is_gone_or_nobodys(
    start_box: StartBox, user: str, file_id: str
) -> None:
    box = await start_box(engine=engine())
    box.shelf.put(FILE, LONG)

    await box.was_read(file_id, user=user)
    await all_done(box)

    assert box.host.prepared == []


@pytest.mark.parametrize(("is_temporary", "count"), [(True, 0), (False, 1)])
async def test_a_file_of_a_temporary_conversation_is_not_read_ahead(
    start_box: StartBox, is_temporary: bool, count: int
) -> None:
    box = await start_box(engine=engine())
    box.shelf.put(FILE, LONG)
    await box.ask("¿Quién abre?", files=[FILE], temporary=is_temporary).ends()

    await box.was_read(FILE)
    await all_done(box)

    assert len(box.host.prepared) == count


@pytest.mark.parametrize(("is_temporary", "count"), [(True, 0), (False, 1)])
async def test_a_question_in_a_temporary_conversation_ends_the_reading_ahead(
    start_box: StartBox, is_temporary: bool, count: int
) -> None:
    box = await start_box(engine=engine())
    box.host.gate = gate = Gate()
    box.shelf.put(FILE, LONG)
    await box.was_read(FILE)
    await until(lambda: gate.reached, what="the beginning of the reading")

    await box.ask("¿Quién abre?", files=[FILE], temporary=is_temporary).ends()
    gate.open()
    await all_done(box)

    assert len(box.host.prepared) == count


async def test_a_file_that_is_removed_while_it_is_read_ahead_ends_that(start_box: StartBox) -> None:
    box = await start_box(engine=engine())
    box.host.gate = gate = Gate()
    box.shelf.put(FILE, LONG)
    await box.was_read(FILE)
    await until(lambda: gate.reached, what="the beginning of the reading")

    box.chat.preparations.give_up(FILE)
    await all_done(box)

    assert box.host.prepared == []


async def test_giving_up_what_is_not_read_is_nothing() -> None:
    Preparations().give_up(FILE)


async def test_one_file_is_read_ahead_at_a_time_and_the_others_do_not_count_as_late(
    start_box: StartBox,
) -> None:
    box = await start_box(engine=engine())
    box.host.gate = gate = Gate()
    box.shelf.put(FILE, LONG)
    box.shelf.put(OTHER, LONG)

    await box.was_read(FILE, OTHER)
    await until(lambda: gate.reached and jobs_of(box) == {"running": 2}, what="both jobs")
    reached = gate.reached
    gate.open()
    await all_done(box)

    assert (reached, len(box.host.prepared)) == (1, 2)


async def test_a_file_is_ordered_once(start_box: StartBox) -> None:
    box = await start_box(engine=engine(), works=False)

    await box.was_read(FILE, FILE)

    assert jobs_of(box) == {"waiting": 1}


async def test_after_a_restart_it_is_read_all_the_same(start_box: StartBox) -> None:
    first = await start_box(engine=engine())
    first.host.gate = gate = Gate()
    first.shelf.put(FILE, LONG)
    await first.was_read(FILE)
    await until(lambda: gate.reached, what="the beginning of the reading")
    await first.shut_down()

    second = await start_box(engine=engine())
    second.shelf.put(FILE, LONG)
    await until(lambda: second.host.prepared, what="the reading")

    assert first.host.prepared == []


async def test_without_an_engine_it_is_tried_again_later(
    start_box: StartBox, clock: ManualClock
) -> None:
    box = await start_box(engine=engine())
    box.host.failure = EngineUnavailableError("There is no engine.")
    box.shelf.put(FILE, LONG)
    await box.was_read(FILE)
    await until(lambda: jobs_of(box) == {"waiting": 1}, what="the first attempt")

    box.host.failure = None
    clock.advance(10)
    box.look_for_jobs()
    await all_done(box)

    assert len(box.host.prepared) == 1


async def test_without_an_engine_for_long_it_is_given_up_without_alarm(
    start_box: StartBox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    box = await start_box(engine=engine(), works=False)
    box.host.failure = EngineUnavailableError("There is no engine.")
    box.shelf.put(FILE, LONG)
    prepare = {kind.name: kind for kind in box.chat.job_kinds}["chat.prepare"]

    with pytest.raises(EngineUnavailableError):
        await prepare.handler({"file_id": FILE, "owner_id": "ana"}, prepare.max_attempts - 1)
    await prepare.handler({"file_id": FILE, "owner_id": "ana"}, prepare.max_attempts)

    said = [record for record in caplog.records if record.message == "file not prepared"]
    assert [record.levelno for record in said] == [logging.INFO]
