"""A live answer: what readers are told, how often, and how work on it is ended."""

import asyncio
from dataclasses import replace

from appliance.base.database.database import Database
from appliance.chat.answer_events import START, AnswerEvent, Ending
from appliance.chat.following import Following
from appliance.chat.live_answer import LiveAnswer, LiveAnswers
from appliance.chat.model import Heading
from appliance.engine.text.model import Piece
from tests.fakes.clock import ManualClock

HEADING = Heading("c", "Luz", "m", "q", title_is_new=True)
DONE = Ending("done", {})


def stages_of(live: LiveAnswer) -> object:
    return next(change.data for change in live.so_far().changes if change.event == "stage")


def test_percentages_are_told_four_times_a_second_and_stages_at_once(clock: ManualClock) -> None:
    live = LiveAnswer(HEADING, clock)
    live.tell_stage({"stage": "reading", "percent": 1})
    clock.advance(0.2)
    live.tell_stage({"stage": "reading", "percent": 2})
    held_back = stages_of(live)
    clock.advance(0.05)
    live.tell_stage({"stage": "reading", "percent": 3})

    assert held_back == {"stage": "reading", "percent": 1}
    assert stages_of(live) == {"stage": "reading", "percent": 3}


def test_the_first_end_counts(clock: ManualClock) -> None:
    live = LiveAnswer(HEADING, clock)
    live.add(Piece("Hola"))

    live.settle("Hola, mundo", DONE)
    live.settle("otra cosa", Ending("error", {}))

    assert (live.text, live.ending) == ("Hola, mundo", DONE)


def test_who_stops_before_the_work_begins_stops_it_when_it_begins(clock: ManualClock) -> None:
    live = LiveAnswer(HEADING, clock)
    cancelled: list[str] = []

    live.stop()
    live.written_by(lambda: cancelled.append("now"))

    assert cancelled == ["now"]


def test_an_answer_is_opened_once_and_forgotten_when_closed(clock: ManualClock) -> None:
    answers = LiveAnswers(clock)
    live = answers.opened(HEADING)

    assert answers.opened(HEADING) is live
    answers.close(live)
    assert answers.find("m", run=0) is None
    again = answers.opened(HEADING)
    answers.close(live)  # Closing the old one leaves the new one alone.
    assert answers.find("m", run=0) is again


def test_text_is_told_when_it_is_on_disk_and_not_before(clock: ManualClock) -> None:
    live = LiveAnswer(HEADING, clock)

    live.add(Piece("Hola"))
    before = live.so_far().text
    live.saved("Hola")
    live.add(Piece(", mundo"))

    assert (before, live.so_far().text) == ("", "Hola")


def test_the_next_run_is_another_live_answer_and_the_one_before_does_not_close_it(
    clock: ManualClock,
) -> None:
    answers = LiveAnswers(clock)
    first = answers.opened(HEADING)
    second = answers.opened(replace(HEADING, run=1), "Hola")

    answers.close(first)

    assert answers.find("m", run=0) is second
    assert answers.find("m", run=2) is None
    assert second.so_far() == replace(second.so_far(), text="Hola", run=1)


async def test_waiting_ends_with_the_time_or_with_the_condition(clock: ManualClock) -> None:
    live = LiveAnswer(HEADING, clock)

    await live.wait(lambda: live.text == "ab", within_s=0.001)
    waiting = asyncio.create_task(live.wait(lambda: live.text == "ab"))
    live.add(Piece("a"))
    live.add(Piece("b"))

    async with asyncio.timeout(5):
        await waiting


async def test_readers_get_text_at_most_twenty_times_a_second(
    clock: ManualClock, database: Database
) -> None:
    answers = LiveAnswers(clock)
    live = answers.opened(HEADING)
    events: list[AnswerEvent] = []
    loop = asyncio.get_running_loop()

    async def read() -> None:
        following = Following(database, answers)
        events.extend([event async for event in await following.events_of_new("ana", HEADING)])

    reading = asyncio.create_task(read())
    began_s = loop.time()
    for number in range(300):
        live.add(Piece(f"{number} "))
        live.saved(live.text)
        await asyncio.sleep(0.001)
    live.settle(live.text, DONE)
    await reading
    took_s = loop.time() - began_s

    texts = [str(event.data["text"]) for event in events if event.event == "token"]
    assert "".join(texts) == "".join(f"{number} " for number in range(300))
    # The first at once, the last with the end.
    assert len(texts) <= took_s * 20 + 2
    assert START.event_id < events[0].id


async def test_a_reader_that_is_slow_gets_what_it_missed_in_one_piece(
    clock: ManualClock, database: Database
) -> None:
    answers = LiveAnswers(clock)
    live = answers.opened(HEADING)
    following = Following(database, answers)
    events = await following.events_of_new("ana", HEADING)
    first = await anext(events)

    for _ in range(10_000):
        live.add(Piece("palabra "))
    live.settle(live.text, DONE)
    rest = [event async for event in events]

    assert first.event == "conversation"
    assert [event.event for event in rest] == ["title", "stage", "token", "done"]
    assert rest[2].data == {"text": "palabra " * 10_000}
