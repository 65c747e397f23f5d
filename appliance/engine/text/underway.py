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
    """A request that is being read or written."""

    request: TextRequest
    prompt: Prompt
    slot: Slot
    sampler: Sampler
    arrived_s: float
    started_s: float
    read_tokens: int
    first_word_s: float = 0.0
    written_tokens: int = 0
    next_token: int | None = None
    text: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )

    @property
    def unread_tokens(self) -> int:
        """Return how much of the prompt is not read yet."""
        return len(self.prompt.tokens) - self.read_tokens


def word_row(answer: Answer, token: int) -> Row:
    """Return the row that writes one more word: its token, after all that came before."""
    return Row(token, len(answer.slot.tokens), answer.slot.number, wants_logits=True)


def prompt_rows_of(answer: Answer, count: int) -> Iterator[Row]:
    """Yield the rows that read the next `count` tokens of the prompt."""
    start = answer.read_tokens
    last = len(answer.prompt.tokens) - 1
    for index in range(start, start + count):
        yield Row(
            answer.prompt.tokens[index], index, answer.slot.number, wants_logits=index == last
        )
