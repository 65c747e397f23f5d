"""Requests as JSON values, for the way from the supervisor to the engine's process and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import cast

from appliance.engine.text.model import (
    GrammarOutput,
    JsonOutput,
    Sampling,
    TextRequest,
    Tool,
    ToolCall,
    ToolUse,
    Turn,
    Urgency,
    WhenTooLong,
)

Values = Mapping[str, object]

# Sent in ways of their own, or not at all: the process knows its model and its own life.
_NOT_AS_THEY_ARE = frozenset({
    "request_id", "turns", "sampling", "tools", "output", "model", "keep_alive_s", "raw_prompt",
})  # fmt: skip


def turn_values(turn: Turn) -> dict[str, object]:
    """Return one message."""
    values: dict[str, object] = {"role": turn.role, "content": _sendable(turn.content)}
    if turn.tool_calls:
        values["tool_calls"] = [asdict(call) for call in turn.tool_calls]
    if turn.tool_name:
        values["tool_name"] = turn.tool_name
    return values


def request_values(request: TextRequest) -> dict[str, object]:
    """Return all of a request but its turns and its id."""
    kept = [name for name in TextRequest.__dataclass_fields__ if name not in _NOT_AS_THEY_ARE]
    prompt = request.raw_prompt
    return {
        **{name: getattr(request, name) for name in kept},
        "raw_prompt": None if prompt is None else _sendable(prompt),
        "sampling": asdict(request.sampling),
        "tools": [asdict(tool) for tool in request.tools],
        "output": None if request.output is None else asdict(request.output),
    }


def request_of(values: Values, turns: Sequence[Values], *, request_id: str) -> TextRequest:
    """Return the request that these values say; the sender is our own supervisor."""
    more = {name: value for name, value in values.items() if name not in _NOT_AS_THEY_ARE}
    more["prompt_before"] = tuple(cast("Sequence[int]", values["prompt_before"]))
    more["tool_use"] = ToolUse(str(values["tool_use"]))
    more["when_too_long"] = WhenTooLong(str(values["when_too_long"]))
    more["urgency"] = Urgency(str(values["urgency"]))
    return TextRequest(
        request_id=request_id,
        turns=tuple(_turn_of(turn) for turn in turns),
        sampling=_sampling_of(cast("Values", values["sampling"])),
        tools=tuple(Tool(**tool) for tool in cast("Sequence[dict[str, str]]", values["tools"])),  # type: ignore[arg-type]
        output=_output_of(cast("Values | None", values["output"])),
        raw_prompt=cast("str | None", values["raw_prompt"]),
        **more,  # type: ignore[arg-type]
    )


def _turn_of(values: Values) -> Turn:
    calls = cast("Sequence[dict[str, str]]", values.get("tool_calls", ()))
    return Turn(
        # The role is checked where the template is filled.
        role=str(values["role"]),  # type: ignore[arg-type]
        content=str(values["content"]),
        tool_calls=tuple(ToolCall(**call) for call in calls),  # type: ignore[arg-type]
        tool_name=str(values.get("tool_name", "")),
    )


def _sampling_of(values: Values) -> Sampling:
    bias = cast("Sequence[tuple[int, float]]", values["logit_bias"])
    said = {
        **values,
        "logit_bias": tuple((token, added) for token, added in bias),
        "stop": tuple(cast("Sequence[str]", values["stop"])),
    }
    return Sampling(**said)  # type: ignore[arg-type]


def _output_of(values: Values | None) -> JsonOutput | GrammarOutput | None:
    if values is None:
        return None
    if "gbnf" in values:
        return GrammarOutput(str(values["gbnf"]))
    return JsonOutput(cast("Values | None", values["schema"]))


def _sendable(text: str) -> str:
    # JSON from a browser may hold halves of characters (lone surrogates), which have no bytes.
    return text.encode("utf-8", "replace").decode()
