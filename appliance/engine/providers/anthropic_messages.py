"""Claude, by its makers' own `/messages`: their OpenAI layer ignores what is asked without a word.

Source: Anthropic's API reference ("Messages", "Streaming messages", "Tool use"), version
2023-06-01, as of November 2026.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from appliance.engine.providers.classification import fault_of_error
from appliance.engine.providers.model import Habits, Provider
from appliance.engine.providers.wire import (
    CallInPieces,
    End,
    Framing,
    Told,
    WireRequest,
    bad_answer,
    broken_off,
    count_of,
    member,
    refusal,
    text_of,
    turns_with_call_ids,
)
from appliance.engine.text.model import (
    FinishReason,
    JsonOutput,
    Piece,
    TextRequest,
    Thought,
    ToolUse,
    Turn,
)

_VERSION = "2023-06-01"
_MOST_TEMPERATURE = 1.0
# JSON of a given form is asked for as the arguments of a function that it has to call.
_ANSWER_TOOL = "answer"


class AnthropicMessages:
    """Asks at `/messages`."""

    def request(self, provider: Provider, habits: Habits, asked: TextRequest) -> WireRequest:
        """Return the HTTP request that asks this."""
        key = "" if provider.key is None else provider.key.reveal()
        system = "\n\n".join(turn.content for turn in asked.turns if turn.role == "system")
        body: dict[str, object] = {
            "model": provider.model,
            "max_tokens": asked.sampling.max_tokens,
            "messages": _messages(asked),
            "stream": True,
            **({"system": system} if system else {}),
            **_sampling(asked),
            **_tools(asked),
        }
        kept = {name: value for name, value in body.items() if name not in habits.refuses}
        headers = {"x-api-key": key, "anthropic-version": _VERSION}
        return WireRequest("/messages", headers, kept, Framing.SSE)

    def reader(self) -> "MessagesReader":
        """Return a reader for one answer."""
        return MessagesReader()


class MessagesReader:
    """Understands the events of one answer."""

    def __init__(self) -> None:
        self._end = End()
        self._is_over = False
        self._calls: dict[int, CallInPieces] = {}
        self._number = 0

    def take(self, value: Mapping[str, object]) -> list[Told]:
        """Return what an event tells; see `Reader`."""
        kind = value.get("type")
        if kind == "error":
            raise fault_of_error(value.get("error"))
        if not isinstance(kind, str):
            raise bad_answer()
        if kind.startswith("content_block"):
            return self._block(kind, value)
        if kind == "message_start":
            self._started(value.get("message"))
        elif kind == "message_delta":
            self._ends(value)
        # `ping`, and what is new, says nothing to us: its makers ask clients to go on.
        self._is_over = self._is_over or kind == "message_stop"
        return []

    def _block(self, kind: str, value: Mapping[str, object]) -> list[Told]:
        match kind:
            case "content_block_start":
                return self._block_begins(value)
            case "content_block_delta":
                return self._block_grows(value)
            case "content_block_stop":
                return self._block_ends(count_of(value.get("index")) or 0)
            case _:
                return []

    def end(self) -> tuple[list[Told], End]:
        """Return the end; see `Reader`."""
        if not self._is_over:
            raise broken_off()
        return [], self._end

    def _started(self, message: object) -> None:
        usage = member(message, "usage")
        cached = count_of(member(usage, "cache_read_input_tokens")) or 0
        made = count_of(member(usage, "cache_creation_input_tokens")) or 0
        fresh = count_of(member(usage, "input_tokens"))
        self._end = replace(
            self._end,
            model=text_of(member(message, "model")),
            prompt_tokens=None if fresh is None else fresh + cached + made,
            cached_tokens=cached,
        )

    def _block_begins(self, value: Mapping[str, object]) -> list[Told]:
        block = value.get("content_block")
        if member(block, "type") == "tool_use":
            index = count_of(value.get("index")) or 0
            self._calls[index] = CallInPieces(
                text_of(member(block, "id")), text_of(member(block, "name"))
            )
        text = text_of(member(block, "text"))
        return [Piece(text)] if text else []

    def _block_grows(self, value: Mapping[str, object]) -> list[Told]:
        delta = value.get("delta")
        match member(delta, "type"):
            case "text_delta":
                text = text_of(member(delta, "text"))
                return [Piece(text)] if text else []
            case "thinking_delta":
                return [Thought(text_of(member(delta, "thinking")))]
            case "input_json_delta":
                call = self._calls.get(count_of(value.get("index")) or 0)
                if call is not None:
                    call.arguments.append(text_of(member(delta, "partial_json")))
            case _:
                pass
        return []

    def _block_ends(self, index: int) -> list[Told]:
        growing = self._calls.pop(index, None)
        if growing is None:
            return []
        self._number += 1
        called = growing.whole(self._number)
        if called.call.name == _ANSWER_TOOL:
            return [Piece(json.dumps(called.call.arguments, ensure_ascii=False))]
        return [called]

    def _ends(self, value: Mapping[str, object]) -> None:
        reason = member(value.get("delta"), "stop_reason")
        if reason == "refusal":
            raise refusal()
        written = count_of(member(value.get("usage"), "output_tokens"))
        is_cut = reason in {"max_tokens", "model_context_window_exceeded"}
        self._end = replace(
            self._end,
            reason=FinishReason.LENGTH if is_cut else FinishReason.STOP,
            completion_tokens=written,
        )


def _messages(asked: TextRequest) -> list[dict[str, object]]:
    """Return the conversation in blocks, neighbours of the same role as one message."""
    messages: list[dict[str, object]] = []
    for turn, call_id in turns_with_call_ids(asked.turns):
        if turn.role == "system":
            continue
        role = "assistant" if turn.role == "assistant" else "user"
        blocks = _blocks(turn, call_id)
        if messages and messages[-1]["role"] == role:
            before = messages[-1]["content"]
            messages[-1]["content"] = [*before, *blocks] if isinstance(before, list) else blocks
        elif blocks:
            messages.append({"role": role, "content": blocks})
    return messages


def _blocks(turn: Turn, call_id: str) -> list[dict[str, object]]:
    if turn.role == "tool":
        return [{"type": "tool_result", "tool_use_id": call_id, "content": turn.content}]
    text: list[dict[str, object]] = [{"type": "text", "text": turn.content}] if turn.content else []
    return text + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in turn.tool_calls
    ]


def _sampling(asked: TextRequest) -> dict[str, object]:
    sampling = asked.sampling
    values: dict[str, object | None] = {
        "temperature": None
        if sampling.temperature is None
        else min(sampling.temperature, _MOST_TEMPERATURE),
        "top_p": sampling.top_p,
        "top_k": sampling.top_k or None,
        "stop_sequences": list(sampling.stop) or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _tools(asked: TextRequest) -> dict[str, object]:
    if isinstance(asked.output, JsonOutput) and asked.output.schema is not None:
        tool = {"name": _ANSWER_TOOL, "input_schema": asked.output.schema}
        return {"tools": [tool], "tool_choice": {"type": "tool", "name": _ANSWER_TOOL}}
    if not asked.tools:
        return {}
    tools = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
        for tool in asked.tools
    ]
    choices: Mapping[ToolUse, dict[str, object]] = {
        ToolUse.AUTO: {"type": "auto"},
        ToolUse.NONE: {"type": "none"},
        ToolUse.REQUIRED: {"type": "any"},
    }
    named: dict[str, object] = {"type": "tool", "name": asked.must_call}
    return {"tools": tools, "tool_choice": named if asked.must_call else choices[asked.tool_use]}
