"""Requests inside the batch loop: those that wait, and those that are read or written."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.engine.text.llama import Row
from appliance.engine.text.model import TextRequest, Urgency
from appliance.engine.text.page import Page
from appliance.engine.text.prompting import Prompt
from appliance.engine.text.sequences import Slot, Wanted


@dataclass
class Answer:
    """A request that is being read or written.

    Attributes:
        to_read: What the cache must hold before the next word can be chosen: the prompt, and of an
            answer that had to leave the cache also what is written.
        read_tokens: How much of that the cache holds.
        next_tokens: What is written and not computed yet: after the last of them the answer goes
            on. Empty while the prompt is being read.
        drafts: Guesses of what comes then, computed in the same step; wrong ones are forgotten.
        is_forgotten: Whether nothing of it is to stay in the cache or on disk when it ends.
    """

    request: TextRequest
    prompt: Prompt
    slot: Slot
    page: Page
    arrived_s: float
    started_s: float
    to_read: list[int]
    read_tokens: int
    cached_tokens: int
    first_word_s: float = 0.0
    next_tokens: list[int] = field(default_factory=list[int])
    drafts: list[int] = field(default_factory=list[int])
    is_forgotten: bool = False

    @property
    def is_writing(self) -> bool:
        """Return whether the prompt is read and words are being written."""
        return bool(self.next_tokens)

    @property
    def is_patient(self) -> bool:
        """Return whether it can wait for people."""
        return self.request.urgency is Urgency.BACKGROUND

    @property
    def written_tokens(self) -> int:
        """Return how many tokens are written."""
        return len(self.page.tokens)

    @property
    def word_count(self) -> int:
        """Return how many rows its words take in the next step."""
        return len(self.next_tokens) + len(self.drafts)

    @property
    def wanted(self) -> Wanted:
        """Return what it has to read, and what it needs of the cache."""
        return Wanted(
            tokens=self.to_read,
            owner=self.request.fairness_key,
            need_tokens=len(self.prompt.tokens) + self.prompt.answer_tokens,
            shared_tokens=self.prompt.shared_tokens,
            stays_in_memory=self.request.stays_in_memory,
        )

    @property
    def unread_tokens(self) -> int:
        """Return how much is not read yet."""
        return len(self.to_read) - self.read_tokens

    def starts_anew(self) -> None:
        """Note that the cache holds nothing of it any more: all of it must be read again."""
        self.to_read = [*self.slot.tokens, *self.next_tokens] if self.is_writing else self.to_read
        self.next_tokens, self.drafts = [], []
        self.read_tokens = 0


@dataclass
class Waiting:
    """A request in the queue.

    Attributes:
        paused: What there is of its answer, if it had begun and gave way to others.
    """

    request: TextRequest
    prompt: Prompt
    arrived_s: float
    told_ahead: int = -1
    paused: Answer | None = None

    @property
    def is_patient(self) -> bool:
        """Return whether it can wait for people."""
        return self.request.urgency is Urgency.BACKGROUND

    @property
    def wanted(self) -> Wanted:
        """Return what it needs of the cache."""
        return Wanted(
            tokens=self.paused.to_read if self.paused else self.prompt.tokens,
            owner=self.request.fairness_key,
            need_tokens=len(self.prompt.tokens) + self.prompt.answer_tokens,
            shared_tokens=self.prompt.shared_tokens,
            stays_in_memory=self.request.stays_in_memory,
        )


def word_rows_of(answer: Answer) -> Iterator[Row]:
    """Yield the rows that write on: the words chosen last, and guesses of what follows them."""
    start, slot = len(answer.slot.tokens), answer.slot.number
    first_wanted = len(answer.next_tokens) - 1
    for index, token in enumerate([*answer.next_tokens, *answer.drafts]):
        yield Row(token, start + index, slot, wants_logits=index >= first_wanted)


def prompt_rows_of(answer: Answer, count: int) -> Iterator[Row]:
    """Yield the rows that read the next `count` tokens."""
    start, slot = answer.read_tokens, answer.slot.number
    last = len(answer.to_read) - 1
    for index in range(start, start + count):
        yield Row(answer.to_read[index], index, slot, wants_logits=index == last)
