"""From a conversation to the tokens of a prompt that fits the context."""

from collections.abc import Mapping, Sequence
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
        InvalidValueError: If the last turn alone is too long (`question_too_long`), or the
            model's template refuses the conversation.
    """
    if not turns:
        raise InvalidValueError("There is no question to answer.", code="no_question")
    room = context_tokens - _answer_room(context_tokens, wanted_answer_tokens)
    first = 1 if turns[0].role == "system" and len(turns) > 1 else 0
    contents = _newest_contents(turns, first, tokeniser, room)
    start = min(index for index in contents if index >= first)
    while True:
        if start > first:
            start = _next_question(turns, start)
        kept = [*range(first), *range(start, len(turns))]
        tokens = _tokens(turns, kept, contents, template, tokeniser)
        if len(tokens) <= room:
            answer_tokens = min(wanted_answer_tokens, context_tokens - len(tokens))
            return Prompt(tokens, start - first, answer_tokens)
        if start >= len(turns) - 1:
            raise _too_long(len(tokens), room)
        start += 1


def _newest_contents(
    turns: Sequence[Turn], first: int, tokeniser: Tokeniser, room: int
) -> dict[int, list[int]]:
    """Return the tokens of the system turn, and of the newest turns up to `room`.

    Older ones cannot fit, so they are not even split: everybody waits meanwhile.
    """
    contents = {i: tokeniser.tokens_of(turns[i].content, special=False) for i in range(first)}
    total = sum(map(len, contents.values()))
    for index in reversed(range(first, len(turns))):
        tokens = tokeniser.tokens_of(turns[index].content, special=False)
        total += len(tokens)
        if total > room and index < len(turns) - 1:
            break
        contents[index] = tokens
    return contents


def _next_question(turns: Sequence[Turn], start: int) -> int:
    """Return where the first question from `start` on stands: an answer must not stand first."""
    last = len(turns) - 1
    return next((i for i in range(start, last) if turns[i].role == "user"), last)


def _tokens(
    turns: Sequence[Turn],
    kept: Sequence[int],
    contents: Mapping[int, list[int]],
    template: ChatTemplate,
    tokeniser: Tokeniser,
) -> list[int]:
    tokens: list[int] = []
    for text, place in template.segments([turns[index] for index in kept]):
        if place is None:
            tokens += tokeniser.tokens_of(text, special=True)
        else:
            tokens += contents[kept[place]]
    begin = tokeniser.begin_tokens()
    # Many templates write the first token themselves; twice it spoils the answer.
    return tokens if tokens[: len(begin)] == begin else begin + tokens


def _answer_room(context_tokens: int, wanted_tokens: int) -> int:
    most = max(context_tokens // _LEAST_ANSWER_SHARE, 1)
    return min(wanted_tokens, _LEAST_ANSWER_TOKENS, most)


def _too_long(tokens: int, room: int) -> InvalidValueError:
    return InvalidValueError(
        f"The question has {tokens:,} tokens; this model reads {room:,} at most.",
        code="question_too_long",
        hint="Shorten it, or split it into parts.",
        tokens=tokens,
        limit_tokens=room,
    )
