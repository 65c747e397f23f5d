"""`/v1/messages`: what is asked of the engine, and what is answered."""

from dataclasses import replace
from typing import Any

import pytest

from appliance.base.errors import EngineUnavailableError, InvalidValueError, TooManyRequestsError
from appliance.engine.text.model import (
    FinishReason,
    JsonOutput,
    Piece,
    Reading,
    Sampling,
    TextRequest,
    Thought,
    Tool,
    ToolCall,
    ToolCalled,
    ToolUse,
    Turn,
    WhenTooLong,
    Writing,
)
from appliance.model_api.anthropic.routes import anthropic_router
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.text_engine import FINISHED, script
from tests.model_api.serving import Served, frames_of, names_of, served

HELLO: dict[str, Any] = {
    "model": "scripted",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hola"}],
}
WEATHER: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a town",
    "input_schema": {"type": "object", "properties": {"town": {"type": "string"}}},
}
CALL = ToolCall("call_abc12345", "weather", {"town": "Cádiz"})


async def ask(box: Served, **fields: object) -> Any:
    async with box.client(anthropic_router) as client:
        return await client.post("/v1/messages", json={**HELLO, **fields})


async def request_of(**fields: object) -> TextRequest:
    """Return what the engine is asked for this body."""
    box = served(*script("x"), library=known_library(library_model(can=EVERYTHING)))
    answer = await ask(box, **fields)
    assert answer.status_code == 200, answer.text
    return box.engine.requests[0]


async def test_an_answer_has_anthropics_form() -> None:
    answer = await ask(served(Piece("Buenos días"), replace(FINISHED, cached_tokens=5)))

    assert answer.json() == {
        "id": "msg_00000000000070008000000000000001",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": [{"type": "text", "text": "Buenos días"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 7,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 5,
            "output_tokens": 3,
        },
    }


async def test_a_stream_is_blocks_that_begin_grow_and_end() -> None:
    box = served(
        Reading(percent=0, prompt_tokens=12, dropped_turns=0, cached_tokens=2),
        Writing(),
        Thought("Hm."),
        Piece("Sí, "),
        Piece("claro."),
        ToolCalled(CALL),
        FINISHED,
    )

    answer = await ask(box, stream=True, tools=[WEATHER])

    assert names_of(answer.text) == [
        "message_start",
        "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
        "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
        "content_block_start", "content_block_delta", "content_block_stop",
        "message_delta",
        "message_stop",
    ]  # fmt: skip
    frames = frames_of(answer.text)
    assert frames[0]["message"]["usage"] == {
        "input_tokens": 10,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 2,
        "output_tokens": 0,
    }
    assert [frame["delta"] for frame in frames if frame["type"] == "content_block_delta"] == [
        {"type": "thinking_delta", "thinking": "Hm."},
        {"type": "signature_delta", "signature": ""},
        {"type": "text_delta", "text": "Sí, "},
        {"type": "text_delta", "text": "claro."},
        {"type": "input_json_delta", "partial_json": '{"town": "Cádiz"}'},
    ]
    assert [frame["index"] for frame in frames if frame["type"] == "content_block_start"] == [
        0, 1, 2,
    ]  # fmt: skip
    assert frames[9]["content_block"] == {
        "type": "tool_use",
        "id": "toolu_abc12345",
        "name": "weather",
        "input": {},
    }
    assert frames[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}


async def test_an_empty_answer_is_a_block_without_text() -> None:
    answer = await ask(served(Writing(), FINISHED), stream=True)

    assert names_of(answer.text)[1:3] == ["content_block_start", "content_block_stop"]


@pytest.mark.parametrize(
    ("finished", "reason", "sequence"),
    [
        (replace(FINISHED, reason=FinishReason.LENGTH), "max_tokens", None),
        (replace(FINISHED, stop_text="FIN"), "stop_sequence", "FIN"),
        (FINISHED, "end_turn", None),
    ],
)
async def test_why_it_ended_is_told(finished: Any, reason: str, sequence: str | None) -> None:
    answer = (await ask(served(Piece("x"), finished))).json()

    assert (answer["stop_reason"], answer["stop_sequence"]) == (reason, sequence)


async def test_calls_and_thoughts_are_blocks() -> None:
    answer = await ask(served(Thought("Hm."), ToolCalled(CALL), FINISHED), tools=[WEATHER])

    assert answer.json()["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {
            "type": "tool_use",
            "id": "toolu_abc12345",
            "name": "weather",
            "input": {"town": "Cádiz"},
        },
    ]


@pytest.mark.parametrize("streams", [True, False])
async def test_only_the_first_call_counts_without_parallel_use(streams: bool) -> None:
    box = served(ToolCalled(CALL), ToolCalled(replace(CALL, id="call_second01")), FINISHED)
    choice = {"type": "auto", "disable_parallel_tool_use": True}

    answer = await ask(box, tools=[WEATHER], tool_choice=choice, stream=streams)

    assert "toolu_abc12345" in answer.text
    assert "second01" not in answer.text


