"""An answer from question to end: what a client sees of it."""

import logging

import pytest

from appliance.base.errors import EngineUnavailableError, TooManyRequestsError
from appliance.engine.text.model import Loading, Piece, Queued, Reading, Writing
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import FINISHED, Gate, ScriptedEngine, script


async def test_an_answer_comes_as_a_stream_of_stages_text_and_end(start_box: StartBox) -> None:
    box = await start_box([Queued(1, 8.0), Loading(40), *script("Son ", "las 9")[1:]])

    tab = await box.ask("¿Qué *hora* es?").ends()

    assert tab.status == 200
    names = list(dict.fromkeys(tab.names))
    assert names == ["conversation", "title", "stage", "token", "done"]
    assert tab.events[0].data["title"] == "¿Qué hora es?"
    assert [event.data["stage"] for event in tab.events if event.event == "stage"][-1] == "writing"
    assert tab.text == "Son las 9"
    assert tab.events[-1].data == {
        "message_id": tab.message_id,
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 12, "completion_tokens": 2},
        "timings": {"queued_s": 0.0, "reading_s": 0.5, "writing_s": 1.0, "tokens_per_s": 1.0},
        "provider": "local",
        "provider_name": "",
        "model": "scripted",
        "cached": False,
        "fallback_reason": "",
        "attempts": 1,
        "cost_eur": None,
        "read_from": None,
    }


async def test_the_first_stage_does_not_wait_for_the_engine(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])

    tab = box.ask()
    await tab.begins()
    seen = [(event.event, event.data.get("stage")) for event in tab.events]

    assert seen[0][0] == "conversation"
    assert ("stage", "queued") in seen
    gate.open()
    await tab.ends()


async def test_each_stage_of_the_engine_is_told(start_box: StartBox) -> None:
    gates = [Gate(), Gate(), Gate()]
    box = await start_box(
        [
            *(Queued(2, 40.0), gates[0], Loading(60), gates[1], Reading(35, 900, 2), gates[2]),
            *(Writing(), Piece("Hola"), FINISHED),
        ]
    )
    tab = box.ask()

    for gate, number in zip(gates, (4, 5, 6), strict=True):
        await tab.comes(number)
        gate.open()
    await tab.ends()

    assert [event.data for event in tab.events[2:7]] == [
        {"stage": "queued", "ahead": 0},
        {"stage": "queued", "ahead": 2, "eta_s": 40.0},
        {"stage": "loading", "percent": 60},
        {
            "stage": "reading",
            "percent": 35,
            "prompt_tokens": 900,
            "dropped_turns": 2,
            "read_from": tab.events[0].data["question_id"],
        },
        {"stage": "writing"},
    ]


async def test_question_and_answer_are_messages_of_a_new_conversation(start_box: StartBox) -> None:
    box = await start_box(script("A las ", "9"))

    tab = await box.ask("¿Cuándo?").ends()
    question, answer = await box.messages(tab.conversation_id)

    assert (question["role"], question["content"], question["state"]) == (
        "user",
        "¿Cuándo?",
        "done",
    )
    assert (answer["role"], answer["content"], answer["state"]) == ("assistant", "A las 9", "done")
    assert (question["parent_id"], answer["parent_id"]) == (None, question["id"])
    assert (question["usage"], answer["usage"]) == (
        None,
        {"prompt_tokens": 12, "completion_tokens": 2},
    )
    assert question["id"] == tab.events[0].data["question_id"]


