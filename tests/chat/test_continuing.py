"""An answer that was cut goes on where it was cut; nothing that anybody saw is lost or doubled."""

from dataclasses import replace

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.model import FinishReason, Turn
from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.chat.tabs import Tab
from tests.fakes.text_engine import FINISHED, Gate, Step, script


def cut(*pieces: str) -> list[Step]:
    """Return an answer that ends at its length limit."""
    return [*script(*pieces)[:-1], replace(FINISHED, reason=FinishReason.LENGTH)]


async def refused(box: Box, message_id: str) -> tuple[int, object]:
    tab = await box.go_on(message_id).ends()
    return tab.status, tab.problem["code"]


def ids_of(*tabs: Tab) -> list[int]:
    return [event.id for tab in tabs for event in tab.events]


async def test_the_same_answer_goes_on_and_its_ids_go_on_growing(start_box: StartBox) -> None:
    box = await start_box(cut("Uno, ", "dos"), script(", tres", "."))
    first = await box.ask("Cuenta").ends()

    second = await box.go_on(first.message_id, first.last_event_id).ends()

    assert (first.text, second.text) == ("Uno, dos", ", tres.")
    assert second.message_id == first.message_id
    assert second.events[-1].data["finish_reason"] == "stop"
    assert ids_of(first, second) == sorted(set(ids_of(first, second)))
    answer = await box.last_message(first.conversation_id)
    assert (answer["content"], answer["state"]) == ("Uno, dos, tres.", "done")
    assert len(await box.messages(first.conversation_id)) == 2


async def test_the_engine_gets_the_answer_as_the_beginning_of_its_own_turn(
    start_box: StartBox,
) -> None:
    box = await start_box(cut("Uno, "), script("dos"))
    tab = await box.ask("Cuenta").ends()

    await box.go_on(tab.message_id).ends()

    asked, continued = box.engine.requests
    assert (asked.continues, continued.continues) == (False, True)
    assert continued.turns == (*asked.turns, Turn("assistant", "Uno, "))


async def test_who_comes_without_an_id_gets_the_whole_text(start_box: StartBox) -> None:
    box = await start_box(cut("Uno"), script(", dos"))
    tab = await box.ask("Cuenta").ends()

    again = await box.go_on(tab.message_id).ends()

    assert again.text == "Uno, dos"


async def test_whoever_had_the_end_is_told_how_it_went_on(start_box: StartBox) -> None:
    box = await start_box(cut("Uno"), script(", dos"))
    tab = await box.ask("Cuenta").ends()
    await box.go_on(tab.message_id).ends()

    later = await box.follow(tab.message_id, tab.last_event_id).ends()

    assert later.text == ", dos"
    assert later.names[-1] == "done"


async def test_tokens_and_seconds_of_all_runs_are_counted_together(start_box: StartBox) -> None:
    box = await start_box(cut("Uno"), script(", ", "dos"))
    tab = await box.ask("Cuenta").ends()

    await box.go_on(tab.message_id).ends()

    answer = await box.last_message(tab.conversation_id)
    assert answer["usage"] == {"prompt_tokens": 12, "completion_tokens": 5}
    assert answer["timings"] == {
        "queued_s": 0.0,
        "reading_s": 1.0,
        "writing_s": 2.0,
        "tokens_per_s": 2.0,
    }


async def test_an_answer_can_be_continued_again_and_again(start_box: StartBox) -> None:
    box = await start_box(cut("a"), cut("b"), cut("c"), script("d"))
    tabs = [await box.ask("Cuenta").ends()]
    for _ in range(3):
        tabs.append(await box.go_on(tabs[0].message_id, tabs[-1].last_event_id).ends())

    assert [tab.text for tab in tabs] == ["a", "b", "c", "d"]
    assert ids_of(*tabs) == sorted(set(ids_of(*tabs)))


async def test_what_was_stopped_goes_on(start_box: StartBox) -> None:
    box = await start_box([*script("Uno")[:-1], Gate()], script(", dos"))
    tab = box.ask("Cuenta")
    await tab.shows("Uno")
    await box.stop(tab.message_id)

    again = await box.go_on(tab.message_id, (await tab.ends()).last_event_id).ends()

    assert (tab.text, again.text) == ("Uno", ", dos")


async def test_what_failed_with_text_goes_on_and_its_error_is_forgotten(
    start_box: StartBox,
) -> None:
    box = await start_box(
        [*script("Uno")[:-1], EngineUnavailableError("It died.")], script(", dos")
    )
    tab = await box.ask("Cuenta").ends()

    await box.go_on(tab.message_id).ends()

    answer = await box.last_message(tab.conversation_id)
    assert (answer["content"], answer["state"], answer["error"]) == ("Uno, dos", "done", None)


