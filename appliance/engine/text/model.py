"""Words of the text engine: what is asked of it, and what it tells while it works."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; None leaves it to what the model's makers recommend.

    Attributes:
        temperature: 0 takes the likeliest token always; allowed 0 to 2.
        top_k: Only the k likeliest tokens take part; 0 means all.
        top_p: Only the likeliest tokens that together have this probability take part.
        min_p: Tokens less likely than this share of the likeliest are left out.
        repeat_penalty: Above 1 discourages tokens of the last 64; 1 is off.
        seed: Start of the random numbers; None draws one.
        max_tokens: The answer is cut after so many tokens.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None
    max_tokens: int = 1024


@dataclass(frozen=True)
class TextRequest:
    """One answer to be written.

    Attributes:
        request_id: Unique; cancels and log lines name it.
        turns: The conversation, oldest first; the last one is the question.
        fairness_key: Requests with the same key (a user) share one fair share.
        sampling: How tokens are chosen.
        continues: Whether the last turn is the beginning of the answer itself, which goes on
            from there; the question is the turn before it.
    """

    request_id: str
    turns: tuple[Turn, ...]
    fairness_key: str
    sampling: Sampling = field(default_factory=Sampling)
    continues: bool = False


@dataclass(frozen=True)
class Queued:
    """The request waits; `ahead` others come first; `eta_s` is None while nothing is known."""

    ahead: int
    eta_s: float | None


@dataclass(frozen=True)
class Loading:
    """The model is being loaded, `percent` of it is read."""

    percent: int


@dataclass(frozen=True)
class Reading:
    """The prompt is being read.

    Attributes:
        percent: Share of the prompt that is read, 0 to 100.
        prompt_tokens: Tokens of the whole prompt.
        dropped_turns: Oldest turns that were left out because they do not fit the context.
    """

    percent: int
    prompt_tokens: int
    dropped_turns: int


@dataclass(frozen=True)
class Writing:
    """The first token is there."""


@dataclass(frozen=True)
class Piece:
    """More text of the answer; whole characters only."""

    text: str


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Finished:
    """The answer is complete.

    Attributes:
        reason: Why it ended.
        model: Name of the model that wrote it.
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written.
        queued_s: Seconds waited before reading began.
        reading_s: Seconds from then to the first token.
        writing_s: Seconds from the first token to the last.
    """

    reason: FinishReason
    model: str
    prompt_tokens: int
    completion_tokens: int
    queued_s: float
    reading_s: float
    writing_s: float


TextEvent = Queued | Loading | Reading | Writing | Piece | Finished
