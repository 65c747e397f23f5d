"""An answer in Ollama's form: line by line while it grows, or whole.

Source:
    Ollama 0.33, `api/types.go`, `GenerateResponse` and `ChatResponse`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appliance.base.clock import Clock
from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    LikelyToken,
    Piece,
    TextEvent,
    Thought,
    ToolCall,
    ToolCalled,
)
from appliance.model_api.gathering import Gathered
from appliance.model_api.ollama.wire import line, nanoseconds, told_time


class Form(Protocol):
    """How text, thoughts and calls stand in an answer: as generate has them, or chat."""

    def fields(
        self, text: str, *, thoughts: str = "", calls: Sequence[ToolCall] = (), first_call: int = 0
    ) -> dict[str, object]:
        """Return the members for this part of an answer."""
        ...


class GenerateForm:
    """`response`, and what else stands beside it."""

    def fields(
        self, text: str, *, thoughts: str = "", calls: Sequence[ToolCall] = (), first_call: int = 0
    ) -> dict[str, object]:
        """Return the members for this part of an answer."""
        found: dict[str, object] = {"response": text}
        return found | _besides(thoughts, calls, first_call)


class ChatForm:
    """A `message` of the assistant."""

    def fields(
        self, text: str, *, thoughts: str = "", calls: Sequence[ToolCall] = (), first_call: int = 0
    ) -> dict[str, object]:
        """Return the members for this part of an answer."""
        message: dict[str, object] = {"role": "assistant", "content": text}
        return {"message": message | _besides(thoughts, calls, first_call)}


@dataclass
class Lines:
    """Writes one answer (`gathering.Writer`).

    Attributes:
        model: What the client called the model.
        form: Of generate or chat.
        clock: Dates the lines.
        asked_s: When the request came, on the monotonic clock.
    """

    model: str
    form: Form
    clock: Clock
    asked_s: float
    calls: int = 0

    def take(self, event: TextEvent) -> bytes:
        """Return the line for this event; empty if there is none."""
        match event:
            case Piece(text=text, tokens=tokens):
                values = self.form.fields(text)
                if tokens:
                    values["logprobs"] = [_likely(token) for token in tokens]
                return self._line(values)
            case Thought(text=text):
                return self._line(self.form.fields("", thoughts=text))
            case ToolCalled(call=call):
                self.calls += 1
                return self._line(self.form.fields("", calls=[call], first_call=self.calls - 1))
            case Finished():
                return line(self._head() | self.form.fields("") | self._end(event))
            case _:
                return b""

    def whole(self, answer: Gathered) -> dict[str, object]:
        """Return the answer as one object."""
        values = self._head() | self.form.fields(
            answer.text, thoughts=answer.thoughts, calls=answer.calls
        )
        if answer.tokens:
            values["logprobs"] = [_likely(token) for token in answer.tokens]
        return values | self._end(answer.finished)

    def _line(self, values: dict[str, object]) -> bytes:
        return line(self._head() | values | {"done": False})

    def _head(self) -> dict[str, object]:
        return {"model": self.model, "created_at": told_time(self.clock.now())}

    def _end(self, finished: Finished) -> dict[str, object]:
        total_s = self.clock.monotonic_s() - self.asked_s
        values: dict[str, object] = {
            "done": True,
            "done_reason": "length" if finished.reason.value == "length" else "stop",
            "total_duration": nanoseconds(total_s),
            "load_duration": nanoseconds(finished.load_s),
            "prompt_eval_count": finished.prompt_tokens,
            "prompt_eval_duration": nanoseconds(finished.reading_s),
            "eval_count": finished.completion_tokens,
            "eval_duration": nanoseconds(finished.writing_s),
        }
        if finished.context:
            values["context"] = list(finished.context)
        return values | _cut(finished)


def loaded(model: str, moment: datetime, form: Form, *, reason: str) -> dict[str, object]:
    """Return the answer to a request that only brings a model in, or sends it away."""
    head: dict[str, object] = {"model": model, "created_at": told_time(moment)}
    return head | form.fields("") | {"done": True, "done_reason": reason}


def _cut(finished: Finished) -> dict[str, object]:
    # No fields of Ollama's: what it does silently is told here.
    counts = {
        "prompt_cached_count": finished.cached_tokens,
        "truncated_messages": finished.dropped_turns,
        "truncated_tokens": finished.cut_tokens,
    }
    return {name: count for name, count in counts.items() if count}


def _besides(thoughts: str, calls: Sequence[ToolCall], first_call: int) -> dict[str, object]:
    found: dict[str, object] = {}
    if thoughts:
        found["thinking"] = thoughts
    if calls:
        found["tool_calls"] = [
            _call(call, first_call + number) for number, call in enumerate(calls)
        ]
    return found


def _call(call: ToolCall, index: int) -> dict[str, object]:
    function = {"index": index, "name": call.name, "arguments": dict(call.arguments)}
    return {"id": call.id, "function": function}


def _likely(token: ChosenToken) -> dict[str, object]:
    values = _token(token)
    if token.alternatives:
        values["top_logprobs"] = [_token(other) for other in token.alternatives]
    return values


def _token(token: LikelyToken) -> dict[str, object]:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.data)}
