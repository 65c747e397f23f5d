"""Whatever is cut and resumed, everybody gets the text exactly, and ids grow."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.chat.answer_events import (
    LAST_CHANGE,
    MOST_RUNS,
    START,
    AnswerEvent,
    AnswerSoFar,
    Change,
    Ending,
    Place,
    Reader,
    place_of,
)

DONE = Ending("done", {"finish_reason": "stop"})

changes = st.builds(Change, st.just(0), st.sampled_from(["stage", "title"]), st.just({}))
pieces = st.text(min_size=1, max_size=5)


@st.composite
def growing(draw: st.DrawFn) -> list[AnswerSoFar]:
    """Return moments of one answer, each after the one before it."""
    so_far = AnswerSoFar("", (Change(1, "conversation", {}),), None)
    moments = [so_far]
    for number, step in enumerate(draw(st.lists(pieces | changes, max_size=20)), start=2):
        if isinstance(step, str):
            so_far = AnswerSoFar(so_far.text + step, so_far.changes, None)
        else:
            kept = tuple(change for change in so_far.changes if change.event != step.event)
            so_far = AnswerSoFar(so_far.text, (*kept, Change(number, step.event, {})), None)
        moments.append(so_far)
    return [*moments, AnswerSoFar(so_far.text, so_far.changes, DONE)]


def text_of(events: list[AnswerEvent]) -> str:
    return "".join(str(event.data["text"]) for event in events if event.event == "token")


@given(moments=growing(), data=st.data())
def test_a_reader_that_is_cut_off_again_and_again_gets_the_text_exactly(
    moments: list[AnswerSoFar], data: st.DataObject
) -> None:
    received: list[AnswerEvent] = []
    reader = Reader(START, moments[0])
    for moment in moments:
        events = reader.take(moment)
        arrived = data.draw(st.integers(0, len(events)))
        received += events[:arrived]
        if arrived < len(events) or data.draw(st.booleans()):
            last = str(received[-1].id) if received else None
            reader = Reader(place_of(last), moment)
            received += reader.take(moment)

    assert text_of(received) == moments[-1].text
    assert [event.event for event in received].count("done") == 1
    ids = [event.id for event in received]
    assert all(earlier < later for earlier, later in pairwise(ids))


@given(moments=growing(), cut=st.integers(0, 30))
def test_what_a_live_answer_began_the_row_finishes_after_a_restart(
    moments: list[AnswerSoFar], cut: int
) -> None:
    live = Reader(START, moments[0])
    received = [event for moment in moments[:-1] for event in live.take(moment)][: cut + 1]
    row = AnswerSoFar(moments[-1].text, (Change(1, "conversation", {}),), DONE)

    rest = Reader(place_of(str(received[-1].id)), row).take(row)

    assert text_of(received + rest) == row.text
    assert rest[-1].event == "done"
    assert all(event.id > received[-1].id for event in rest)


@given(first=growing(), second=growing(), cut=st.integers(0, 60))
def test_a_continued_answer_goes_on_for_whoever_left_anywhere_in_the_run_before(
    first: list[AnswerSoFar], second: list[AnswerSoFar], cut: int
) -> None:
    before = Reader(START, first[0])
    received = [event for moment in first for event in before.take(moment)][: cut + 1]
    kept = first[-1].text
    moments = [replace(moment, text=kept + moment.text, run=1) for moment in second]

    after = Reader(place_of(str(received[-1].id)), moments[0])
    rest = [event for moment in moments for event in after.take(moment)]

    assert text_of(received + rest) == moments[-1].text
    assert rest[-1].event == "done"
    ids = [event.id for event in received + rest]
    assert all(earlier < later for earlier, later in pairwise(ids))


@given(moments=growing())
def test_who_has_the_end_is_told_nothing_more(moments: list[AnswerSoFar]) -> None:
    end = Reader(START, moments[-1]).take(moments[-1])[-1]

    assert Reader(place_of(str(end.id)), moments[-1]).take(moments[-1]) == []


@given(
    characters=st.integers(0, 2**26 - 1),
    change=st.integers(0, LAST_CHANGE),
    run=st.integers(0, MOST_RUNS),
)
def test_an_id_says_the_place_and_javascript_counts_it_exactly(
    characters: int, change: int, run: int
) -> None:
    place = Place(characters, change, run)

    assert place_of(str(place.event_id)) == place
    assert place.event_id < 2**53


def test_missed_text_comes_as_one_token() -> None:
    so_far = AnswerSoFar("Hola, mundo", (Change(1, "conversation", {}),), None)
    reader = Reader(Place(characters=4, change=1), so_far)

    assert reader.take(so_far) == [AnswerEvent(Place(11, 1).event_id, "token", {"text": ", mundo"})]


def test_news_of_a_new_start_reach_a_client_that_was_told_more_before_it() -> None:
    so_far = AnswerSoFar("", (Change(1, "conversation", {}), Change(2, "stage", {})), None)
    reader = Reader(Place(characters=0, change=9), so_far)

    events = reader.take(so_far)

    assert [(event.event, event.id) for event in events] == [("conversation", 10), ("stage", 11)]
    assert reader.take(so_far) == []


def test_a_client_that_saw_more_than_was_saved_gets_the_end_after_what_it_saw() -> None:
    row = AnswerSoFar("Hola", (Change(1, "conversation", {}),), DONE)

    events = Reader(Place(characters=9, change=3), row).take(row)

    assert events[-1] == AnswerEvent(Place(9, LAST_CHANGE).event_id, "done", DONE.data)


@pytest.mark.parametrize("text", ["-1", "1.5", "abc", "٣", "9007199254740992", "9" * 400, " 1"])
def test_what_is_no_id_of_ours_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError) as refusal:
        place_of(text)

    assert refusal.value.fields == {"field": "Last-Event-ID"}


@pytest.mark.parametrize("text", [None, ""])
def test_without_an_id_one_begins_at_the_start(text: str | None) -> None:
    assert place_of(text) == START
