"""`/v1/chat/completions`: what is asked of the engine, and what is answered."""

from dataclasses import replace
from typing import Any

import pytest

from appliance.base.errors import EngineUnavailableError, InvalidValueError, TooManyRequestsError
from appliance.engine.library.model import Capability, Recipe
from appliance.engine.text.model import (
    ChosenToken,
    FinishReason,
    JsonOutput,
    LikelyToken,
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
from appliance.model_api.openai.routes import openai_router
from appliance.model_api.options import UNLIMITED_TOKENS
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.text_engine import FINISHED, script
from tests.model_api.serving import Served, frames_of, served

HELLO: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "Hola"}]}
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a town",
        "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
    },
}
CALL = ToolCall("call_abc12345", "weather", {"town": "Cádiz"})


async def ask(box: Served, **fields: object) -> Any:
    async with box.client(openai_router) as client:
        return await client.post("/v1/chat/completions", json={**HELLO, **fields})


async def request_of(**fields: object) -> TextRequest:
    """Return what the engine is asked for this body."""
    box = served(*script("x"), library=known_library(library_model(can=EVERYTHING)))
    answer = await ask(box, **fields)
    assert answer.status_code == 200, answer.text
    return box.engine.requests[0]


async def test_an_answer_has_openais_form() -> None:
    answer = await ask(served(*script("Buenos ", "días")))

    assert answer.json() == {
        "id": "chatcmpl-00000000000070008000000000000001",
        "object": "chat.completion",
        "created": 1772442000,
        "model": "scripted",
        "system_fingerprint": answer.json()["system_fingerprint"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Buenos días", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 12,
            "completion_tokens": 2,
            "total_tokens": 14,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }


async def test_a_stream_is_chunks_with_the_role_first_and_the_reason_last() -> None:
    answer = await ask(served(*script("Buenos ", "días")), stream=True)

    frames = frames_of(answer.text)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert frames[-1] == "[DONE]"
    assert [frame["object"] for frame in frames[:-1]] == ["chat.completion.chunk"] * 4
    assert [frame["choices"][0]["delta"] for frame in frames[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": "Buenos "},
        {"content": "días"},
        {},
    ]
    assert [frame["choices"][0]["finish_reason"] for frame in frames[:-1]] == [
        None, None, None, "stop",
    ]  # fmt: skip


async def test_a_stream_ends_with_its_usage_if_that_is_wanted() -> None:
    answer = await ask(served(*script("x")), stream=True, stream_options={"include_usage": True})

    frames = frames_of(answer.text)
    assert frames[-2]["choices"] == []
    assert frames[-2]["usage"]["total_tokens"] == 13
    assert [frame["usage"] for frame in frames[:-2]] == [None, None, None]


async def test_tokens_that_were_in_the_cache_are_told() -> None:
    answer = await ask(served(Writing(), replace(FINISHED, cached_tokens=7)))

    assert answer.json()["usage"]["prompt_tokens_details"] == {"cached_tokens": 7}


@pytest.mark.parametrize("streams", [True, False])
async def test_turns_that_did_not_fit_are_told(streams: bool) -> None:
    reading = Reading(percent=0, prompt_tokens=12, dropped_turns=3)
    box = served(reading, Piece("x"), replace(FINISHED, dropped_turns=3))

    answer = await ask(box, stream=streams, stream_options={"include_usage": True})

    assert answer.headers["x-nodo-dropped-turns"] == "3"
    assert '"dropped_turns":3' in answer.text


async def test_an_answer_that_was_cut_ends_for_its_length() -> None:
    answer = await ask(served(Piece("x"), replace(FINISHED, reason=FinishReason.LENGTH)))

    assert answer.json()["choices"][0]["finish_reason"] == "length"


async def test_calls_of_functions_are_told_with_arguments_in_a_text() -> None:
    answer = await ask(served(Writing(), ToolCalled(CALL), FINISHED), tools=[WEATHER])

    choice = answer.json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"] == [
        {
            "index": 0,
            "id": "call_abc12345",
            "type": "function",
            "function": {"name": "weather", "arguments": '{"town": "Cádiz"}'},
        }
    ]


async def test_a_stream_tells_each_call_under_its_own_number() -> None:
    second = replace(CALL, id="call_second01")
    box = served(Writing(), ToolCalled(CALL), ToolCalled(second), FINISHED)

    frames = frames_of((await ask(box, tools=[WEATHER], stream=True)).text)

    told = [
        call for frame in frames[:-1] for call in frame["choices"][0]["delta"].get("tool_calls", [])
    ]
    assert [(call["index"], call["id"]) for call in told] == [
        (0, "call_abc12345"),
        (1, "call_second01"),
    ]
    assert frames[-2]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("streams", [True, False])
async def test_only_the_first_call_counts_without_parallel_calls(streams: bool) -> None:
    second = replace(CALL, id="call_second01")
    box = served(
        Writing(),
        ToolCalled(CALL),
        ToolCalled(second),
        Piece("<tool"),
        replace(FINISHED, reason=FinishReason.LENGTH),
    )

    answer = await ask(box, tools=[WEATHER], parallel_tool_calls=False, stream=streams)

    # What was cut is not told, and so is no reason.
    assert '"finish_reason":"tool_calls"' in answer.text
    assert "<tool" not in answer.text

    assert "call_abc12345" in answer.text
    assert "call_second01" not in answer.text


@pytest.mark.parametrize("streams", [True, False])
async def test_thoughts_stand_apart_from_the_answer(streams: bool) -> None:
    answer = await ask(served(Thought("Hm."), Piece("Sí"), FINISHED), stream=streams)

    assert '"reasoning":"Hm."' in answer.text
    assert '"content":"Sí"' in answer.text


async def test_the_probabilities_of_tokens_are_told() -> None:
    token = ChosenToken("sí", b"s\xc3\xad", -0.1, (LikelyToken("no", b"no", -2.5),))
    box = served(Piece("sí", (token,)), FINISHED)

    answer = await ask(box, logprobs=True, top_logprobs=1)

    assert answer.json()["choices"][0]["logprobs"] == {
        "content": [
            {
                "token": "sí",
                "logprob": -0.1,
                "bytes": [115, 195, 173],
                "top_logprobs": [{"token": "no", "logprob": -2.5, "bytes": [110, 111]}],
            }
        ],
        "refusal": None,
    }
    assert box.engine.requests[0].top_logprobs == 1


async def test_half_a_surrogate_pair_does_not_end_a_stream() -> None:
    answer = await ask(served(*script("a\ud800b")), stream=True)

    assert frames_of(answer.text)[1]["choices"][0]["delta"] == {"content": "a?b"}


async def test_all_that_openai_knows_of_sampling_reaches_the_engine() -> None:
    request = await request_of(
        temperature=0.3, top_p=0.5, frequency_penalty=0.2, presence_penalty=-0.1, seed=7,
        stop=["\n", "END"], logit_bias={"42": -100}, max_completion_tokens=9,
    )  # fmt: skip

    assert request.sampling == Sampling(
        temperature=0.3, top_p=0.5, frequency_penalty=0.2, presence_penalty=-0.1, seed=7,
        stop=("\n", "END"), logit_bias=((42, -100.0),), max_tokens=9,
    )  # fmt: skip


async def test_what_is_not_asked_for_is_left_to_the_model() -> None:
    request = await request_of()

    assert request.sampling == Sampling(max_tokens=UNLIMITED_TOKENS)


async def test_the_models_own_options_stand_under_those_of_the_request() -> None:
    model = library_model(recipe=Recipe(system="Habla.", parameters={"top_k": 5, "seed": 1}))
    box = served(*script("x"), library=known_library(model))

    await ask(box, seed=2)

    request = box.engine.requests[0]
    assert (request.sampling.top_k, request.sampling.seed) == (5, 2)
    assert request.turns == (Turn("system", "Habla."), Turn("user", "Hola"))


async def test_a_conversation_with_tools_becomes_turns() -> None:
    request = await request_of(
        messages=[
            {"role": "developer", "content": "Sé breve."},
            {"role": "user", "content": [{"type": "text", "text": "¿Qué tiempo"},
                                         {"type": "text", "text": "hace?"}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function",
                 "function": {"name": "weather", "arguments": '{"town": "Cádiz"}'}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "Sol"},
        ]
    )  # fmt: skip

    assert request.turns == (
        Turn("system", "Sé breve."),
        Turn("user", "¿Qué tiempo\nhace?"),
        Turn("assistant", "", tool_calls=(ToolCall("c1", "weather", {"town": "Cádiz"}),)),
        Turn("tool", "Sol", tool_name="weather"),
    )
    assert not request.continues


async def test_an_answer_that_was_begun_goes_on() -> None:
    messages = [*HELLO["messages"], {"role": "assistant", "content": "Buenos"}]

    request = await request_of(messages=messages)

    assert request.continues


async def test_forms_of_answers_reach_the_engine() -> None:
    schema = {"type": "object", "properties": {"town": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}

    assert (await request_of(response_format=form)).output == JsonOutput(schema)
    assert (await request_of(response_format={"type": "json_object"})).output == JsonOutput()
    assert (await request_of(response_format={"type": "text"})).output is None


@pytest.mark.parametrize(
    ("choice", "use", "must_call"),
    [
        (None, ToolUse.AUTO, ""),
        ("auto", ToolUse.AUTO, ""),
        ("none", ToolUse.NONE, ""),
        ("required", ToolUse.REQUIRED, ""),
        ({"type": "function", "function": {"name": "weather"}}, ToolUse.REQUIRED, "weather"),
    ],
)
async def test_the_choice_of_tools_reaches_the_engine(
    choice: object, use: ToolUse, must_call: str
) -> None:
    request = await request_of(tools=[WEATHER], tool_choice=choice)

    assert (request.tool_use, request.must_call) == (use, must_call)
    assert request.tools == (
        Tool("weather", "The weather in a town", WEATHER["function"]["parameters"]),
    )


async def test_only_allowed_tools_are_offered() -> None:
    other = {"type": "function", "function": {"name": "time"}}
    allowed = {"mode": "required", "tools": [other]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}

    request = await request_of(tools=[WEATHER, other], tool_choice=choice)

    assert [tool.name for tool in request.tools] == ["time"]
    assert request.tool_use is ToolUse.REQUIRED


@pytest.mark.parametrize(
    ("effort", "thinks"), [(None, True), ("none", False), ("minimal", False), ("high", True)]
)
async def test_a_model_that_can_think_does_unless_told_not_to(
    effort: str | None, thinks: bool
) -> None:
    assert (await request_of(reasoning_effort=effort)).thinks is thinks


async def test_a_model_that_cannot_think_says_that_effort_is_in_vain() -> None:
    box = served(*script("x"))

    answer = await ask(box, reasoning_effort="high")

    assert answer.headers["x-nodo-ignored-fields"] == "reasoning_effort"
    assert not box.engine.requests[0].thinks


async def test_fields_that_are_not_known_are_passed_over_and_named() -> None:
    answer = await ask(served(*script("x")), user="ana", **{"a\r\nb": 1})

    assert answer.status_code == 200
    assert answer.headers["x-nodo-ignored-fields"] == "user, ab"


async def test_truncation_can_be_refused() -> None:
    assert (await request_of(truncate=False)).when_too_long is WhenTooLong.REFUSE


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"n": 2}, "n"),
        ({"n": 10**30}, "n"),
        ({"store": True}, "store"),
        ({"audio": {"voice": "x"}}, "audio"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"presence_penalty": 9}, "presence_penalty"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"seed": 2**70}, "seed"),
        ({"stop": ["x"] * 65}, "stop"),
        ({"logit_bias": {"abc": 1}}, "logit_bias"),
        ({"logit_bias": {"1": 101}}, "logit_bias.1"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"tools": [WEATHER, WEATHER]}, "tools"),
        ({"tools": [{**WEATHER, "type": "web"}]}, "tools"),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "x"}}},
         "tool_choice"),
        ({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:x"}}]}]}, "messages.content"),
        ({"messages": [{"role": "assistant", "tool_calls": [
            {"function": {"name": "f", "arguments": "[1]"}}]}]},
         "messages.tool_calls.function.arguments"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_refused_by_its_name(
    fields: dict[str, object], param: str
) -> None:
    box = served(*script("x"))

    answer = await ask(box, **fields)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert box.engine.requests == []


async def test_a_model_that_is_not_here_is_not_found() -> None:
    answer = await ask(served(*script("x")), model="gpt-5")

    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["param"], error["code"]) == ("model", "model_not_found")


async def test_tools_are_refused_by_a_model_that_knows_none() -> None:
    library = known_library(library_model(can=[Capability.COMPLETION]))

    answer = await ask(served(*script("x"), library=library), tools=[WEATHER])

    assert answer.status_code == 400
    assert "does not support tools" in answer.json()["error"]["message"]


@pytest.mark.parametrize("streams", [True, False])
async def test_a_full_queue_has_its_status_and_says_when_to_come_back(streams: bool) -> None:
    box = served(TooManyRequestsError("Full.", code="queue_full", retry_after_s=7))

    answer = await ask(box, stream=streams)

    # The wait itself is added by the door's answer for a problem.
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"


async def test_a_box_without_a_model_says_when_to_come_back() -> None:
    answer = await ask(served(EngineUnavailableError("No model is loaded.")))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["type"] == "server_error"


async def test_a_conversation_that_is_too_long_has_openais_code() -> None:
    box = served(InvalidValueError("Too long.", code="question_too_long"))

    answer = await ask(box)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"


async def test_what_fails_within_a_stream_is_its_last_event() -> None:
    box = served(Writing(), Piece("Bue"), EngineUnavailableError("It stopped."))

    answer = await ask(box, stream=True)

    frames = frames_of(answer.text)
    assert answer.status_code == 200
    assert frames[-1]["error"]["message"] == "It stopped."
    assert "[DONE]" not in frames


async def test_an_engine_that_ends_without_a_word_is_told() -> None:
    answer = await ask(served(Writing(), Piece("Bue")), stream=True)

    assert "without finishing" in frames_of(answer.text)[-1]["error"]["message"]


async def test_json_that_is_nested_too_deeply_is_refused() -> None:
    box = served(*script("x"))
    async with box.client(openai_router) as client:
        body = '{"model": ' + "[" * 100_000 + "]" * 100_000 + "}"
        answer = await client.post("/v1/chat/completions", content=body)

    assert answer.status_code in {400, 415}
    assert box.engine.requests == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_number_that_is_none_is_refused(number: str) -> None:
    box = served(*script("x"))
    body = '{"model": "scripted", "messages": [{"role": "user", "content": "x"}], "temperature": '
    async with box.client(openai_router) as client:
        answer = await client.post(
            "/v1/chat/completions",
            content=body + number + "}",
            headers={"content-type": "application/json"},
        )

    assert answer.status_code == 400
    assert box.engine.requests == []
