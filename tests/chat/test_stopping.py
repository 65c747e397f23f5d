"""Stop ends the work and keeps the text, in whichever moment it comes."""

from appliance.engine.text.model import Finished, FinishReason, Piece
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import FINISHED, Gate, script
from tests.waiting import until


async def test_stop_ends_the_engines_work_and_keeps_the_text(start_box: StartBox) -> None:
    box = await start_box([*script("Hola")[:-1], Gate(), Piece(" mundo"), FINISHED])
    tab = box.ask()
    await tab.shows("Hola")

    assert await box.stop(tab.message_id) == {"stopped": True}

    await tab.ends()
    assert box.engine.cut_short == [tab.message_id]
    assert box.engine.state().running == 0
    end = tab.events[-1]
    assert (end.event, end.data["finish_reason"]) == ("done", "cancelled")
    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("stopped", "Hola")
    assert answer["finish_reason"] == "cancelled"


async def test_stopping_again_says_that_it_had_ended(start_box: StartBox) -> None:
    box = await start_box([*script("Hola")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola")
    await box.stop(tab.message_id)

    assert await box.stop(tab.message_id) == {"stopped": False}


async def test_a_finished_answer_stays_finished(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    assert await box.stop(tab.message_id) == {"stopped": False}
    assert (await box.last_message(tab.conversation_id))["state"] == "done"


async def test_an_answer_before_its_first_word_can_be_stopped(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])
    tab = box.ask()
    await until(lambda: gate.reached)

    assert await box.stop(tab.message_id) == {"stopped": True}

    await tab.ends()
    assert (tab.text, tab.names[-1]) == ("", "done")


async def test_an_answer_that_waits_for_the_persons_other_one_can_be_stopped(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, FINISHED])
    first = box.ask()
    await first.shows("Hola")
    second = box.ask()
    await until(lambda: second.events and second.events[-1].data.get("ahead") == 1)

    assert await box.stop(second.message_id) == {"stopped": True}

    await second.ends()
    assert len(box.engine.requests) == 1
    gate.open()
    assert (await first.ends()).names[-1] == "done"


async def test_an_answer_whose_job_has_not_begun_is_never_written(start_box: StartBox) -> None:
    box = await start_box(script("Hola"), works=False)
    tab = box.ask()
    await tab.begins()

    assert await box.stop(tab.message_id) == {"stopped": True}
    await box.start()
    await box.ask(user="luis").ends()

    assert (await tab.ends()).names[-1] == "done"
    assert [request.fairness_key for request in box.engine.requests] == ["luis"]


async def test_an_engine_that_says_cancelled_leaves_a_stopped_answer(start_box: StartBox) -> None:
    cancelled = Finished(FinishReason.CANCELLED, "scripted", 12, 1, 0.0, 0.1, 0.1)
    box = await start_box([*script("Hola")[:-1], cancelled])

    tab = await box.ask().ends()

    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["usage"]) == (
        "stopped",
        {"prompt_tokens": 12, "completion_tokens": 1},
    )


async def test_after_a_stop_one_can_go_on_asking(start_box: StartBox) -> None:
    box = await start_box([*script("Hola")[:-1], Gate()], script("Adiós"))
    tab = box.ask()
    await tab.shows("Hola")
    await box.stop(tab.message_id)

    again = await box.ask(conversation_id=tab.conversation_id).ends()

    assert again.text == "Adiós"
