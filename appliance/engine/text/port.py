"""What the slices may ask of a text engine, whichever it is."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from appliance.engine.text.model import EmbeddingRequest, Embeddings, TextEvent, TextRequest


class EngineStatus(StrEnum):
    """What the engine does right now; `unloaded` loads its model with the next question."""

    NO_MODEL = "no_model"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    UNLOADED = "unloaded"


@dataclass(frozen=True)
class Speed:
    """What was measured of a model on this box.

    Attributes:
        repacks: Whether its weights are kept twice now, which writes quicker and reads slower.
        turn_s: How long a typical turn takes with the weights as they are (600 tokens read, 150
            written); None if that was not measured.
        turn_repacked_s: The same with weights that are kept twice.
        step_s: How long a step takes now, by its number of rows.
    """

    repacks: bool
    turn_s: float | None
    turn_repacked_s: float | None
    step_s: tuple[tuple[int, float], ...]


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
        processor_code: Which machine code computes: `native` was compiled for this very
            processor; empty while unknown.
        speed: What was measured of the model; None before that.
    """

    status: EngineStatus
    model: str | None
    detail: str
    load_percent: int
    running: int
    waiting: int
    context_tokens: int
    tokens_per_s: float | None
    processor_code: str = ""
    speed: Speed | None = None


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


class Tokeniser(Protocol):
    """Splits texts as a model does; it does not wait behind answers.

    All of it raises NotFoundError (`model_not_found`) for a model that is not on this box, and
    EngineUnavailableError if that model cannot be loaded.
    """

    async def tokens_of(self, text: str, *, model: str | None = None) -> list[int]:
        """Return the tokens of a text, without special ones."""
        ...

    async def text_of(self, tokens: Sequence[int], *, model: str | None = None) -> str:
        """Return the text of tokens.

        Raises:
            InvalidValueError: If the model has no such token (`unknown_token`).
        """
        ...

    async def prompt_tokens_of(self, request: TextRequest) -> int:
        """Return how many tokens a request's whole prompt has, turned into the model's form."""
        ...


class Embedder(Protocol):
    """Tells the meaning of texts in numbers."""

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return a vector per text.

        Raises:
            NotFoundError: If the model is not on this box.
            InvalidValueError: If a text is too long (`text_too_long`).
            TooManyRequestsError: If the queue is full.
            EngineUnavailableError: If the model cannot be loaded.
        """
        ...


@dataclass(frozen=True)
class Resident:
    """A model in memory.

    Attributes:
        name: Of the model.
        memory_bytes: What its process has.
        context_tokens: Longest conversation with it; 0 while it is being loaded.
        expires_at: When it is unloaded if nobody asks; None keeps it.
        is_for_embeddings: Whether it was loaded to embed.
        state: How its process is.
    """

    name: str
    memory_bytes: int
    context_tokens: int
    expires_at: datetime | None
    is_for_embeddings: bool
    state: EngineState


class ModelHost(Protocol):
    """Keeps models in memory, never more than the box has."""

    async def load(self, model: str | None, *, keep_alive_s: float | None = None) -> Resident:
        """Bring a model into memory and return it once it can answer.

        Raises:
            NotFoundError: If it is not on this box.
            EngineUnavailableError: If it cannot be loaded (`not_enough_memory`,
                `bad_model_file`, …).
        """
        ...

    async def unload(self, model: str) -> None:
        """Take a model out of memory; answers that are being written are finished first."""
        ...

    def residents(self) -> list[Resident]:
        """Return the models in memory."""
        ...

    async def prepare(self, request: TextRequest) -> None:
        """Read a prompt in idle time and keep it; return when it is read.

        A question that begins so is answered at once then, also after a restart. People go first.
        """
        ...
