"""What `/v1/chat/completions` answers: whole, and as a stream of chunks."""

import json
from dataclasses import dataclass, field

from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    Piece,
    TextEvent,
    Thought,
    ToolCall,
    ToolCalled,
    Writing,
)
from appliance.model_api.framing import data_frame, encoded
from appliance.model_api.gathering import Gathered
from appliance.model_api.openai.envelope import (
    END,
    Envelope,
    finish_reason,
    token_logprobs,
    usage,
)

_TAIL = b"}\n\n"


def chat_completion(
    answer: Gathered, around: Envelope, *, wants_logprobs: bool
) -> dict[str, object]:
    """Return the whole answer.

    Args:
        answer: What the engine wrote.
        around: What stands around it.
        wants_logprobs: Whether the probabilities of its tokens were asked for.
    """
    calls = answer.calls
    message: dict[str, object] = {
        "role": "assistant",
        "content": answer.text if answer.text or not calls else None,
        "refusal": None,
    }
    if answer.thoughts:
        message["reasoning"] = answer.thoughts
    if calls:
        message["tool_calls"] = [_call(call, index) for index, call in enumerate(calls)]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(answer.tokens) if wants_logprobs else None,
        "finish_reason": finish_reason(answer.finished, has_calls=bool(calls)),
    }
    return {
        **around.headed("chat.completion"),
        "choices": [choice],
        "usage": usage(answer.finished),
    }


@dataclass
class ChatChunks:
    """Writes an answer as chunks.

    What is the same in all of them is put into JSON once: a chunk costs the text of its token.

    Attributes:
        around: What stands around the answer.
        includes_usage: Whether a last chunk tells what it cost.
    """

    around: Envelope
    includes_usage: bool = False
    _calls: int = 0
    _is_begun: bool = False
    _head: bytes = field(init=False)
    _tail: bytes = field(init=False)

    def __post_init__(self) -> None:
        head = encoded(self.around.headed("chat.completion.chunk"))[:-1]
        self._head = b"data: " + head + b',"choices":[{"index":0,"delta":'
        self._tail = (b',"usage":null' if self.includes_usage else b"") + _TAIL

    def take(self, event: TextEvent) -> bytes:
        """Return the chunks for this event."""
        match event:
            case Piece():
                return self._begun() + self._piece(event)
            case Thought(text=text):
                return self._begun() + self._chunk({"reasoning": text})
            case Writing():
                return self._begun()
            case ToolCalled(call=call):
                return self._begun() + self._call(call)
            case Finished():
                return self._begun() + self._end(event)
            case _:
                return b""

    def _begun(self) -> bytes:
        if self._is_begun:
            return b""
        self._is_begun = True
        return self._chunk({"role": "assistant", "content": ""})

    def _piece(self, piece: Piece) -> bytes:
        if not piece.text and not piece.tokens:
            return b""
        return self._chunk({"content": piece.text}, tokens=piece.tokens)

    def _call(self, call: ToolCall) -> bytes:
        self._calls += 1
        return self._chunk({"tool_calls": [_call(call, self._calls - 1)]})

    def _end(self, finished: Finished) -> bytes:
        reason = finish_reason(finished, has_calls=self._calls > 0)
        chunks = self._chunk({}, reason=reason)
        if self.includes_usage:
            last = {**self.around.headed("chat.completion.chunk"), "choices": []}
            chunks += data_frame({**last, "usage": usage(finished)})
        return chunks + END

    def _chunk(
        self,
        delta: dict[str, object],
        *,
        tokens: tuple[ChosenToken, ...] = (),
        reason: str | None = None,
    ) -> bytes:
        logprobs = encoded(_logprobs(tokens)) if tokens else b"null"
        ending = b"null" if reason is None else encoded(reason)
        parts = (encoded(delta), b',"logprobs":', logprobs, b',"finish_reason":', ending, b"}]")
        return self._head + b"".join(parts) + self._tail


def _call(call: ToolCall, index: int) -> dict[str, object]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {
        "index": index,
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _logprobs(tokens: tuple[ChosenToken, ...]) -> dict[str, object]:
    return {"content": [token_logprobs(token) for token in tokens], "refusal": None}
