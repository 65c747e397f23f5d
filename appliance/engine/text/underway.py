"""Requests inside the batch loop: those that wait, and those that are read or written."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.engine.text.llama import Row, Sampler
from appliance.engine.text.model import TextRequest
from appliance.engine.text.prompting import Prompt
from appliance.engine.text.sequences import Slot


@dataclass
class Waiting:
    """A request in the queue."""

    request: TextRequest
    prompt: Prompt
    arrived_s: float
    told_ahead: int = -1


@dataclass
class Answer:
    """A request that is being read or written.

    Attributes:
        next_tokens: What is written and not computed yet: after the last of them the answer goes
            on. Empty while the prompt is being read.
        drafts: Guesses of what comes then, computed in the same step; wrong ones are forgotten.
    """

    request: TextRequest
    prompt: Prompt
    slot: Slot
    sampler: Sampler
    arrived_s: float
    started_s: float
    read_tokens: int
    first_word_s: float = 0.0
    written_tokens: int = 0
    next_tokens: list[int] = field(default_factory=list[int])
    drafts: list[int] = field(default_factory=list[int])
    text: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )

    @property
    def is_writing(self) -> bool:
        """Return whether the prompt is read and words are being written."""
        return bool(self.next_tokens)

    @property
    def word_count(self) -> int:
        """Return how many rows its words take in the next step."""
        return len(self.next_tokens) + len(self.drafts)

    @property
    def unread_tokens(self) -> int:
        """Return how much of the prompt is not read yet."""
        return len(self.prompt.tokens) - self.read_tokens


def word_rows_of(answer: Answer) -> Iterator[Row]:
    """Yield the rows that write on: the words chosen last, and guesses of what follows them."""
    start, slot = len(answer.slot.tokens), answer.slot.number
    first_wanted = len(answer.next_tokens) - 1
    for index, token in enumerate([*answer.next_tokens, *answer.drafts]):
        yield Row(token, start + index, slot, wants_logits=index >= first_wanted)


def prompt_rows_of(answer: Answer, count: int) -> Iterator[Row]:
    """Yield the rows that read the next `count` tokens of the prompt."""
    start = answer.read_tokens
    last = len(answer.prompt.tokens) - 1
    for index in range(start, start + count):
        yield Row(
            answer.prompt.tokens[index], index, answer.slot.number, wants_logits=index == last
        )
