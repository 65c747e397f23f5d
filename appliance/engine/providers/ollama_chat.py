"""Another Ollama, by its own `/api/chat`: only there can the length of the context be told.

Source: Ollama 0.33, `api/types.go` and its documentation. The same `num_ctx` goes with every
request: another one would make it load the model anew.
"""

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
    function_of,
    items,
    member,
    text_of,
)
from appliance.engine.text.model import (
    FinishReason,
    JsonOutput,
    Piece,
    TextRequest,
    Thought,
    ToolCall,
    ToolCalled,
    ToolUse,
    Turn,
)


class OllamaChat:
    """Asks at `/api/chat`."""

    def request(self, provider: Provider, habits: Habits, asked: TextRequest) -> WireRequest:
        """Return the HTTP request that asks this."""
        body: dict[str, object] = {
            "model": provider.model,
            "messages": [_message(turn) for turn in asked.turns],
            "stream": True,
            # A number is seconds to Ollama; a whole one, since it takes no other.
            "keep_alive": int(provider.keep_alive_s),
            "options": _options(provider, asked),
        }
        if asked.tools and asked.tool_use is not ToolUse.NONE:
            body["tools"] = [function_of(tool) for tool in asked.tools]
        if isinstance(asked.output, JsonOutput):
            body["format"] = "json" if asked.output.schema is None else asked.output.schema
        if asked.thinks and "think" not in habits.refuses:
            body["think"] = True
        key = "" if provider.key is None else provider.key.reveal()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return WireRequest("/api/chat", headers, body, Framing.LINES)

    def reader(self) -> "OllamaReader":
        """Return a reader for one answer."""
        return OllamaReader()


class OllamaReader:
    """Understands the lines of one answer."""

    def __init__(self) -> None:
        self._end: End | None = None
        self._calls = 0

    def take(self, value: Mapping[str, object]) -> list[Told]:
        """Return what a line tells; see `Reader`."""
        if value.get("error"):
            raise fault_of_error(value["error"])
        message = value.get("message")
        if not isinstance(message, dict) or not isinstance(value.get("done"), bool):
            raise bad_answer()
        told: list[Told] = []
        if thought := text_of(member(message, "thinking")):
            told.append(Thought(thought))
        if text := text_of(member(message, "content")):
            told.append(Piece(text))
        told += [self._call(call) for call in items(member(message, "tool_calls"))]
        if value["done"] is True:
            self._end = End(
                FinishReason.LENGTH if value.get("done_reason") == "length" else FinishReason.STOP,
                text_of(value.get("model")),
                count_of(value.get("prompt_eval_count")),
                count_of(value.get("eval_count")),
            )
        return told

    def end(self) -> tuple[list[Told], End]:
        """Return the end; see `Reader`."""
        if self._end is None:
            raise broken_off()
        return [], self._end

    def _call(self, call: object) -> ToolCalled:
        function = member(call, "function")
        arguments = member(function, "arguments")
        name = text_of(member(function, "name"))
        if not name or not isinstance(arguments, dict):
            raise bad_answer()
        self._calls += 1
        whole = CallInPieces(id=text_of(member(call, "id")), name=name).whole(self._calls)
        values: dict[str, object] = dict(arguments)  # type: ignore[arg-type]
        return ToolCalled(replace(whole.call, arguments=values))


def _message(turn: Turn) -> dict[str, object]:
    message: dict[str, object] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = [_call(call) for call in turn.tool_calls]
    if turn.tool_name:
        message["tool_name"] = turn.tool_name
    return message


def _call(call: ToolCall) -> dict[str, object]:
    return {"function": {"name": call.name, "arguments": call.arguments}}


def _options(provider: Provider, asked: TextRequest) -> dict[str, object]:
    sampling = asked.sampling
    values: dict[str, object | None] = {
        "num_ctx": provider.context_tokens,
        "num_predict": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p or None,
        "repeat_penalty": None if sampling.repeat_penalty == 1.0 else sampling.repeat_penalty,
        "presence_penalty": sampling.presence_penalty or None,
        "frequency_penalty": sampling.frequency_penalty or None,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    return {name: value for name, value in values.items() if value is not None}
