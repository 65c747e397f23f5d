"""What answers have cost and given since the start, and in each of the last 24 hours."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from appliance.base.clock import Clock
from appliance.engine.text.model import Finished

# Upper bounds of the times to the first word, in seconds.
FIRST_WORD_BOUNDS_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)
_HOUR_S = 3600
_HOURS = 24


@dataclass
class HourOfAnswers:
    """The answers that ended within one hour.

    Attributes:
        hour: Whole hours since 1970.
        answers: How many.
        response_ms: Milliseconds from the question to the end of the answer, of all of them.
    """

    hour: int
    answers: int = 0
    response_ms: float = 0.0


@dataclass
class Totals:
    """Sums since the start.

    Attributes:
        answers: By why they ended.
        failures: Questions without an answer, by the error's code.
        prompt_tokens: Tokens of prompts.
        cached_tokens: Those of them that need not be read again.
        completion_tokens: Tokens written.
        drafted_tokens: Tokens that were guessed.
        accepted_tokens: Those of them that were right.
        queued_s: Seconds of waiting.
        reading_s: Seconds of reading.
        writing_s: Seconds of writing.
        load_s: Seconds of waiting for a model.
        first_words: Answers by the time to their first word: one count for each of
            `FIRST_WORD_BOUNDS_S`, and one for those that took longer.
        first_word_s: Those times in all.
        embedded_texts: Texts made into vectors.
        embedded_tokens: Their tokens.
    """

    answers: Counter[str] = field(default_factory=Counter[str])
    failures: Counter[str] = field(default_factory=Counter[str])
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    queued_s: float = 0.0
    reading_s: float = 0.0
    writing_s: float = 0.0
    load_s: float = 0.0
    first_words: list[int] = field(default_factory=lambda: [0] * (len(FIRST_WORD_BOUNDS_S) + 1))
    first_word_s: float = 0.0
    embedded_texts: int = 0
    embedded_tokens: int = 0


class Figures:
    """Adds up what answers tell at their end.

    Attributes:
        totals: Since the start.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hours: list[HourOfAnswers] = []
        self.totals = Totals()

    def answered(self, end: Finished, *, took_s: float) -> None:
        """Note an answer that ended `took_s` seconds after its question."""
        totals = self.totals
        totals.answers[end.reason.value] += 1
        totals.prompt_tokens += end.prompt_tokens
        totals.cached_tokens += end.cached_tokens
        totals.completion_tokens += end.completion_tokens
        totals.drafted_tokens += end.drafted_tokens
        totals.accepted_tokens += end.accepted_tokens
        totals.queued_s += end.queued_s
        totals.reading_s += end.reading_s
        totals.writing_s += end.writing_s
        totals.load_s += end.load_s
        first_word_s = max(took_s - end.writing_s, 0.0)
        totals.first_words[bisect_left(FIRST_WORD_BOUNDS_S, first_word_s)] += 1
        totals.first_word_s += first_word_s
        hour = self._hour_now()
        hour.answers += 1
        hour.response_ms += took_s * 1000

    def failed(self, code: str) -> None:
        """Note a question that ended with an error."""
        self.totals.failures[code] += 1

    def embedded(self, *, texts: int, tokens: int) -> None:
        """Note texts that were made into vectors."""
        self.totals.embedded_texts += texts
        self.totals.embedded_tokens += tokens

    def last_day(self) -> list[HourOfAnswers]:
        """Return the hours of the last 24 in which answers ended, the oldest first."""
        first = self._hour() - _HOURS + 1
        return [hour for hour in self._hours if hour.hour >= first]

    def _hour_now(self) -> HourOfAnswers:
        now = self._hour()
        if not self._hours or self._hours[-1].hour != now:
            self._hours = [*self.last_day(), HourOfAnswers(now)]
        return self._hours[-1]

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR_S
