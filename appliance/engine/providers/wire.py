"""What goes to a provider and what comes back, in words that all dialects share."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, cast

from appliance.engine.providers.model import Fault, Habits, Provider, ProviderFaultError
from appliance.engine.text.model import (
    FinishReason,
    Piece,
    TextRequest,
    Thought,
    Tool,
    ToolCall,
    ToolCalled,
    Turn,
)


class Framing(StrEnum):
    """How a stream is cut into JSON values: server-sent events, a line each, or one in all."""

    SSE = "sse"
    LINES = "lines"
    WHOLE = "whole"


@dataclass(frozen=True)
class WireRequest:
    """One HTTP request that asks for an answer.

    Attributes:
        path: After the base address, with its slash.
        headers: Without those that HTTP itself needs.
        body: JSON values.
        framing: How the answer's stream is cut.
    """

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]
    framing: Framing


@dataclass(frozen=True)
class End:
    """An answer is complete.

    Attributes:
        reason: Why it ended.
        model: Name of the model, as the provider says it.
        prompt_tokens: Tokens read; None if it does not say.
        completion_tokens: Tokens written; None if it does not say.
        cached_tokens: Of those read, how many it had kept.
    """

    reason: FinishReason = FinishReason.STOP
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0


Told = Piece | Thought | ToolCalled


class Reader(Protocol):
    """Understands one answer, value by value."""

    def take(self, value: Mapping[str, object]) -> list[Told]:
        """Return what a value of the stream tells.

        Raises:
            ProviderFaultError: If it is an error, or says nothing that can be understood.
        """
        ...

    def end(self) -> tuple[list[Told], End]:
        """Return what was held back, and the end, once the stream is over.

        Raises:
            ProviderFaultError: If it broke off in the middle.
        """
        ...


class Dialect(Protocol):
    """One way of asking: how a request is written, and how the answer is read."""

    def request(self, provider: Provider, habits: Habits, asked: TextRequest) -> WireRequest:
        """Return the HTTP request that asks this."""
        ...

    def reader(self) -> Reader:
        """Return a reader for one answer."""
        ...


@dataclass
class CallInPieces:
    """A call of a function whose arguments come bit by bit."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    replay: str = ""

    def whole(self, number: int) -> ToolCalled:
        """Return the call, complete.

        Raises:
            ProviderFaultError: If its arguments are no JSON object.
        """
        text = "".join(self.arguments).strip() or "{}"
        try:
            values = cast("object", json.loads(text))
        except (ValueError, RecursionError) as error:
            raise bad_answer() from error
        if not isinstance(values, dict) or not self.name:
            raise bad_answer()
        arguments = cast("dict[str, object]", values)
        return ToolCalled(
            ToolCall(self.id or f"call_{number:08d}", self.name, arguments, self.replay)
        )


def bad_answer() -> ProviderFaultError:
    """Return the fault of whoever answers something that cannot be understood."""
    return ProviderFaultError(Fault.TRANSIENT, "its answer cannot be understood")


def refusal() -> ProviderFaultError:
    """Return the fault of whoever does not want to answer this."""
    return ProviderFaultError(Fault.REFUSAL, "it refused to answer")


def broken_off() -> ProviderFaultError:
    """Return the fault of a stream that ended in the middle."""
    return ProviderFaultError(Fault.TRANSIENT, "its answer broke off")


def member(value: object, name: str) -> object:
    """Return a member of a JSON object; None if there is none, or it is no object."""
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def items(value: object) -> Sequence[object]:
    """Return the elements of a JSON array; none if it is no array."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a JSON text; empty if it is none."""
    return value if isinstance(value, str) else ""


def count_of(value: object) -> int | None:
    """Return a JSON number of things; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def turns_with_call_ids(turns: Sequence[Turn]) -> list[tuple[Turn, str]]:
    """Return the turns, those with a function's result with the id of the call.

    Results follow their calls in the same order, or name the function.
    """
    open_calls: list[ToolCall] = []
    named: list[tuple[Turn, str]] = []
    for turn in turns:
        if turn.role != "tool":
            open_calls = list(turn.tool_calls)
            named.append((turn, ""))
            continue
        fitting = [call for call in open_calls if turn.tool_name in {"", call.name}] or open_calls
        if fitting:
            open_calls.remove(fitting[0])
        named.append((turn, fitting[0].id if fitting else "call_unknown"))
    return named


def function_of(tool: Tool) -> dict[str, object]:
    """Return a tool as OpenAI's interface describes it, and Ollama's after it."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }
