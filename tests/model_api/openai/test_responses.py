"""`/v1/responses`: what is asked of the engine, and the events in their order."""

from dataclasses import replace
from typing import Any

import pytest

from appliance.base.errors import EngineUnavailableError, TooManyRequestsError
from appliance.engine.text.model import (
    ChosenToken,
    FinishReason,
    JsonOutput,
    Piece,
    TextRequest,
    Thought,
    ToolCall,
    ToolCalled,
    ToolUse,
    Turn,
    WhenTooLong,
    Writing,
)
from appliance.model_api.openai.routes import openai_router
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.text_engine import FINISHED, script
from tests.model_api.serving import Served, frames_of, names_of, served

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a town",
    "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
    "strict": True,
}
CALL = ToolCall("call_abc12345", "weather", {"town": "Cádiz"})


async def ask(box: Served, **fields: object) -> Any:
    async with box.client(openai_router) as client:
        return await client.post(
            "/v1/responses", json={"model": "scripted", "input": "Hola", **fields}
        )


async def request_of(**fields: object) -> TextRequest:
    box = served(*script("x"), library=known_library(library_model(can=EVERYTHING)))
    answer = await ask(box, **fields)
    assert answer.status_code == 200, answer.text
    return box.engine.requests[0]


async def test_a_response_has_its_items_and_says_that_it_is_not_kept() -> None:
    answer = (await ask(served(*script("Buenos ", "días")))).json()

    assert (answer["object"], answer["status"], answer["store"]) == ("response", "completed", False)
    assert answer["output"] == [
        {
            "id": "msg_00000000000070008000000000000001",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "Buenos días", "annotations": [], "logprobs": []}
            ],
        }
    ]
    assert answer["usage"] == {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 14,
    }


async def test_the_events_of_a_stream_come_in_openais_order() -> None:
    box = served(Writing(), Thought("Hm."), Piece("Sí"), Piece("."), ToolCalled(CALL), FINISHED)

    answer = await ask(box, stream=True, tools=[WEATHER])

    assert names_of(answer.text) == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    frames = frames_of(answer.text)
    assert [frame["sequence_number"] for frame in frames] == list(range(20))
    assert [frame["output_index"] for frame in frames if "output_index" in frame] == [
        0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2,
    ]  # fmt: skip
    assert [item["type"] for item in frames[-1]["response"]["output"]] == [
        "reasoning",
        "message",
        "function_call",
    ]


async def test_a_stream_and_a_whole_answer_have_the_same_output() -> None:
    steps = (Thought("Hm."), Piece("Sí"), ToolCalled(CALL), FINISHED)

    streamed = await ask(served(*steps), stream=True, tools=[WEATHER])
    whole = await ask(served(*steps), tools=[WEATHER])

    assert frames_of(streamed.text)[-1]["response"] == whole.json()


async def test_an_answer_that_was_cut_is_incomplete() -> None:
    box = served(Piece("x"), replace(FINISHED, reason=FinishReason.LENGTH))

    answer = (await ask(box)).json()
    streamed = await ask(box, stream=True)

    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
    assert names_of(streamed.text)[-1] == "response.incomplete"


async def test_an_empty_answer_is_a_message_without_text() -> None:
    answer = await ask(served(Writing(), FINISHED), stream=True)

    assert frames_of(answer.text)[-1]["response"]["output"][0]["content"][0]["text"] == ""


async def test_only_the_first_call_counts_without_parallel_calls() -> None:
    box = served(ToolCalled(CALL), ToolCalled(replace(CALL, id="call_second01")), FINISHED)

    answers = [
        await ask(box, tools=[WEATHER], parallel_tool_calls=False, stream=streams)
        for streams in (True, False)
    ]

    assert all("fc_abc12345" in answer.text for answer in answers)
    assert not any("second01" in answer.text for answer in answers)


async def test_the_probabilities_of_tokens_are_told() -> None:
    box = served(Piece("a", (ChosenToken("a", b"a", -0.5, ()),)), FINISHED)

    answer = await ask(box, include=["message.output_text.logprobs"])

    part = answer.json()["output"][0]["content"][0]
    assert part["logprobs"] == [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]


async def test_items_become_turns() -> None:
    request = await request_of(
        instructions="Sé breve.",
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "¿Qué tiempo hace?"}]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "function_call", "call_id": "c1", "name": "weather",
             "arguments": '{"town": "Cádiz"}'},
            {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "Sol"},
            {"type": "function_call_output", "call_id": "c2", "output": "?"},
        ],
    )  # fmt: skip

    assert request.turns == (
        Turn("system", "Sé breve."),
        Turn("user", "¿Qué tiempo hace?"),
        Turn("assistant", "", tool_calls=(ToolCall("c1", "weather", {"town": "Cádiz"}),
                                          ToolCall("c2", "weather", {}))),
        Turn("tool", "Sol", tool_name="weather"),
        Turn("tool", "?", tool_name="weather"),
    )  # fmt: skip


async def test_wishes_reach_the_engine() -> None:
    schema = {"type": "object"}
    request = await request_of(
        max_output_tokens=9, temperature=0.1, tools=[WEATHER], truncation="auto",
        text={"format": {"type": "json_schema", "name": "x", "schema": schema}},
        tool_choice={"type": "function", "name": "weather"}, reasoning={"effort": "none"},
    )  # fmt: skip

    assert (request.sampling.max_tokens, request.sampling.temperature) == (9, 0.1)
    assert (request.output, request.thinks) == (JsonOutput(schema), False)
    assert (request.tool_use, request.must_call) == (ToolUse.REQUIRED, "weather")
    assert request.when_too_long is WhenTooLong.DROP_OLDEST_TURNS


async def test_a_conversation_is_never_cut_unless_that_is_allowed() -> None:
    assert (await request_of()).when_too_long is WhenTooLong.REFUSE


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"input": []}, "input"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input.content"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tool_choice": {"type": "function"}, "tools": [WEATHER]}, "tool_choice"),
        ({"temperature": 2.5}, "temperature"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_its_name(
    fields: dict[str, object], param: str
) -> None:
    box = served(*script("x"))

    answer = await ask(box, **fields)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith(param)
    assert box.engine.requests == []


async def test_what_fails_before_the_first_event_has_its_status() -> None:
    answer = await ask(served(TooManyRequestsError("Full.", code="queue_full")), stream=True)

    assert answer.status_code == 429


async def test_what_fails_within_a_stream_fails_the_response() -> None:
    box = served(Writing(), Piece("Bue"), EngineUnavailableError("It stopped."))

    answer = await ask(box, stream=True)

    assert names_of(answer.text)[-1] == "response.failed"
    assert frames_of(answer.text)[-1]["response"]["error"] == {
        "code": "server_error",
        "message": "It stopped.",
    }
