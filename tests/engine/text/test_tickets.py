import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import (
    EngineUnavailableError,
    InvalidValueError,
    TooManyRequestsError,
)
from appliance.base.process.frames import decoded, encoded
from appliance.engine.text.frames import Order, generate_frame, load_frame, load_plan_of, order_of
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    JsonOutput,
    Loading,
    Piece,
    Queued,
    Reading,
    Sampling,
    TextRequest,
    Tool,
    ToolCall,
    ToolUse,
    Turn,
    Urgency,
    WhenTooLong,
    Writing,
)
from appliance.engine.text.tickets import Ticket, Tickets

FINISHED = {
    "is": "finished", "id": "1", "reason": "stop", "prompt_tokens": 9, "completion_tokens": 2,
    "queued_s": 0, "reading_s": 0.5, "writing_s": 1,
}  # fmt: skip


def _request(text: str = "Hi", request_id: str = "same") -> TextRequest:
    return TextRequest(request_id, (Turn("user", text),), "ana")


def _ticket() -> Ticket:
    return Tickets().admit(_request())


def _reading(percent: int) -> dict[str, object]:
    return {"is": "reading", "percent": percent, "prompt_tokens": 50, "dropped_turns": 0}


async def test_events_come_out_as_they_came_in():
    ticket = _ticket()

    ticket.hear({"is": "queued", "ahead": 2, "eta_s": None}, model="tiny")
    ticket.hear(_reading(0), model="tiny")
    ticket.hear({"is": "piece", "text": "Hé"}, model="tiny")
    ticket.hear(FINISHED, model="tiny")

    events = [await ticket.next_event() for _ in range(5)]
    assert events == [
        Queued(2, None),
        Reading(0, 50, 0),
        Writing(),
        Piece("Hé"),
        Finished(FinishReason.STOP, "tiny", 9, 2, 0.0, 0.5, 1.0),
    ]
    assert ticket.is_over


async def test_a_slow_reader_finds_text_joined_and_only_the_newest_stage():
    ticket = _ticket()
    ticket.tell_loading(1)
    ticket.tell_loading(2)
    for percent in range(100):
        ticket.hear(_reading(percent), model="tiny")
    for letter in "slow reader":
        ticket.hear({"is": "piece", "text": letter}, model="tiny")

    events = [await ticket.next_event() for _ in range(4)]

    assert events == [Loading(2), Reading(99, 50, 0), Writing(), Piece("slow reader")]


async def test_nothing_comes_after_the_last_word():
    ticket = _ticket()
    ticket.fail(EngineUnavailableError("Gone."))
    ticket.fail(EngineUnavailableError("Gone again."))
    ticket.hear({"is": "piece", "text": "late"}, model="tiny")
    ticket.tell_loading(5)

    with pytest.raises(EngineUnavailableError, match=r"Gone\."):
        await ticket.next_event()

    assert not ticket.has_started


def test_more_text_than_any_answer_has_is_not_kept():
    ticket = _ticket()

    with pytest.raises(ValueError, match="more text than an answer has"):
        for _ in range(5):
            ticket.hear({"is": "piece", "text": "x" * 1_000_000}, model="tiny")


async def test_text_that_is_read_in_time_has_no_limit():
    ticket = _ticket()

    for _ in range(10):
        ticket.hear({"is": "piece", "text": "x" * 1_000_000}, model="tiny")
        while not isinstance(await ticket.next_event(), Piece):
            pass

    assert not ticket.is_over


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"is": "queued"},
        {"is": "queued", "ahead": float("inf"), "eta_s": 1},
        {"is": "reading", "percent": "many", "prompt_tokens": 1, "dropped_turns": 0},
        {"is": "finished", "reason": "because"},
        {**FINISHED, "writing_s": None},
        {"is": "error", "status": 422},
        {
            "is": "error",
            "status": 1,
            "message": "m",
            "hint": "",
            "code": "c",
            "fields": {"hint": 1},
        },
        {"is": "error", "status": 1, "message": "m", "hint": "", "code": "c", "fields": 7},
    ],
)
def test_an_event_of_the_wrong_shape_raises_what_the_supervisor_expects(frame: dict[str, object]):
    with pytest.raises((ArithmeticError, AttributeError, LookupError, TypeError, ValueError)):
        _ticket().hear(frame, model="tiny")


