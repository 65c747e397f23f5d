"""OpenAI's chat completions, and those who speak them too: Gemini, xAI, LM Studio, vLLM, Nodo.

Source: OpenAI's API reference ("Chat", streaming), Gemini's "OpenAI compatibility" and "Thought
signatures", xAI's and LM Studio's references, as of November 2026.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from appliance.engine.providers.classification import fault_of_error
from appliance.engine.providers.model import Habits, Provider, ProviderKind
from appliance.engine.providers.wire import (
    CallInPieces,
    End,
    Framing,
    Told,
    WireRequest,
    bad_answer,
    broken_off,
    count_of,
    function_of,
    items,
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
    ToolCall,
    ToolUse,
    Turn,
)

# What LM Studio's reasoning parser may leave in the text (seen in clients that clean it too).
_MARKER = re.compile(r"__LM_STUDIO_INTERNAL_[A-Z0-9_]*?__")
_MARKER_BEGINS = "__LM_STUDIO_INTERNAL_"
_HALF_MARKER = re.compile(_MARKER_BEGINS + r"[A-Z0-9_]{0,80}")
_SIGNED_BY_GEMINI = "gemini:"
# Google's own word for calls that another model made: Gemini 3 refuses those without any.
_FOREIGN_CALL = "skip_thought_signature_validator"
_WITHOUT_SEED = frozenset({ProviderKind.GEMINI})


class ChatCompletions:
    """Asks at `/chat/completions`, always as a stream."""

    def request(self, provider: Provider, habits: Habits, asked: TextRequest) -> WireRequest:
        """Return the HTTP request that asks this."""
        key = "" if provider.key is None else provider.key.reveal()
        body = {
            "model": provider.model,
            "messages": [
                _message(turn, call_id, provider.kind)
                for turn, call_id in turns_with_call_ids(asked.turns)
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            **_sampling(provider, asked),
            **_tools(asked),
            **_form(asked),
            **_life(provider),
        }
        kept = {name: value for name, value in body.items() if name not in habits.refuses}
        headers = {"authorization": f"Bearer {key}"} if key else {}
        prefix = "/v1" if provider.kind is ProviderKind.LM_STUDIO else ""
        return WireRequest(f"{prefix}/chat/completions", headers, kept, Framing.SSE)

    def reader(self) -> "CompletionReader":
        """Return a reader for one answer."""
        return CompletionReader()


class CompletionReader:
    """Understands the chunks of one answer; a whole completion too."""

    def __init__(self) -> None:
        self._end = End()
        self._has_ended = False
        self._calls: dict[int, CallInPieces] = {}
        self._held = ""

    def take(self, value: Mapping[str, object]) -> list[Told]:
        """Return what a chunk tells; see `Reader`."""
        if value.get("error"):
            raise fault_of_error(value["error"])
        self._note(value)
        choices = value.get("choices")
        if not isinstance(choices, list):
            raise bad_answer()
        told: list[Told] = []
        for choice in items(choices)[:1]:
            said = member(choice, "delta") or member(choice, "message")
            told += self._said(said)
            told += self._ended(member(choice, "finish_reason"))
        return told

    def end(self) -> tuple[list[Told], End]:
        """Return the end; see `Reader`."""
        if not self._has_ended:
            raise broken_off()
        held, self._held = self._held, ""
        return ([Piece(held)] if held else []), self._end

    def _note(self, value: Mapping[str, object]) -> None:
        usage = value.get("usage")
        read = count_of(member(usage, "prompt_tokens"))
        if read is not None:
            cached = count_of(member(member(usage, "prompt_tokens_details"), "cached_tokens"))
            self._end = replace(
                self._end,
                prompt_tokens=read,
                completion_tokens=count_of(member(usage, "completion_tokens")),
                cached_tokens=cached or 0,
            )
        self._end = replace(self._end, model=text_of(value.get("model")) or self._end.model)

    def _said(self, said: object) -> list[Told]:
        told: list[Told] = []
        thought = text_of(member(said, "reasoning_content")) or text_of(member(said, "reasoning"))
        if thought:
            told.append(Thought(thought))
        text = self._unmarked(text_of(member(said, "content")))
        if text:
            told.append(Piece(text))
        if text_of(member(said, "refusal")):
            raise refusal()
        for place, call in enumerate(items(member(said, "tool_calls"))):
            self._grow(place, call)
        return told

    def _grow(self, place: int, call: object) -> None:
        index = count_of(member(call, "index"))
        growing = self._calls.setdefault(place if index is None else index, CallInPieces())
        function = member(call, "function")
        growing.id = growing.id or text_of(member(call, "id"))
        growing.name = growing.name or text_of(member(function, "name"))
        growing.arguments.append(text_of(member(function, "arguments")))
        google = member(member(call, "extra_content"), "google")
        signature = text_of(member(google, "thought_signature"))
        if signature:
            growing.replay = f"{_SIGNED_BY_GEMINI}{signature}"

    def _ended(self, reason: object) -> list[Told]:
        if not isinstance(reason, str) or not reason:
            return []
        if reason == "content_filter":
            raise refusal()
        self._has_ended = True
        ended = FinishReason.LENGTH if reason == "length" else FinishReason.STOP
        self._end = replace(self._end, reason=ended)
        calls, self._calls = self._calls, {}
        return [calls[index].whole(number) for number, index in enumerate(sorted(calls))]

    def _unmarked(self, text: str) -> str:
        """Return the text without LM Studio's markers; half of one is held back."""
        whole = _MARKER.sub("", self._held + text)
        begins = whole.rfind("__")
        is_half = begins >= 0 and (
            _MARKER_BEGINS.startswith(whole[begins:]) or _HALF_MARKER.fullmatch(whole, begins)
        )
        self._held = whole[begins:] if is_half else ""
        return whole[:begins] if is_half else whole


def _message(turn: Turn, call_id: str, kind: ProviderKind) -> dict[str, object]:
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": call_id, "content": turn.content}
    message: dict[str, object] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["content"] = turn.content or None
        message["tool_calls"] = [_call(call, kind) for call in turn.tool_calls]
    return message


def _call(call: ToolCall, kind: ProviderKind) -> dict[str, object]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    values: dict[str, object] = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }
    if kind is ProviderKind.GEMINI:
        own = call.replay.startswith(_SIGNED_BY_GEMINI)
        signature = call.replay.removeprefix(_SIGNED_BY_GEMINI) if own else _FOREIGN_CALL
        values["extra_content"] = {"google": {"thought_signature": signature}}
    return values


def _sampling(provider: Provider, asked: TextRequest) -> dict[str, object]:
    sampling = asked.sampling
    most = "max_completion_tokens" if provider.kind is ProviderKind.OPENAI else "max_tokens"
    values: dict[str, object | None] = {
        most: sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "stop": list(sampling.stop) or None,
        "presence_penalty": sampling.presence_penalty or None,
        "frequency_penalty": sampling.frequency_penalty or None,
        "seed": None if provider.kind in _WITHOUT_SEED else sampling.seed,
    }
    return {name: value for name, value in values.items() if value is not None}


def _tools(asked: TextRequest) -> dict[str, object]:
    if not asked.tools:
        return {}
    choice: object = asked.tool_use.value
    if asked.must_call:
        choice = {"type": "function", "function": {"name": asked.must_call}}
    return {
        "tools": [function_of(tool) for tool in asked.tools],
        **({} if choice == ToolUse.AUTO.value else {"tool_choice": choice}),
    }


def _form(asked: TextRequest) -> dict[str, object]:
    if not isinstance(asked.output, JsonOutput):
        return {}
    if asked.output.schema is None:
        return {"response_format": {"type": "json_object"}}
    schema = {"name": "answer", "schema": asked.output.schema}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _life(provider: Provider) -> dict[str, object]:
    # LM Studio unloads a model that it loaded for us after so many idle seconds.
    if provider.kind is ProviderKind.LM_STUDIO and provider.keep_alive_s > 0:
        return {"ttl": int(provider.keep_alive_s)}
    return {}
