"""Where questions may be put, how many at a time, and what is asked again."""

from tests.chat.conftest import StartBox
from tests.chat.tabs import Tab
from tests.fakes.text_engine import FINISHED, Gate, script
from tests.waiting import until


def refusal(tab: Tab) -> tuple[int, object, object]:
    return tab.status, tab.problem["code"], tab.problem.get("field")


async def test_a_fourth_unfinished_answer_is_refused_in_words(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])
    tabs = [box.ask() for _ in range(3)]
    for tab in tabs:
        await tab.begins()

    fourth = await box.ask().ends()

    assert refusal(fourth) == (429, "too_many_answers", None)
    assert str(fourth.problem["detail"]).startswith("3 of your answers")
    assert (await box.ask(user="luis").begins()) is None
    gate.open()
    await box.all_written()
    assert (await box.ask().ends()).text == "Hola"


async def test_one_is_written_while_the_persons_others_wait(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])
    tabs: list[Tab] = []
    for ahead in range(3):
        tabs.append(box.ask())
        await until(lambda: gate.reached)
        await tabs[ahead].waits_behind(ahead)

    assert gate.reached == 1

    gate.open()
    for tab in tabs:
        assert (await tab.ends()).text == "Hola"


async def test_a_question_follows_the_newest_answer_by_itself(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    first = await box.ask().ends()

    second = await box.ask(conversation_id=first.conversation_id).ends()

    question = (await box.messages(first.conversation_id))[2]
    assert question["parent_id"] == first.message_id
    assert "title" not in second.names


async def test_a_question_can_begin_a_branch_anywhere(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    first = await box.ask("uno").ends()
    await box.ask("dos", conversation_id=first.conversation_id).ends()

    await box.ask(
        "dos bis", conversation_id=first.conversation_id, parent_id=first.message_id
    ).ends()
    await box.ask("uno bis", conversation_id=first.conversation_id, parent_id=None).ends()

    asked = [turn.content for turn in box.engine.requests[2].turns[1:]]
    assert asked == ["uno", "Hola", "dos bis"]
    assert [turn.content for turn in box.engine.requests[3].turns[1:]] == ["uno bis"]


async def test_a_question_cannot_follow_an_answer_that_is_being_written(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])
    tab = box.ask()
    await tab.begins()

    below = await box.ask(conversation_id=tab.conversation_id).ends()
    named = await box.ask(conversation_id=tab.conversation_id, parent_id=tab.message_id).ends()

    assert refusal(below) == (409, "answer_in_progress", None)
    assert refusal(named) == (409, "answer_in_progress", None)
    gate.open()


async def test_a_parent_must_be_an_answer_of_that_conversation(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    here, there = await box.ask().ends(), await box.ask().ends()
    question_id = here.events[0].data["question_id"]

    elsewhere = box.ask(conversation_id=here.conversation_id, parent_id=there.message_id)
    nowhere = box.ask(parent_id=here.message_id)
    a_question = box.ask(conversation_id=here.conversation_id, parent_id=question_id)

    assert refusal(await elsewhere.ends()) == (404, "message_not_found", "parent_id")
    assert refusal(await nowhere.ends()) == (404, "message_not_found", "parent_id")
    assert refusal(await a_question.ends()) == (422, "invalid_value", "parent_id")


async def test_an_unknown_conversation_is_not_found_and_nothing_is_kept(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))

    tab = await box.ask(conversation_id="nothing").ends()

    assert refusal(tab) == (404, "conversation_not_found", None)
    async with box.client() as client:
        assert (await client.get("/conversations")).json()["items"] == []


async def test_a_retry_is_another_answer_to_the_same_question(start_box: StartBox) -> None:
    box = await start_box(script("Hola"), script("Buenas"))
    first = await box.ask("¿Hola?", options={"seed": 1, "top_k": 3}).ends()

    second = await box.retry(first.message_id).ends()

    assert second.text == "Buenas"
    question, answer, sibling = await box.messages(first.conversation_id)
    assert answer["parent_id"] == sibling["parent_id"] == question["id"]
    again = box.engine.requests[1]
    assert [turn.content for turn in again.turns[1:]] == ["¿Hola?"]
    assert (again.sampling.seed, again.sampling.top_k) == (None, 3)


async def test_a_question_is_answered_anew_by_its_own_id_too(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    first = await box.ask().ends()

    second = await box.retry(str(first.events[0].data["question_id"])).ends()

    assert second.events[0].data["question_id"] == first.events[0].data["question_id"]


async def test_there_is_no_retry_while_an_answer_to_the_question_is_written(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, FINISHED])
    tab = box.ask()
    await tab.shows("Hola")

    retried = await box.retry(tab.message_id).ends()

    assert refusal(retried) == (409, "answer_in_progress", None)
    gate.open()


async def test_a_message_may_have_a_hundred_thousand_characters(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    assert (await box.ask("ñ" * 100_000).ends()).status == 200
    assert refusal(await box.ask("ñ" * 100_001).ends()) == (422, "invalid_value", "message")


async def test_what_databases_cannot_store_is_replaced_or_refused(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    tab = await box.ask("a\x00b").ends()

    assert (await box.messages(tab.conversation_id))[0]["content"] == "a�b"
    assert refusal(await box.ask("a\ud83db").ends()) == (422, "invalid_value", "message")
