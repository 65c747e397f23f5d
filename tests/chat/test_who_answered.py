"""Who wrote an answer, what stays in the house, and what may be repeated."""

from dataclasses import replace

from appliance.engine.text.model import Origin, Piece
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import FINISHED, script

ELSEWHERE = Origin("shed", "Shed", reason="overload", attempts=2, cost_eur=0.00004)
STEPS = [Piece("Son las 9"), replace(FINISHED, origin=ELSEWHERE)]
REPEATED = [Piece("Son las 9"), replace(FINISHED, origin=Origin(is_cached=True, attempts=0))]


async def test_the_end_says_who_answered_and_why_and_what_it_cost(start_box: StartBox) -> None:
    box = await start_box(STEPS)

    tab = await box.ask().ends()
    message = await box.last_message(str(tab.conversation_id))

    said = tab.events[-1].data
    assert [said[name] for name in ("provider", "provider_name", "cached")] == [
        *("shed", "Shed", False),
    ]
    assert (said["fallback_reason"], said["attempts"], said["cost_eur"]) == ("overload", 2, 0.00004)
    assert (message["provider"], message["provider_name"], message["cost_eur"]) == (
        *("shed", "Shed", 0.00004),
    )


async def test_an_answer_given_again_says_so_now_and_later(start_box: StartBox) -> None:
    box = await start_box(REPEATED)

    tab = await box.ask().ends()

    assert tab.events[-1].data["cached"] is True
    assert (await box.last_message(str(tab.conversation_id)))["cached"] is True


async def test_a_lone_first_question_may_be_repeated_and_nothing_else(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    first = await box.ask().ends()
    await box.ask("¿Y ahora?", conversation_id=first.conversation_id).ends()
    await box.retry(str(first.message_id)).ends()

    assert [request.may_repeat for request in box.engine.requests] == [True, False, False]


async def test_what_begins_to_stay_in_the_house_stays_there(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    tab = await box.ask(local_only=True).ends()
    await box.ask("¿Y ahora?", conversation_id=tab.conversation_id).ends()

    assert [request.stays_local for request in box.engine.requests] == [True, True]
    assert (await box.conversation(str(tab.conversation_id)))["local_only"] is True


async def test_what_a_temporary_conversation_says_stays_in_memory(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    await box.ask(temporary=True).ends()
    await box.ask().ends()

    assert [request.stays_in_memory for request in box.engine.requests] == [True, False]


async def test_a_conversation_may_be_kept_in_the_house_later_and_let_out_again(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    for wanted in (True, False):
        async with box.client() as client:
            await client.patch(f"/conversations/{tab.conversation_id}", json={"local_only": wanted})
        await box.ask("¿Y?", conversation_id=tab.conversation_id).ends()

    assert [request.stays_local for request in box.engine.requests] == [False, True, False]


async def test_only_a_conversation_that_begins_takes_local_only_with_a_question(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    refused = await box.ask("¿Y?", conversation_id=tab.conversation_id, local_only=True).ends()

    assert refused.status == 422