async def test_a_conversation_with_tools_becomes_turns() -> None:
    request = await request_of(
        system=[{"type": "text", "text": "Sé breve.", "cache_control": {"type": "ephemeral"}}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "¿Qué tiempo hace?"}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "x"},
                {"type": "text", "text": "Miro."},
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {"town": "Cádiz"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1",
                 "content": [{"type": "text", "text": "Sol"}]},
                {"type": "tool_result", "tool_use_id": "t1", "content": "no", "is_error": True},
                {"type": "text", "text": "¿Y?"}]},
        ],
    )  # fmt: skip

    assert request.turns == (
        Turn("system", "Sé breve."),
        Turn("user", "¿Qué tiempo hace?"),
        Turn("assistant", "Miro.", tool_calls=(ToolCall("t1", "weather", {"town": "Cádiz"}),)),
        Turn("tool", "Sol", tool_name="weather"),
        Turn("tool", "Error: no", tool_name="weather"),
        Turn("user", "¿Y?"),
    )


async def test_all_that_anthropic_knows_of_sampling_reaches_the_engine() -> None:
    request = await request_of(temperature=0.3, top_p=0.5, top_k=4, stop_sequences=["FIN"])

    assert request.sampling == Sampling(
        temperature=0.3, top_p=0.5, top_k=4, stop=("FIN",), max_tokens=64
    )
    assert request.when_too_long is WhenTooLong.REFUSE


@pytest.mark.parametrize(
    ("choice", "use", "must_call"),
    [
        (None, ToolUse.AUTO, ""),
        ({"type": "none"}, ToolUse.NONE, ""),
        ({"type": "any"}, ToolUse.REQUIRED, ""),
        ({"type": "tool", "name": "weather"}, ToolUse.REQUIRED, "weather"),
    ],
)
async def test_the_choice_of_tools_reaches_the_engine(
    choice: object, use: ToolUse, must_call: str
) -> None:
    request = await request_of(tools=[WEATHER], tool_choice=choice)

    assert (request.tool_use, request.must_call) == (use, must_call)
    assert request.tools == (Tool("weather", "The weather in a town", WEATHER["input_schema"]),)


async def test_thinking_forms_and_beginnings_reach_the_engine() -> None:
    schema = {"type": "object"}
    form = {"format": {"type": "json_schema", "schema": schema}}
    begun = [*HELLO["messages"], {"role": "assistant", "content": "Bue"}]

    thinking = {"type": "enabled", "budget_tokens": 1024}
    request = await request_of(thinking=thinking, output_config=form, messages=begun)

    assert (request.thinks, request.output, request.continues) == (True, JsonOutput(schema), True)


async def test_a_model_that_cannot_think_says_that_it_was_asked_in_vain() -> None:
    answer = await ask(served(*script("x")), thinking={"type": "adaptive"}, speed="fast")

    assert answer.headers["x-nodo-ignored-fields"] == "speed, thinking"


async def test_the_tokens_of_a_conversation_are_counted() -> None:
    body = {"model": "scripted", "messages": HELLO["messages"], "system": "Sé breve."}
    async with served().client(anthropic_router) as client:
        answer = await client.post("/v1/messages/count_tokens", json=body)

    # The fake's own way of counting: characters, and three more for each turn.
    assert answer.json() == {"input_tokens": 9 + 3 + 4 + 3}


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": 0},
        {"max_tokens": None},
        {"messages": []},
        {"temperature": 1.5},
        {"mcp_servers": [{"url": "http://x"}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [WEATHER, WEATHER]},
        {"tools": [WEATHER], "tool_choice": {"type": "tool"}},
        {"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "x"}},
        {"tools": [{**WEATHER, "name": f"t{number}"} for number in range(10_000)]},
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_result", "content": [
            {"type": "image"}]}]}]},
        {"system": [{"type": "image"}]},
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_refused_in_anthropics_words(
    fields: dict[str, object],
) -> None:
    box = served(*script("x"))

    answer = await ask(box, **fields)

    assert answer.status_code == 400
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert box.engine.requests == []


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (TooManyRequestsError("Full.", code="queue_full"), 429, "rate_limit_error"),
        (EngineUnavailableError("No model."), 503, "overloaded_error"),
    ],
)
async def test_what_passes_says_when_to_come_back(
    failure: Exception, status: int, kind: str
) -> None:
    answer = await ask(served(failure))

    assert (answer.status_code, answer.headers["retry-after"]) == (status, "2")
    assert answer.json()["error"]["type"] == kind


async def test_a_conversation_that_is_too_long_is_told_in_the_words_that_clients_look_for() -> None:
    answer = await ask(served(InvalidValueError("9 of 8.", code="question_too_long")))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "prompt is too long: 9 of 8."


async def test_what_fails_within_a_stream_is_its_last_event() -> None:
    box = served(Writing(), Piece("Bue"), EngineUnavailableError("It stopped."))

    answer = await ask(box, stream=True)

    assert names_of(answer.text)[-1] == "error"
    assert frames_of(answer.text)[-1]["error"] == {
        "type": "overloaded_error",
        "message": "It stopped.",
    }


async def test_a_model_that_is_not_here_is_not_found() -> None:
    answer = await ask(served(), model="claude")

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"
