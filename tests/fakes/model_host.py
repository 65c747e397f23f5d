"""A host of models that are nowhere: what it loads, counts and embeds is what the test says."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
    InvalidValueError,
    NotFoundError,
)
from appliance.engine.text.model import EmbeddingRequest, Embeddings, TextRequest
from appliance.engine.text.port import EngineState, EngineStatus, Resident
from tests.fakes.clock import ManualClock
from tests.fakes.text_engine import MODEL, Gate

CONTEXT_TOKENS = 1000
MEMORY_BYTES = 100_000_000
# Of an embedding, in numbers.
DIMENSIONS = 8
_LARGEST_TOKEN = 0x10FFFF
_TOKENS_OF_A_TURN = 3


class _Known:
    """The models that there are; the first one is the owner's choice."""

    def __init__(self, models: Sequence[str]) -> None:
        self.models = tuple(models)

    def named(self, model: str | None) -> str:
        wanted = model if model is not None else (self.models[0] if self.models else None)
        if wanted is None:
            raise EngineUnavailableError("There is no model on this box.", code="no_model")
        for known in self.models:
            if known.casefold() == wanted.casefold():
                return known
        raise NotFoundError(f"There is no model {wanted!r} on this box.", code="model_not_found")


class ScriptedTokeniser:
    """Takes each character for a token, whose number is the character's.

    `failure` is raised by all of it, until it is taken away.
    """

    def __init__(self, *models: str) -> None:
        self.failure: ApplianceError | None = None
        self._known = _Known(models or (MODEL,))

    async def tokens_of(self, text: str, *, model: str | None = None) -> list[int]:
        """Return the characters' numbers."""
        self._ask(model)
        return [ord(character) for character in text]

    async def text_of(self, tokens: Sequence[int], *, model: str | None = None) -> str:
        """Return the characters of these numbers."""
        self._ask(model)
        for token in tokens:
            if not 0 <= token <= _LARGEST_TOKEN:
                raise InvalidValueError(f"There is no token {token}.", code="unknown_token")
        return "".join(chr(token) for token in tokens)

    async def prompt_tokens_of(self, request: TextRequest) -> int:
        """Return the characters of all turns, and three more for each."""
        self._ask(request.model)
        if request.raw_prompt is not None:
            return len(request.prompt_before) + len(request.raw_prompt)
        return sum(len(turn.content) + _TOKENS_OF_A_TURN for turn in request.turns)

    def _ask(self, model: str | None) -> None:
        if self.failure is not None:
            raise self.failure
        self._known.named(model)


class ScriptedEmbedder:
    """Makes a vector of each text, the same for the same text, unless `vectors` says another.

    A text has as many tokens as words. `failure` is raised until it is taken away.
    """

    def __init__(
        self,
        *models: str,
        dimensions: int = DIMENSIONS,
        context_tokens: int = CONTEXT_TOKENS,
        vectors: Mapping[str, tuple[float, ...]] | None = None,
    ) -> None:
        self.requests: list[EmbeddingRequest] = []
        self.failure: ApplianceError | None = None
        self._known = _Known(models or (MODEL,))
        self._dimensions = dimensions
        self._context_tokens = context_tokens
        self._vectors = dict(vectors or {})

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors of these texts."""
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        name = self._known.named(request.model)
        kept = [self._fitted(text, truncates=request.truncates) for text in request.texts]
        return Embeddings(
            vectors=tuple(self._vector(" ".join(words)) for words in kept),
            model=name,
            prompt_tokens=sum(len(words) for words in kept),
            load_s=0.001,
            took_s=0.002,
        )

    def _fitted(self, text: str, *, truncates: bool) -> list[str]:
        words = text.split()
        if len(words) > self._context_tokens and not truncates:
            raise InvalidValueError(
                f"A text has {len(words):,} tokens; this model reads "
                f"{self._context_tokens:,} at most.",
                code="text_too_long",
                tokens=len(words),
                limit_tokens=self._context_tokens,
            )
        return words[: self._context_tokens]

    def _vector(self, text: str) -> tuple[float, ...]:
        if text in self._vectors:
            return self._vectors[text]
        digest = hashlib.sha512(text.encode()).digest()
        numbers = [digest[i % len(digest)] - 127.5 for i in range(self._dimensions)]
        length = math.hypot(*numbers)
        return tuple(number / length for number in numbers)


class ScriptedHost:
    """Keeps names in its memory, and forgets those whose time is over.

    The first model is the owner's choice, which stays for ever; others stay five minutes.
    `failure` is raised by loading and preparing until it is taken away; `prepared` holds what was
    prepared, and what is being prepared waits at `gate`, if there is one.
    """

    def __init__(self, *models: str, clock: ManualClock | None = None) -> None:
        self.failure: ApplianceError | None = None
        self.prepared: list[TextRequest] = []
        self.gate: Gate | None = None
        self._known = _Known(models or (MODEL,))
        self._clock = clock or ManualClock()
        self._expiries: dict[str, datetime | None] = {}

    async def load(self, model: str | None, *, keep_alive_s: float | None = None) -> Resident:
        """Return the model as one that can answer."""
        name = self._known.named(model)
        if self.failure is not None:
            raise self.failure
        self._expiries[name] = self._expiry(name, keep_alive_s)
        return self._resident(name)

    async def unload(self, model: str) -> None:
        """Forget the model; nothing happens if it is not in memory."""
        self._expiries.pop(self._known.named(model), None)

    def residents(self) -> list[Resident]:
        """Return those whose time is not over."""
        return [
            self._resident(name)
            for name, expires_at in self._expiries.items()
            if expires_at is None or expires_at > self._clock.now()
        ]

    async def prepare(self, request: TextRequest) -> None:
        """Note the request."""
        self._known.named(request.model)
        if self.failure is not None:
            raise self.failure
        if self.gate is not None:
            await self.gate.pass_through()
        self.prepared.append(request)

    def _expiry(self, name: str, keep_alive_s: float | None) -> datetime | None:
        if keep_alive_s is None:
            keep_alive_s = -1 if name == self._known.models[0] else 300
        if keep_alive_s < 0:
            return None
        return self._clock.now() + timedelta(seconds=keep_alive_s)

    def _resident(self, name: str) -> Resident:
        return Resident(
            name=name,
            memory_bytes=MEMORY_BYTES,
            context_tokens=CONTEXT_TOKENS,
            expires_at=self._expiries[name],
            is_for_embeddings=False,
            state=EngineState(
                status=EngineStatus.READY,
                model=name,
                detail="",
                load_percent=100,
                running=0,
                waiting=0,
                context_tokens=CONTEXT_TOKENS,
                tokens_per_s=None,
            ),
        )
