"""From a conversation to the tokens of a prompt that fits the context."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import Turn
from appliance.engine.text.template import ChatTemplate

# A conversation that fills the context must leave room for an answer worth having.
_LEAST_ANSWER_TOKENS = 128
_LEAST_ANSWER_SHARE = 4


class Tokeniser(Protocol):
    """The part of a loaded model that splits texts."""

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`."""
        ...

    def begin_tokens(self) -> list[int]:
        """Return what every prompt begins with."""
        ...


@dataclass(frozen=True)
class Prompt:
    """What the model reads.

    Attributes:
        tokens: The whole prompt.
        dropped_turns: Oldest turns that did not fit.
        answer_tokens: The most that the answer may have.
    """

    tokens: list[int]
    dropped_turns: int
    answer_tokens: int


def prompt_of(
    turns: Sequence[Turn],
    *,
    template: ChatTemplate,
    tokeniser: Tokeniser,
    context_tokens: int,
    wanted_answer_tokens: int,
) -> Prompt:
    """Return the prompt: the system turn, then as many of the newest turns as fit.

    Raises:
        InvalidValueError: If the last turn alone is too long (`question_too_long`).
    """
    room = context_tokens - _answer_room(context_tokens, wanted_answer_tokens)
    contents = [tokeniser.tokens_of(turn.content, special=False) for turn in turns]
    first = 1 if turns and turns[0].role == "system" else 0

    def built(dropped: int) -> list[int]:
        kept = [*range(first), *range(first + dropped, len(turns))]
        tokens = tokeniser.begin_tokens()
        for text, place in template.segments([turns[index] for index in kept]):
            tokens += (
                tokeniser.tokens_of(text, special=True) if place is None else contents[kept[place]]
            )
        return tokens

    dropped = _turns_to_drop([len(c) for c in contents], first, room)
    while True:
        tokens = built(dropped)
        if len(tokens) <= room:
            return Prompt(tokens, dropped, min(wanted_answer_tokens, context_tokens - len(tokens)))
        if first + dropped >= len(turns) - 1:
            raise _too_long(len(tokens), room)
        # An answer must not stand first: questions and answers go in pairs.
        dropped = min(dropped + 2, len(turns) - 1 - first)


def _answer_room(context_tokens: int, wanted_tokens: int) -> int:
    most = max(context_tokens // _LEAST_ANSWER_SHARE, 1)
    return min(wanted_tokens, max(_LEAST_ANSWER_TOKENS, 1), most)


def _turns_to_drop(lengths: Sequence[int], first: int, room: int) -> int:
    """Return how many pairs surely do not fit, by their contents alone."""
    total = sum(lengths)
    dropped = 0
    while total > room and first + dropped < len(lengths) - 1:
        pair = lengths[first + dropped : min(first + dropped + 2, len(lengths) - 1)]
        total -= sum(pair)
        dropped += len(pair)
    return dropped


def _too_long(tokens: int, room: int) -> InvalidValueError:
    return InvalidValueError(
        f"The question has {tokens:,} tokens; this model reads {room:,} at most.",
        code="question_too_long",
        hint="Shorten it, or split it into parts.",
        tokens=tokens,
        limit_tokens=room,
    )
