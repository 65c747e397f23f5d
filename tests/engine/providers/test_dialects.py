"""What goes over the wire to each kind of provider, and what is understood of what comes back."""

import json
from dataclasses import replace

import pytest

from appliance.engine.providers.chat_completions import CompletionReader
from appliance.engine.providers.model import Habits, ProviderKind
from appliance.engine.text.model import (
    FinishReason,
    JsonOutput,
    Piece,
    Sampling,
    Thought,
    Tool,
    ToolCall,
    ToolCalled,
    ToolUse,
    Turn,
)
from tests.engine.providers.asking_chain import ASKED, KEY, chain_of, end_of, made, text_of
from tests.servers.provider import (
    Reply,
    claude,
    completion,
    json_reply,
    ollama,
    running_provider,
    sse,
    tool_call,
)

TOOL = Tool("book", "Books a table.", {"type": "object", "properties": {"day": {}}})
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
CALLED = ToolCall("call_abc", "book", {"day": "monday"})
AFTER_A_CALL = replace(
    ASKED,
    turns=(
        *ASKED.turns,
        Turn("assistant", "", (CALLED,)),
        Turn("tool", "booked", tool_name="book"),
    ),
    tools=(TOOL,),
)
SAMPLING = Sampling(temperature=1.5, top_p=0.9, seed=7, max_tokens=50, stop=("END",))


async def asked_of(kind, reply, asked=ASKED, *, habits=None, **values):
    """Return the request that a provider of this kind gets, and the events of its answer."""
    async with (
        running_provider(reply) as fake,
        chain_of(made("other", kind, fake.url, **values), habits=habits) as chain,
    ):
        events = [event async for event in chain.engine.generate(asked)]
    return fake.asked[0], events


async def test_openai_is_asked_for_a_stream_with_its_usage_and_the_key_in_the_header():
    asked, _ = await asked_of(
        ProviderKind.OPENAI, Reply(completion("hi")), replace(ASKED, sampling=SAMPLING)
    )

    assert (asked.path, asked.headers["authorization"]) == ("/chat/completions", f"Bearer {KEY}")
    assert asked.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hello"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 50,
        "temperature": 1.5,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["END"],
    }


async def test_what_a_model_refuses_is_not_sent():
    habits = Habits(refuses=frozenset({"temperature", "stop"}))
    asked, _ = await asked_of(
        ProviderKind.XAI,
        Reply(completion("hi")),
        replace(ASKED, sampling=SAMPLING),
        habits=habits,
    )

    assert asked.body.keys() & {"temperature", "stop"} == set()
    assert asked.body["max_tokens"] == 50


async def test_ollama_is_told_its_context_and_how_long_to_keep_the_model():
    asked, events = await asked_of(
        ProviderKind.OLLAMA,
        Reply(ollama("from ", "there", reason="length"), content_type="application/x-ndjson"),
        replace(ASKED, sampling=Sampling(temperature=0, max_tokens=9)),
        context_tokens=4096,
        keep_alive_s=-1,
    )

    assert asked.path == "/api/chat"
    assert asked.body["options"] == {"num_ctx": 4096, "num_predict": 9, "temperature": 0}
    assert asked.body["keep_alive"] == -1
    assert "think" not in asked.body
    end = end_of(events)
    assert (text_of(events), end.reason, end.prompt_tokens, end.completion_tokens) == (
        *("from there", FinishReason.LENGTH, 11, 2),
    )


async def test_claude_is_asked_natively_with_the_instruction_apart():
    asked, events = await asked_of(
        ProviderKind.ANTHROPIC, Reply(claude("hi")), replace(ASKED, sampling=SAMPLING)
    )

    assert asked.path == "/messages"
    assert (asked.headers["x-api-key"], asked.headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert asked.body == {
        "model": "m",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
        "stream": True,
        "system": "Be kind.",
        "temperature": 1.0,
        "top_p": 0.9,
        "stop_sequences": ["END"],
    }
    end = end_of(events)
    assert (text_of(events), end.model, end.prompt_tokens, end.cached_tokens) == (
        *("hi", "claude-test", 10, 3),
    )


async def test_claude_is_made_to_answer_in_a_form_by_a_function_that_it_must_call():
    answer = {"type": "content_block_delta", "index": 0}
    call = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": {}}
    values = [
        {"type": "message_start", "message": {"model": "claude-test"}},
        {"type": "content_block_start", "index": 0, "content_block": call},
        {**answer, "delta": {"type": "input_json_delta", "partial_json": '{"a"'}},
        {**answer, "delta": {"type": "input_json_delta", "partial_json": ": 1}"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    ]
    asked, events = await asked_of(
        ProviderKind.ANTHROPIC,
        Reply(sse(*values, done=False)),
        replace(ASKED, output=JsonOutput(SCHEMA)),
    )

    assert asked.body["tool_choice"] == {"type": "tool", "name": "answer"}
    assert text_of(events) == '{"a": 1}'


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (
            ProviderKind.OPENAI,
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": SCHEMA},
                }
            },
        ),
        (ProviderKind.OLLAMA, {"format": SCHEMA}),
    ],
)
async def test_a_form_is_asked_for_in_each_ones_words(kind, form):
    reply = Reply(ollama("{}") if kind is ProviderKind.OLLAMA else completion("{}"))
    asked, _ = await asked_of(kind, reply, replace(ASKED, output=JsonOutput(SCHEMA)))

    assert {name: asked.body[name] for name in form} == form


async def test_a_call_of_a_function_is_put_together_from_its_pieces():
    _, events = await asked_of(
        ProviderKind.OPENAI, Reply(tool_call()), replace(ASKED, tools=(TOOL,))
    )

    assert [event for event in events if isinstance(event, ToolCalled)] == [ToolCalled(CALLED)]


async def test_gemini_gets_its_signature_back_with_the_call_that_it_signed():
    signed = {"extra_content": {"google": {"thought_signature": "SIGNED"}}}
    _, events = await asked_of(
        ProviderKind.GEMINI, Reply(tool_call(**signed)), replace(ASKED, tools=(TOOL,))
    )
    calls = tuple(event.call for event in events if isinstance(event, ToolCalled))

    turns = (*ASKED.turns, Turn("assistant", "", calls), Turn("tool", "booked"))
    asked, _ = await asked_of(
        ProviderKind.GEMINI, Reply(completion("done")), replace(ASKED, turns=turns)
    )

    call, result = asked.body["messages"][2]["tool_calls"][0], asked.body["messages"][3]
    assert call["extra_content"] == {"google": {"thought_signature": "SIGNED"}}
    assert result == {"role": "tool", "tool_call_id": "call_abc", "content": "booked"}


async def test_gemini_is_told_of_calls_that_others_made_by_its_own_word_for_that():
    asked, _ = await asked_of(ProviderKind.GEMINI, Reply(completion("done")), AFTER_A_CALL)

    google = asked.body["messages"][2]["tool_calls"][0]["extra_content"]["google"]
    assert google == {"thought_signature": "skip_thought_signature_validator"}


async def test_what_one_provider_signed_is_shown_to_no_other():
    signed = replace(CALLED, replay="gemini:SIGNED")
    turns = (*ASKED.turns, Turn("assistant", "", (signed,)), Turn("tool", "booked"))
    asked, _ = await asked_of(
        ProviderKind.OPENAI, Reply(completion("done")), replace(ASKED, turns=turns)
    )

    assert "SIGNED" not in json.dumps(asked.body)


async def test_claude_gets_calls_and_their_results_as_blocks():
    asked, _ = await asked_of(ProviderKind.ANTHROPIC, Reply(claude("done")), AFTER_A_CALL)

    call = {"type": "tool_use", "id": "call_abc", "name": "book", "input": {"day": "monday"}}
    result = {"type": "tool_result", "tool_use_id": "call_abc", "content": "booked"}
    assert asked.body["messages"][1:] == [
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]


async def test_a_function_that_must_be_called_is_named():
    asked, _ = await asked_of(
        ProviderKind.OPENAI,
        Reply(tool_call()),
        replace(ASKED, tools=(TOOL,), tool_use=ToolUse.REQUIRED, must_call="book"),
    )

    assert asked.body["tool_choice"] == {"type": "function", "function": {"name": "book"}}


async def test_what_a_model_thinks_is_told_apart_from_what_it_says():
    chunk = {"choices": [{"delta": {"reasoning_content": "Hm."}}]}
    _, events = await asked_of(
        ProviderKind.OPENAI_COMPATIBLE,
        Reply([*sse(chunk, done=False), *completion("Yes.")]),
    )

    assert [event for event in events if isinstance(event, Thought | Piece)] == [
        Thought("Hm."),
        Piece("Yes."),
    ]


async def test_lm_studios_markers_are_no_part_of_the_answer():
    pieces = ("A", "__LM_STUDIO_INTER", "NAL_REASONING_END__B", " __x__", "__")
    asked, events = await asked_of(ProviderKind.LM_STUDIO, Reply(completion(*pieces)))

    assert text_of(events) == "AB __x____"
    assert (asked.path, asked.body["ttl"]) == ("/v1/chat/completions", 300)


def test_what_only_begins_like_a_marker_is_not_held_back():
    reader = CompletionReader()
    pieces = ("__LM_STUDIO_INTERNAL_", "is what it writes", " at times")
    told = [reader.take({"choices": [{"delta": {"content": piece}}]}) for piece in pieces]

    assert told == [[], [Piece("__LM_STUDIO_INTERNAL_is what it writes")], [Piece(" at times")]]


async def test_a_server_that_knows_no_streams_is_understood_too():
    whole = {
        "model": "old",
        "choices": [{"message": {"content": "All at once."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }
    _, events = await asked_of(ProviderKind.OPENAI_COMPATIBLE, json_reply(whole))

    assert (text_of(events), end_of(events).model) == ("All at once.", "old")


async def test_words_cut_anywhere_are_put_together_again():
    body = b"".join(completion("Año nuevo, ", "vida nueva"))
    cut = [body[i : i + 7] for i in range(0, len(body), 7)]
    _, events = await asked_of(ProviderKind.OPENAI, Reply(cut))

    assert text_of(events) == "Año nuevo, vida nueva"


async def test_an_answer_costs_what_its_tokens_cost():
    _, events = await asked_of(
        ProviderKind.OPENAI,
        Reply(completion("a", "b")),
        eur_per_million_read=1.0,
        eur_per_million_written=10.0,
    )

    assert end_of(events).origin.cost_eur == pytest.approx(40 / 1_000_000)