async def test_a_run_that_fails_leaves_the_text_and_can_be_tried_again(
    start_box: StartBox,
) -> None:
    box = await start_box(cut("Uno"), [EngineUnavailableError("It died.")], script(", dos"))
    tab = await box.ask("Cuenta").ends()

    failed = await box.go_on(tab.message_id, tab.last_event_id).ends()
    again = await box.go_on(tab.message_id, failed.last_event_id).ends()

    assert (failed.text, failed.names[-1], again.text) == ("", "error", ", dos")


async def test_a_run_that_is_stopped_before_it_begins_leaves_the_text(
    start_box: StartBox,
) -> None:
    box = await start_box(cut("Uno"), [Gate()])
    tab = await box.ask("Cuenta").ends()
    again = box.go_on(tab.message_id)
    await again.comes(2)

    assert await box.stop(tab.message_id) == {"stopped": True}

    answer = await box.last_message(tab.conversation_id)
    assert (answer["content"], answer["state"]) == ("Uno", "stopped")


async def test_a_run_that_has_written_nothing_is_written_after_a_restart(
    start_box: StartBox,
) -> None:
    box = await start_box(cut("Uno"), [Gate()])
    tab = await box.ask("Cuenta").ends()
    await box.go_on(tab.message_id).comes(2)

    # Another box on the same file, as after a kill.
    again = await start_box(script(", dos"))
    later = await again.follow(tab.message_id, tab.last_event_id).ends()

    assert (later.text, later.names[-1]) == (", dos", "done")


async def test_a_run_that_has_written_something_is_interrupted_by_a_restart_and_goes_on(
    start_box: StartBox,
) -> None:
    box = await start_box(cut("Uno"), [*script(", dos")[:-1], Gate()])
    tab = await box.ask("Cuenta").ends()
    second = box.go_on(tab.message_id, tab.last_event_id)
    await second.shows(", dos")

    again = await start_box(script(", tres"))
    ended = await again.follow(tab.message_id, second.last_event_id).ends()
    third = await again.go_on(tab.message_id, ended.last_event_id).ends()

    assert [event.data.get("code") for event in ended.events] == ["answer_interrupted"]
    assert third.text == ", tres"
    answer = await again.last_message(tab.conversation_id)
    assert (answer["content"], answer["state"]) == ("Uno, dos, tres", "done")


async def test_while_it_goes_on_nothing_else_can_be_done_with_it(start_box: StartBox) -> None:
    box = await start_box(cut("Uno"), [*script(", dos")[:-1], Gate()])
    tab = await box.ask("Cuenta").ends()
    await box.go_on(tab.message_id).shows("Uno, dos")

    again = await refused(box, tab.message_id)
    followed = await box.ask("¿Y?", conversation_id=tab.conversation_id).ends()

    assert again == (409, "answer_in_progress")
    assert (followed.status, followed.problem["code"]) == (409, "answer_in_progress")


async def test_a_complete_answer_and_a_question_and_an_empty_answer_are_refused(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Ya está"), [EngineUnavailableError("It died.")])
    complete = await box.ask("Hola").ends()
    empty = await box.ask("Hola").ends()

    assert await refused(box, complete.message_id) == (409, "not_continuable")
    assert await refused(box, str(complete.events[0].data["question_id"])) == (
        409,
        "not_continuable",
    )
    assert await refused(box, empty.message_id) == (409, "not_continuable")


async def test_somebody_elses_answer_does_not_exist(start_box: StartBox) -> None:
    box = await start_box(cut("Uno"))
    tab = await box.ask("Cuenta").ends()

    foreign = await box.go_on(tab.message_id, user="luis").ends()

    assert (foreign.status, foreign.problem["code"]) == (404, "message_not_found")


@pytest.mark.parametrize("last_event_id", ["x", "-1"])
async def test_an_id_that_is_none_is_refused_before_anything_happens(
    start_box: StartBox, last_event_id: str
) -> None:
    box = await start_box(cut("Uno"))
    tab = await box.ask("Cuenta").ends()

    async with box.client() as client:
        answer = await client.post(
            f"/chat/{tab.message_id}/continue", headers={"last-event-id": last_event_id}
        )

    assert answer.status_code == 422
    assert (await box.last_message(tab.conversation_id))["state"] == "done"
