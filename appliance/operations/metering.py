"""The figures of the engine for those who watch a box: what Prometheus asks for, and a day's mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from appliance.engine.text.figures import FIRST_WORD_BOUNDS_S, Figures
from appliance.engine.text.port import EngineState, Resident
from appliance.operations.prometheus import Figure, Sample, counter, gauge, histogram

_HOUR_S = 3600


class MeteredEngine(Protocol):
    """The text engine, as far as it is watched."""

    @property
    def figures(self) -> Figures:
        """Return what answers have cost."""
        ...

    def state(self) -> EngineState:
        """Return how it is."""
        ...

    def residents(self) -> list[Resident]:
        """Return the models in memory."""
        ...


class AnswerCounts(Protocol):
    """How often answers were there already."""

    @property
    def hits(self) -> int:
        """Return how many were."""
        ...

    @property
    def misses(self) -> int:
        """Return how many could have been and were not."""
        ...


@dataclass(frozen=True)
class Hour:
    """Answers of one hour.

    Attributes:
        start: When it began.
        answers: How many ended in it.
        average_ms: Mean time from the question to the end of the answer.
    """

    start: datetime
    answers: int
    average_ms: float


@dataclass(frozen=True)
class Day:
    """Answers of the last 24 hours.

    Attributes:
        answers: How many.
        average_ms: Mean time from the question to the end of the answer; None without answers.
        hours: Those in which there were any, the oldest first.
    """

    answers: int
    average_ms: float | None
    hours: tuple[Hour, ...]


class Metering:
    """Reads the figures of the engine and of the answer cache."""

    def __init__(self, engine: MeteredEngine, cache: AnswerCounts) -> None:
        self._engine = engine
        self.cache = cache

    def day(self) -> Day:
        """Return the answers of the last 24 hours."""
        hours = self._engine.figures.last_day()
        answers = sum(hour.answers for hour in hours)
        total_ms = sum(hour.response_ms for hour in hours)
        return Day(
            answers=answers,
            average_ms=round(total_ms / answers, 1) if answers else None,
            hours=tuple(
                Hour(
                    datetime.fromtimestamp(hour.hour * _HOUR_S, UTC),
                    hour.answers,
                    round(hour.response_ms / hour.answers, 1),
                )
                for hour in hours
            ),
        )

    def figures(self) -> Iterator[Figure]:
        """Yield all figures."""
        yield from self._of_answers()
        yield from self._of_tokens()
        yield from self._of_times()
        yield from self._of_now()
        yield counter(
            "nodo_answer_cache_requests_total",
            "Questions that were asked before: answered at once, or not.",
            Sample(self.cache.hits, {"outcome": "hit"}),
            Sample(self.cache.misses, {"outcome": "miss"}),
        )

    def _of_answers(self) -> Iterator[Figure]:
        totals = self._engine.figures.totals
        yield counter(
            "nodo_answers_total",
            "Answers by why they ended.",
            *(Sample(count, {"reason": reason}) for reason, count in totals.answers.items()),
        )
        yield counter(
            "nodo_failed_requests_total",
            "Questions without an answer, by the code of the error.",
            *(Sample(count, {"code": code}) for code, count in totals.failures.items()),
        )

    def _of_tokens(self) -> Iterator[Figure]:
        totals = self._engine.figures.totals
        for name, help_text, value in (
            ("prompt", "Tokens of prompts.", totals.prompt_tokens),
            ("prompt_cached", "Tokens of prompts not read again.", totals.cached_tokens),
            ("completion", "Tokens written.", totals.completion_tokens),
            ("draft", "Tokens guessed from the text before.", totals.drafted_tokens),
            ("draft_accepted", "Guessed tokens that were right.", totals.accepted_tokens),
            ("embedding", "Tokens of texts made into vectors.", totals.embedded_tokens),
        ):
            yield counter(f"nodo_{name}_tokens_total", help_text, Sample(value))
        yield counter(
            "nodo_embedded_texts_total", "Texts made into vectors.", Sample(totals.embedded_texts)
        )

    def _of_times(self) -> Iterator[Figure]:
        totals = self._engine.figures.totals
        for name, value in (
            ("queued", totals.queued_s),
            ("reading", totals.reading_s),
            ("writing", totals.writing_s),
            ("loading", totals.load_s),
        ):
            help_text = f"Seconds of {name} of all answers."
            yield counter(f"nodo_{name}_seconds_total", help_text, Sample(value))
        yield histogram(
            "nodo_first_word_seconds",
            "Time from the question to the first word.",
            bounds=FIRST_WORD_BOUNDS_S,
            counts=totals.first_words,
            total=totals.first_word_s,
        )
        average_ms = self.day().average_ms
        yield gauge(
            "nodo_response_time_ms",
            "Mean time from the question to the end of the answer, of the last 24 hours.",
            *([Sample(average_ms)] if average_ms is not None else []),
        )

    def _of_now(self) -> Iterator[Figure]:
        state = self._engine.state()
        speed = state.tokens_per_s
        yield gauge("nodo_requests_running", "Answers in work.", Sample(state.running))
        yield gauge("nodo_requests_waiting", "Questions in the queue.", Sample(state.waiting))
        yield gauge(
            "nodo_tokens_per_second",
            "Speed of writing of recent answers.",
            *([Sample(speed)] if speed is not None else []),
        )
        residents = self._engine.residents()
        yield gauge(
            "nodo_model_memory_bytes", "Memory of each model's process.", *_memory_of(residents)
        )


def _memory_of(residents: Sequence[Resident]) -> Iterator[Sample]:
    for one in residents:
        purpose = "embedding" if one.is_for_embeddings else "text"
        yield Sample(one.memory_bytes, {"model": one.name, "purpose": purpose})
