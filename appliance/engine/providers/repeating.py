"""An engine that gives an answer again when the very same is asked a moment later."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from appliance.engine.providers.answer_cache import (
    AnswerStore,
    KeptAnswer,
    is_repeatable,
    key_of,
)
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Origin,
    Piece,
    Queued,
    TextEvent,
    TextRequest,
    Thought,
    ToolCalled,
    Writing,
)
from appliance.engine.text.port import EngineState, TextEngine

# Longer ones are rare as repeats, and would fill the store.
_LONGEST_CHARACTERS = 64_000


@dataclass
class RepeatCounts:
    """How often answers were there already, since the start.

    Attributes:
        hits: Questions whose answer was there.
        misses: Questions that could have been repeats and were not.
    """

    hits: int = 0
    misses: int = 0

    @property
    def hit_ratio(self) -> float | None:
        """Return the share of hits; None while nothing was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


class RepeatingEngine:
    """Wraps another engine.

    Args:
        engine: Who answers what was not asked before.
        store: Where answers are kept.
        keep_s: For how many seconds; 0 keeps none.
        mark: Returns a text that changes with the models that may answer.
    """

    def __init__(
        self, engine: TextEngine, store: AnswerStore, *, keep_s: float, mark: Callable[[], str]
    ) -> None:
        self._engine = engine
        self._store = store
        self._keep_s = keep_s
        self._mark = mark
        self.counts = RepeatCounts()

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield the events of an answer, kept or new; see `TextEngine.generate`."""
        if self._keep_s <= 0 or not is_repeatable(request):
            events = self._engine.generate(request)
        else:
            events = self._kept_or_new(request, key_of(request, mark=self._mark()))
        try:
            async for event in events:
                yield event
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return what the engine counts."""
        return await self._engine.count_tokens(texts)

    def state(self) -> EngineState:
        """Return how the engine is."""
        return self._engine.state()

    async def _kept_or_new(self, request: TextRequest, key: str) -> AsyncGenerator[TextEvent]:
        kept = await self._store.find(key)
        if kept is not None:
            self.counts.hits += 1
            for event in _again(kept):
                yield event
            return
        self.counts.misses += 1
        events, pieces, is_plain = self._engine.generate(request), list[str](), True
        try:
            async for event in events:
                if isinstance(event, Piece):
                    pieces.append(event.text)
                is_plain = is_plain and not isinstance(event, Thought | ToolCalled)
                if isinstance(event, Finished) and is_plain:
                    await self._keep(key, "".join(pieces), event)
                yield event
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def _keep(self, key: str, text: str, end: Finished) -> None:
        if end.reason is not FinishReason.STOP or not 0 < len(text) <= _LONGEST_CHARACTERS:
            return
        answer = KeptAnswer(
            text,
            end.model,
            end.origin.provider,
            end.origin.name,
            end.prompt_tokens,
            end.completion_tokens,
        )
        await self._store.keep(key, answer, for_s=self._keep_s)


def _again(kept: KeptAnswer) -> list[TextEvent]:
    end = Finished(
        reason=FinishReason.STOP,
        model=kept.model,
        prompt_tokens=kept.prompt_tokens,
        completion_tokens=kept.completion_tokens,
        queued_s=0.0,
        reading_s=0.0,
        writing_s=0.0,
        cached_tokens=kept.prompt_tokens,
    )
    origin = Origin(provider=kept.provider, name=kept.provider_name, is_cached=True, attempts=0)
    return [
        Queued(ahead=0, eta_s=None),
        Writing(),
        Piece(kept.text),
        replace(end, origin=origin),
    ]