async def test_the_conversation_is_writing_until_the_answer_is_finished(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Hola")])
    tab = box.ask()
    await tab.begins()

    before = await box.conversation(tab.conversation_id)
    gate.open()
    await tab.ends()

    assert before["writing"] is True
    assert (await box.conversation(tab.conversation_id))["writing"] is False


async def test_a_reload_in_mid_stream_shows_the_whole_answer_again(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([*script("Hola, ")[:-1], gate, Piece("mundo"), FINISHED])
    first = box.ask()
    await first.shows("Hola, ")
    await first.close()

    second = box.follow(first.message_id)
    await second.shows("Hola, ")
    gate.open()
    await second.ends()

    assert second.text == "Hola, mundo"
    assert second.events[0].data == first.events[0].data
    assert second.names[-1] == "done"


async def test_two_tabs_show_the_same_answer(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([*script("Hola, ")[:-1], gate, Piece("mundo"), FINISHED])
    first = box.ask()
    await first.shows("Hola, ")
    second = box.follow(first.message_id)
    await second.shows("Hola, ")

    gate.open()
    await first.ends()
    await second.ends()

    assert (first.text, second.text) == ("Hola, mundo", "Hola, mundo")
    assert first.events[-1] == second.events[-1]


async def test_who_comes_back_with_the_last_id_gets_only_what_was_missed(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola, ")[:-1], gate, *map(Piece, "mundo"), FINISHED])
    first = box.ask()
    await first.shows("Hola, ")
    await first.close()
    gate.open()
    await box.all_written()

    second = await box.follow(first.message_id, first.last_event_id).ends()

    assert second.names == ["token", "done"]
    assert second.text == "mundo"
    assert second.events[0].id > first.last_event_id


async def test_after_a_restart_the_row_gives_what_was_missed(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([*script("Hola, ")[:-1], gate, Piece("mundo"), FINISHED])
    first = box.ask()
    await first.shows("Hola, ")
    await first.close()
    gate.open()
    await box.all_written()
    await box.shut_down()

    second = await (await start_box()).follow(first.message_id, first.last_event_id).ends()

    assert (second.text, second.names) == ("mundo", ["token", "done"])


async def test_who_has_seen_the_end_gets_an_empty_stream(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    again = await box.follow(tab.message_id, tab.last_event_id).ends()

    assert (again.status, again.events) == (200, [])


async def test_a_client_that_goes_away_does_not_stop_the_answer(start_box: StartBox) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, Piece(" a todos"), FINISHED])
    tab = box.ask()
    await tab.shows("Hola")

    await tab.close()
    gate.open()
    await box.all_written()

    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("done", "Hola a todos")


async def test_the_engine_reads_the_conversation_so_far(start_box: StartBox) -> None:
    box = await start_box(script("Hola, Ana"))
    engine = box.engine
    tab = await box.ask("Soy Ana").ends()

    await box.ask("¿Y tú?", conversation_id=tab.conversation_id).ends()

    turns = [(turn.role, turn.content) for turn in engine.requests[1].turns[1:]]
    assert turns == [("user", "Soy Ana"), ("assistant", "Hola, Ana"), ("user", "¿Y tú?")]
    assert engine.requests[1].fairness_key == "ana"


async def test_options_reach_the_engine(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    await box.ask(options={"temperature": 0, "max_tokens": 5, "seed": 7}).ends()

    sampling = box.engine.requests[0].sampling
    assert (sampling.temperature, sampling.max_tokens, sampling.seed) == (0, 5, 7)


async def test_the_system_instruction_is_in_the_askers_language(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))

    await box.ask(user="ana").ends()
    await box.ask(user="luis").ends()

    firsts = [request.turns[0].content[:8] for request in box.engine.requests]
    assert firsts == ["Eres Nod", "You are "]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (
            EngineUnavailableError("The engine stopped.", hint="Try again."),
            "engine_unavailable",
            503,
        ),
        (TooManyRequestsError("The queue is full.", code="queue_full"), "queue_full", 429),
    ],
)
async def test_a_failure_of_the_engine_ends_the_stream_and_keeps_the_text(
    start_box: StartBox, error: Exception, code: str, status: int
) -> None:
    box = await start_box([*script("Hola")[:-1], error])

    tab = await box.ask().ends()

    assert (tab.text, tab.names[-1]) == ("Hola", "error")
    assert (tab.events[-1].data["code"], tab.events[-1].data["status"]) == (code, status)
    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("failed", "Hola")
    assert answer["error"] == tab.events[-1].data


async def test_a_failure_that_nobody_foresaw_is_logged_and_told_without_details(
    start_box: StartBox, caplog: pytest.LogCaptureFixture
) -> None:
    box = await start_box([ZeroDivisionError("secret")])

    with caplog.at_level(logging.ERROR):
        tab = await box.ask().ends()

    assert tab.events[-1].data["code"] == "internal_error"
    assert "secret" not in str(tab.events[-1].data)
    assert [record.getMessage() for record in caplog.records] == ["answer failed"]


async def test_an_engine_that_ends_without_an_end_is_a_failure(start_box: StartBox) -> None:
    box = await start_box(script("Hola")[:-1])

    tab = await box.ask().ends()

    assert tab.events[-1].data["code"] == "engine_unavailable"


async def test_half_characters_from_a_model_do_not_break_the_answer(start_box: StartBox) -> None:
    box = await start_box(script("a\ud83d", "b\x00c"))

    tab = await box.ask().ends()

    assert tab.text == "a�b�c"
    assert (await box.last_message(tab.conversation_id))["content"] == "a�b�c"


async def test_the_engine_gets_nothing_but_the_answer_to_write(start_box: StartBox) -> None:
    engine = ScriptedEngine(script("Hola"))
    box = await start_box(engine=engine)

    await box.ask().ends()

    # No hidden calls for titles or follow-ups: on a slow box each one makes people wait.
    assert len(engine.requests) == 1
