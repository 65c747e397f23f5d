"""From a conversation to the tokens of a prompt that fits the context."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import TextRequest, Turn, WhenTooLong
from appliance.engine.text.template import ChatTemplate, Offer, Segment
from appliance.engine.text.template_values import PLAIN

# A conversation that fills the context must leave room for an answer worth having.
_LEAST_ANSWER_TOKENS = 128
_LEAST_ANSWER_SHARE = 4
# Of a prompt whose middle is cut out, so many first tokens stay (Ollama's `num_keep`).
_KEPT_FIRST_TOKENS = 4


class Tokeniser(Protocol):
    """The part of a loaded model that splits texts."""

    @property
    def vocabulary_size(self) -> int:
        """Return how many tokens there are."""
        ...

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
        shared_tokens: How many tokens at the beginning are the box's own words, which everybody's
            prompts may begin with.
        cut_tokens: Tokens cut out of the middle.
    """

    tokens: list[int]
    dropped_turns: int
    answer_tokens: int
    shared_tokens: int = 0
    cut_tokens: int = 0


@dataclass(frozen=True)
class PromptWishes:
    """What else is asked of a prompt.

    Attributes:
        when_too_long: What happens if not all turns fit.
        shared_turns: How many of the first turns are the box's own words.
    """

    when_too_long: WhenTooLong = WhenTooLong.DROP_OLDEST_TURNS
    shared_turns: int = 0


def prompt_of(
    turns: Sequence[Turn],
    *,
    template: ChatTemplate,
    tokeniser: Tokeniser,
    context_tokens: int,
    wanted_answer_tokens: int,
    continues: bool = False,
    offer: Offer | None = None,
    wishes: PromptWishes | None = None,
) -> Prompt:
    """Return the prompt: the system turn, then as many of the newest turns as fit.

    Args:
        turns: The conversation, oldest first.
        template: The model's way of writing it.
        tokeniser: The model's way of splitting it.
        context_tokens: The most that prompt and answer may have together.
        wanted_answer_tokens: The most that the answer is to have.
        continues: Whether the last turn is the beginning of the answer.
        offer: What the model is told of besides.
        wishes: What else is asked of it.

    Raises:
        InvalidValueError: If the question alone is too long (`question_too_long`), or with the
            beginning of its answer (`answer_too_long`), or if the model's template refuses the
            conversation.
    """
    question = len(turns) - (2 if continues else 1)
    if question < 0 or (continues and turns[-1].role != "assistant"):
        raise InvalidValueError("There is no question to answer.", code="no_question")
    room = context_tokens - _answer_room(context_tokens, wanted_answer_tokens)
    first = 1 if turns[0].role == "system" and question > 0 else 0
    wishes = wishes or PromptWishes()
    drops = wishes.when_too_long is WhenTooLong.DROP_OLDEST_TURNS
    most = room if drops else sys.maxsize
    contents = _newest_contents(turns, tokeniser, most, first=first, question=question)
    start = min(index for index in contents if index >= first)
    while True:
        if start > first:
            start = _next_question(turns, start, question)
        kept = [*range(first), *range(start, len(turns))]
        segments = template.segments(
            [turns[index] for index in kept], continues=continues, offer=offer
        )
        shared = sum(index < wishes.shared_turns for index in kept)
        tokens, shared_tokens = _tokens(
            segments, [contents[index] for index in kept], tokeniser, shared_turns=shared
        )
        if len(tokens) <= room:
            answer_tokens = min(wanted_answer_tokens, context_tokens - len(tokens))
            return Prompt(tokens, start - first, answer_tokens, shared_tokens)
        if wishes.when_too_long is WhenTooLong.CUT_THE_MIDDLE:
            return _cut(tokens, wanted_answer_tokens, context_tokens)
        if not drops or start >= question:
            raise _too_long(len(tokens), room, continues=continues)
        start += 1


def fitted(tokens: list[int], request: TextRequest, *, context_tokens: int) -> Prompt:
    """Return a prompt of set tokens, if it fits.

    Raises:
        InvalidValueError: If it is empty (`no_question`) or too long (`question_too_long`).
    """
    if not tokens:
        raise InvalidValueError("There is no question to answer.", code="no_question")
    wanted_tokens = request.sampling.max_tokens
    room = context_tokens - _answer_room(context_tokens, wanted_tokens)
    if len(tokens) > room:
        if request.when_too_long is not WhenTooLong.CUT_THE_MIDDLE:
            raise _too_long(len(tokens), room, continues=False)
        return _cut(tokens, wanted_tokens, context_tokens)
    return Prompt(tokens, 0, min(wanted_tokens, context_tokens - len(tokens)))


def _cut(tokens: list[int], wanted_tokens: int, context_tokens: int) -> Prompt:
    """Return what is left of a prompt when its middle is cut out, as Ollama does it.

    The first tokens stay, as they say how the text begins, and the newest ones, so that half of
    the context is left for the answer.
    """
    first = min(_KEPT_FIRST_TOKENS, context_tokens // 2)
    most = max(context_tokens - (context_tokens - first) // 2, first + 1)
    kept = tokens[:first] + tokens[first - most :]
    answer_tokens = max(min(wanted_tokens, context_tokens - len(kept)), 0)
    return Prompt(kept, 0, answer_tokens, cut_tokens=len(tokens) - len(kept))


def _newest_contents(
    turns: Sequence[Turn], tokeniser: Tokeniser, room: int, *, first: int, question: int
) -> dict[int, list[int]]:
    """Return the tokens of the system turn, and of the newest turns up to `room`.

    Older ones cannot fit, so they are not even split: everybody waits meanwhile.
    """
    contents = {i: tokeniser.tokens_of(turns[i].content, special=False) for i in range(first)}
    total = sum(map(len, contents.values()))
    for index in reversed(range(first, len(turns))):
        tokens = tokeniser.tokens_of(turns[index].content, special=False)
        total += len(tokens)
        if total > room and index < question:
            break
        contents[index] = tokens
    return contents


def _next_question(turns: Sequence[Turn], start: int, question: int) -> int:
    """Return where the first question from `start` on stands: an answer must not stand first."""
    return next((i for i in range(start, question) if turns[i].role == "user"), question)


def _tokens(
    segments: Sequence[Segment],
    contents: Sequence[list[int]],
    tokeniser: Tokeniser,
    *,
    shared_turns: int,
) -> tuple[list[int], int]:
    """Return the tokens, and how many of the first ones come before words of people."""
    tokens: list[int] = []
    shared_tokens: int | None = None if shared_turns else 0
    for text, place in segments:
        if place is None:
            tokens += tokeniser.tokens_of(text, special=True)
        elif place == PLAIN:
            tokens += tokeniser.tokens_of(text, special=False)
        else:
            if shared_tokens is None and place >= shared_turns:
                shared_tokens = len(tokens)
            tokens += contents[place]
    shared_tokens = len(tokens) if shared_tokens is None else shared_tokens
    begin = tokeniser.begin_tokens()
    # Many templates write the first token themselves; twice it spoils the answer.
    if tokens[: len(begin)] == begin:
        return tokens, shared_tokens
    return begin + tokens, shared_tokens + len(begin) if shared_tokens else 0


def _answer_room(context_tokens: int, wanted_tokens: int) -> int:
    most = max(context_tokens // _LEAST_ANSWER_SHARE, 1)
    return min(wanted_tokens, _LEAST_ANSWER_TOKENS, most)


def _too_long(tokens: int, room: int, *, continues: bool) -> InvalidValueError:
    if continues:
        return InvalidValueError(
            f"The question and the answer so far have {tokens:,} tokens; "
            f"this model reads {room:,} at most.",
            code="answer_too_long",
            hint="Ask for the rest in a new question.",
            tokens=tokens,
            limit_tokens=room,
        )
    return InvalidValueError(
        f"The question has {tokens:,} tokens; this model reads {room:,} at most.",
        code="question_too_long",
        hint="Shorten it, or split it into parts.",
        tokens=tokens,
        limit_tokens=room,
    )
