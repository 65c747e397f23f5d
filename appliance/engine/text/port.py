"""What the slices may ask of a text engine, whichever it is."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.engine.text.model import TextEvent, TextRequest


class EngineStatus(StrEnum):
    """What the engine does right now."""

    NO_MODEL = "no_model"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True)
class EngineState:
    """How the engine is, for people and health checks.

    Attributes:
        status: What it does right now.
        model: Name of the model in use or wanted; None if there is none.
        detail: One sentence for people when something is wrong, else empty.
        load_percent: How much of the model is loaded.
        running: Answers being read or written now.
        waiting: Requests in the queue.
        context_tokens: Longest conversation, in tokens; 0 while unknown.
        tokens_per_s: Speed of writing, from recent answers; None while unknown.
    """

    status: EngineStatus
    model: str | None
    detail: str
    load_percent: int
    running: int
    waiting: int
    context_tokens: int
    tokens_per_s: float | None


class TextEngine(Protocol):
    """Writes answers. Every implementation passes `tests/contracts/text_engine.py`."""

    def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield stages and text as they happen; the last event is `Finished`.

        Closing the iterator (or cancelling the task that runs it) ends the work within one
        decode step.

        Raises:
            TooManyRequestsError: If the queue is full (`code` `queue_full`).
            InvalidValueError: If the question alone is longer than the context
                (`code` `question_too_long`), or with the answer that is to be continued
                (`answer_too_long`), or if there is none (`no_question`).
            EngineUnavailableError: If the engine stopped, hangs, or has no model.
        """
        ...

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each of these texts has for the model in use.

        It does not wait behind answers. A text in a prompt costs so many, a few more or less.

        Raises:
            EngineUnavailableError: If no model is loaded right now, or it does not answer.
        """
        ...

    def state(self) -> EngineState:
        """Return how the engine is right now."""
        ...
