"""What is asked in a comparison: conversations of made-up words, the same for every opponent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from appliance.engine.text.model import Turn
from benchmarks.made_up_words import words

# Where the words of the shared instruction begin; conversations begin elsewhere.
_SHARED_START = 2_000_000
_WORDS_PER_PERSON = 10_000
_LOOK_EVERY_S = 0.005


@dataclass(frozen=True)
class Question:
    """One prompt, and how long its answer is to be.

    Attributes:
        who: The person; nobody else's prompts are theirs.
        turns: The conversation, its last turn is the question.
        tokens: Length of the answer.
        seed: Of the choice of words.
    """

    who: str
    turns: tuple[Turn, ...]
    tokens: int
    seed: int = 1


@dataclass
class Answer:
    """What came of a question; times are of the monotonic clock.

    Attributes:
        asked_s: When it was asked.
        words_s: When each piece of text arrived.
        text: All of it.
        written_tokens: As the opponent counts them.
        prompt_tokens: The same.
        cached_tokens: Those of the prompt that were not read again; None where it is not told.
    """

    asked_s: float = 0.0
    words_s: list[float] = field(default_factory=list[float])
    text: str = ""
    written_tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int | None = None

    @property
    def first_word_s(self) -> float:
        """Return the seconds until something could be read."""
        return self.words_s[0] - self.asked_s

    @property
    def total_s(self) -> float:
        """Return the seconds until all of it was there."""
        return self.words_s[-1] - self.asked_s

    @property
    def token_s(self) -> float:
        """Return the seconds per token after the first."""
        return (self.words_s[-1] - self.words_s[0]) / max(self.written_tokens - 1, 1)

    @property
    def longest_gap_s(self) -> float:
        """Return the longest time between two pieces."""
        pairs = zip(self.words_s, self.words_s[1:], strict=False)
        return max((later - earlier for earlier, later in pairs), default=0.0)


class Opponent(Protocol):
    """An engine that is measured.

    Attributes:
        name: For the tables.
    """

    name: str

    async def ask(self, question: Question, answer: Answer) -> None:
        """Fill the answer as it comes; cancelling ends the work as a person who leaves does."""
        ...

    def rss_bytes(self) -> int:
        """Return the resident memory of all its processes."""
        ...

    def cpu_s(self) -> float:
        """Return the processor seconds of what computes, to a millisecond."""
        ...


class Person:
    """Somebody with a conversation that grows."""

    def __init__(self, number: int, *, shared_tokens: int = 0) -> None:
        self.name = f"person-{number}"
        self._next_word = number * _WORDS_PER_PERSON
        self._seed = number
        shared = words(shared_tokens, start=_SHARED_START)
        self._turns: tuple[Turn, ...] = (Turn("system", shared),) if shared_tokens else ()

    def question(self, prompt_tokens: int, *, tokens: int) -> Question:
        """Return the next question of the conversation."""
        asked = Turn("user", words(prompt_tokens, start=self._next_word))
        self._next_word += prompt_tokens
        self._turns = (*self._turns, asked)
        return Question(self.name, self._turns, tokens, self._seed)

    def hear(self, answer: Answer) -> None:
        """Take the answer into the conversation."""
        self._turns = (*self._turns, Turn("assistant", answer.text))


async def until(condition: Callable[[], bool], *, within_s: float = 300) -> None:
    """Wait until `condition()` is true: opponents of three kinds have no event in common."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # see above
            await asyncio.sleep(_LOOK_EVERY_S)
