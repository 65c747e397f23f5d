"""What an answer says, as JSON values for the way from the engine's process to its supervisor."""

from collections.abc import Mapping, Sequence
from typing import cast

from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    FinishReason,
    LikelyToken,
    Piece,
    Thought,
    ToolCall,
    ToolCalled,
)

Values = Mapping[str, object]
Said = Piece | Thought | ToolCalled

KINDS = frozenset({"piece", "thought", "call"})


def said_values(said: Said) -> dict[str, object]:
    """Return what is said, with its kind under `is`."""
    if isinstance(said, ToolCalled):
        call = said.call
        return {"is": "call", "call": call.id, "name": call.name, "arguments": call.arguments}
    if isinstance(said, Thought):
        return {"is": "thought", "text": said.text}
    tokens = [_token_values(token) for token in said.tokens]
    return {"is": "piece", "text": said.text, **({"tokens": tokens} if tokens else {})}


def said_of(values: Values) -> Said:
    """Return what these values say.

    Raises:
        KeyError: If a part is missing; TypeError, ValueError: if one is not what it should be.
    """
    if values["is"] == "call":
        arguments = values["arguments"]
        if not isinstance(arguments, Mapping):
            raise TypeError("arguments that are no object")
        found = cast("Values", arguments)
        return ToolCalled(ToolCall(str(values["call"]), str(values["name"]), found))
    if values["is"] == "thought":
        return Thought(str(values["text"]))
    tokens = cast("Sequence[Sequence[object]]", values.get("tokens", ()))
    return Piece(str(values["text"]), tuple(_token_of(token) for token in tokens))


def size_of(said: Said) -> int:
    """Return about how many characters it takes."""
    if isinstance(said, ToolCalled):
        return len(said.call.name) + len(repr(said.call.arguments))
    if isinstance(said, Thought):
        return len(said.text)
    return len(said.text) + sum(8 + 8 * len(token.alternatives) for token in said.tokens)


def joined(before: Said, said: Said) -> Said | None:
    """Return both as one, if they are of a kind that grows."""
    if isinstance(before, Piece) and isinstance(said, Piece):
        return Piece(before.text + said.text, before.tokens + said.tokens)
    if isinstance(before, Thought) and isinstance(said, Thought):
        return Thought(before.text + said.text)
    return None


def finished_of(values: Values, *, model: str) -> Finished:
    """Return the end that these values say.

    Raises:
        KeyError: If a part is missing; TypeError, ValueError, OverflowError: if one is not what it
            should be.
    """
    return Finished(
        reason=FinishReason(str(values["reason"])),
        model=model,
        prompt_tokens=_whole(values, "prompt_tokens"),
        completion_tokens=_whole(values, "completion_tokens"),
        queued_s=_number(values, "queued_s"),
        reading_s=_number(values, "reading_s"),
        writing_s=_number(values, "writing_s"),
        cached_tokens=_whole(values, "cached_tokens"),
        drafted_tokens=_whole(values, "drafted_tokens"),
        accepted_tokens=_whole(values, "accepted_tokens"),
        dropped_turns=_whole(values, "dropped_turns"),
        cut_tokens=_whole(values, "cut_tokens"),
        stop_text=str(values.get("stop_text", "")),
        context=tuple(int(token) for token in cast("Sequence[int]", values.get("context", ()))),
    )


def _token_values(token: ChosenToken) -> list[object]:
    likely = [[*_likely_values(other)] for other in token.alternatives]
    return [*_likely_values(token), likely]


def _likely_values(token: LikelyToken) -> tuple[str, float]:
    # Each character of this encoding is one byte.
    return token.data.decode("latin-1"), round(token.logprob, 6)


def _token_of(values: Sequence[object]) -> ChosenToken:
    data, logprob, likely = values
    found = _likely_of((data, logprob))
    others = cast("Sequence[Sequence[object]]", likely)
    return ChosenToken(
        found.text, found.data, found.logprob, tuple(_likely_of(other) for other in others)
    )


def _likely_of(values: Sequence[object]) -> LikelyToken:
    data = str(values[0]).encode("latin-1")
    return LikelyToken(data.decode(errors="replace"), data, float(cast("float", values[1])))


def _whole(values: Values, key: str) -> int:
    return int(cast("int", values.get(key, 0)))


def _number(values: Values, key: str) -> float:
    return float(cast("float", values[key]))
