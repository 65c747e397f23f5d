"""What `/v1/messages` answers: whole, and as a stream of events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Piece,
    Reading,
    TextEvent,
    Thought,
    ToolCall,
    ToolCalled,
    Writing,
)
from appliance.model_api.framing import named_frame
from appliance.model_api.gathering import Gathered

PING = named_frame({"type": "ping"})
_CALL, _USE = "call_", "toolu_"


def message(answer: Gathered, *, message_id: str, model: str) -> dict[str, object]:
    """Return the whole answer.

    Args:
        answer: What the engine wrote.
        message_id: Names the answer.
        model: What the client called the model.
    """
    calls = answer.calls
    content: list[Mapping[str, object]] = []
    if answer.thoughts:
        content.append({"type": "thinking", "thinking": answer.thoughts, "signature": ""})
    if answer.text or not calls:
        content.append({"type": "text", "text": answer.text})
    content.extend({**_use(call), "input": call.arguments} for call in calls)
    return {
        **_headed(message_id, model),
        "content": content,
        **_ending(answer.finished, has_calls=bool(calls)),
        "usage": _usage(answer.finished),
    }


@dataclass
class MessageEvents:
    """Writes an answer as Anthropic's events: blocks that are begun, grow and are ended.

    Attributes:
        message_id: Names the answer.
        model: What the client called the model.
    """

    message_id: str
    model: str
    _read: Reading = field(default_factory=lambda: Reading(0, 0, 0))
    _is_begun: bool = False
    _open: str = ""
    _index: int = -1
    _calls: int = 0

    def take(self, event: TextEvent) -> bytes:
        """Return the events for this one of the engine's."""
        if isinstance(event, Reading):
            # How much is read stands in the first event, which comes later.
            self._read = event
        match event:
            case Piece(text=text) if text:
                return self._grown("text", "text", text)
            case Thought(text=text) if text:
                return self._grown("thinking", "thinking", text)
            case ToolCalled(call=call):
                return self._call(call)
            case Writing():
                return self._begun()
            case Finished():
                return self._end(event)
            case _:
                return b""

    def _begun(self) -> bytes:
        if self._is_begun:
            return b""
        self._is_begun = True
        usage = {**_read_usage(self._read.prompt_tokens, self._read.cached_tokens)}
        beginning = {
            **_headed(self.message_id, self.model),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {**usage, "output_tokens": 0},
        }
        return named_frame({"type": "message_start", "message": beginning})

    def _grown(self, kind: str, member: str, text: str) -> bytes:
        begun = self._begun()
        if self._open != kind:
            begun += self._opened(kind, {"type": kind, member: ""})
        return begun + self._delta({"type": f"{kind}_delta", member: text})

    def _call(self, call: ToolCall) -> bytes:
        self._calls += 1
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        return (
            self._begun()
            + self._opened("tool_use", {**_use(call), "input": {}})
            + self._delta({"type": "input_json_delta", "partial_json": arguments})
            + self._closed()
        )

    def _opened(self, kind: str, block: Mapping[str, object]) -> bytes:
        closed = self._closed()
        self._open = kind
        self._index += 1
        return closed + named_frame(
            {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _closed(self) -> bytes:
        if not self._open:
            return b""
        # Clients want thoughts signed before they keep them; ours are nobody's to prove.
        is_thought = self._open == "thinking"
        signed = self._delta({"type": "signature_delta", "signature": ""}) if is_thought else b""
        self._open = ""
        return signed + named_frame({"type": "content_block_stop", "index": self._index})

    def _delta(self, delta: Mapping[str, object]) -> bytes:
        return named_frame({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _end(self, finished: Finished) -> bytes:
        frames = self._begun()
        if self._index < 0:
            frames += self._opened("text", {"type": "text", "text": ""})
        ending = _ending(finished, has_calls=self._calls > 0)
        last = {"type": "message_delta", "delta": ending, "usage": _usage(finished)}
        return frames + self._closed() + named_frame(last) + named_frame({"type": "message_stop"})


def _headed(message_id: str, model: str) -> dict[str, object]:
    return {"id": message_id, "type": "message", "role": "assistant", "model": model}


def _use(call: ToolCall) -> dict[str, object]:
    # Some clients look at how an id begins.
    shown = _USE + call.id.removeprefix(_CALL)
    return {"type": "tool_use", "id": shown, "name": call.name}


def _ending(finished: Finished, *, has_calls: bool) -> dict[str, object]:
    if finished.reason is FinishReason.LENGTH:
        reason = "max_tokens"
    elif has_calls:
        reason = "tool_use"
    else:
        reason = "stop_sequence" if finished.stop_text else "end_turn"
    return {"stop_reason": reason, "stop_sequence": finished.stop_text or None}


def _usage(finished: Finished) -> dict[str, object]:
    read = _read_usage(finished.prompt_tokens, finished.cached_tokens)
    return {**read, "output_tokens": finished.completion_tokens}


def _read_usage(prompt_tokens: int, cached_tokens: int) -> dict[str, object]:
    return {
        "input_tokens": prompt_tokens - cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached_tokens,
    }