async def test_an_error_of_the_child_keeps_its_kind_and_facts():
    ticket = _ticket()
    ticket.hear(
        {
            "is": "error", "status": 422, "message": "Too long.", "hint": "Shorten it.",
            "code": "question_too_long", "fields": {"tokens": 5},
        },
        model="tiny",
    )  # fmt: skip

    with pytest.raises(InvalidValueError, match=r"Too long\.") as refusal:
        await ticket.next_event()

    assert (refusal.value.code, refusal.value.fields) == ("question_too_long", {"tokens": 5})


def test_two_requests_with_one_id_get_orders_of_their_own():
    tickets = Tickets()
    first, second = tickets.admit(_request()), tickets.admit(_request())
    tickets.remove(first)

    assert tickets.open() == [second]
    assert first.order_id != second.order_id


def test_sixty_four_may_wait_and_finished_ones_do_not_count():
    tickets = Tickets()
    admitted = [tickets.admit(_request()) for _ in range(64)]

    with pytest.raises(TooManyRequestsError) as refusal:
        tickets.admit(_request())
    assert (refusal.value.code, refusal.value.fields) == ("queue_full", {"retry_after_s": 60})

    admitted[0].fail(EngineUnavailableError("Gone."))
    assert tickets.admit(_request()).order_id.startswith("65:")


@given(
    contents=st.lists(st.text(max_size=30), min_size=1, max_size=5),
    temperature=st.floats(min_value=0, max_value=2),
    seed=st.none() | st.integers(min_value=0, max_value=2**32),
)
def test_an_order_arrives_as_it_was_sent(contents: list[str], temperature: float, seed: int | None):
    turns = tuple(Turn("user", content) for content in contents)
    sampling = Sampling(temperature=temperature, seed=seed)
    request = TextRequest("id", turns, "ana", sampling)

    frame = decoded(encoded(generate_frame(request, "id")).rstrip(b"\n"))

    assert frame is not None
    assert order_of(frame) == Order(request, 0)


def test_all_that_programs_may_ask_arrives_as_it_was_sent():
    call = ToolCall("call_a1b2c3d4", "weather", {"city": "León", "days": [1, 2]})
    request = TextRequest(
        request_id="id",
        turns=(
            Turn("user", "¿Llueve?"),
            Turn("assistant", "", tool_calls=(call,)),
            Turn("tool", "No.", tool_name="weather"),
        ),
        fairness_key="ana",
        sampling=Sampling(stop=("\n\n",), logit_bias=((5, -100.0),)),
        raw_prompt="Once",
        prompt_before=(1, 2, 3),
        shared_turns=1,
        tools=(Tool("weather", "Tells it.", {"type": "object"}),),
        tool_use=ToolUse.REQUIRED,
        must_call="weather",
        output=JsonOutput({"type": "string"}),
        context_tokens=512,
        when_too_long=WhenTooLong.REFUSE,
        top_logprobs=2,
        urgency=Urgency.BACKGROUND,
        wants_context=True,
    )

    frame = decoded(encoded(generate_frame(request, "id")).rstrip(b"\n"))

    assert frame is not None
    assert order_of(frame) == Order(request, 0)


def test_half_a_character_from_a_browser_becomes_a_question_mark():
    broken = json.loads('"a\\ud800b"')

    frame = generate_frame(_request(broken), "1")

    assert order_of(frame).request.turns == (Turn("user", "a?b"),)
    assert encoded(frame)


def test_an_endless_conversation_is_sent_without_its_beginning():
    turns = (Turn("system", "s"), *(Turn("user", "x" * 1_000_000) for _ in range(9)))

    frame = generate_frame(TextRequest("id", turns, "ana"), "1")

    order = order_of(frame)
    assert (len(order.request.turns), order.left_out_turns) == (7, 3)
    assert order.request.turns[0] == Turn("system", "s")
    assert len(encoded(frame)) < 7 << 20


def test_a_question_of_seven_megabytes_is_refused_here():
    with pytest.raises(InvalidValueError) as refusal:
        generate_frame(_request("x" * 7_000_000), "1")

    assert refusal.value.code == "question_too_long"


def test_the_plan_arrives_as_it_was_sent():
    plan = LoadPlan(1024, 4, 16, 4096, 1_000_000)

    assert load_plan_of(load_frame(file="x.gguf", plan=plan, threads=3)) == plan
