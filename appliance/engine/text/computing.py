"""Computes one step at a time: how large it may be, how long it takes, and what interrupts it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from appliance.base.clock import Clock
from appliance.engine.text.frames import Frame
from appliance.engine.text.interrupting import Interrupting, StepInWork
from appliance.engine.text.llama import Llama, NoRoomError, Row, StepInterruptedError
from appliance.engine.text.measuring import Measuring
from appliance.engine.text.pace import Pace
from appliance.engine.text.reports import Reports
from appliance.engine.text.sequences import Sequences
from appliance.engine.text.step_times import StepTimes


class Computing:
    """The steps of one context. All but `heed` belongs to one thread."""

    def __init__(
        self,
        llama: Llama,
        sequences: Sequences,
        pace: Pace,
        *,
        clock: Clock,
        reports: Reports,
        measures: bool,
        has_news: Callable[[], bool],
    ) -> None:
        """Begin without a step.

        Args:
            llama: The model.
            sequences: What its cache holds.
            pace: What is known of the speed of this box.
            clock: Measures steps.
            reports: Hears of them.
            measures: Whether steps are to be measured in idle time.
            has_news: Whether orders wait that were not handed over yet.
        """
        self._llama = llama
        self._sequences = sequences
        self._pace = pace
        self._clock = clock
        self._reports = reports
        # After a step that was thrown away the next one is short: who comes and goes again and
        # again must not keep others from reading.
        self._is_hurried = False
        self._measuring = self._new_measuring() if measures else None
        self._interrupting = Interrupting(
            llama.switch.interrupt, now_s=clock.monotonic_s, has_news=has_news
        )

    @property
    def times(self) -> StepTimes | None:
        """Return how long steps take on this box, if that was measured."""
        return self._pace.times

    def heed(self, order: Frame) -> None:
        """Look at an order that stands in the queue: the step in work may give way to it."""
        self._interrupting.heed(order)

    def prompt_rows(self, *, writers: int) -> int:
        """Return how many prompt tokens the next step may read beside so many rows of words."""
        return self._pace.rows(writers=writers, is_hurried=self._is_hurried)

    def compute(
        self, rows: list[Row], counts: Mapping[str, int], *, is_patient: bool
    ) -> float | None:
        """Return the seconds that a step took; None if news came just before it.

        Args:
            rows: What is to be computed.
            counts: Rows of each request.
            is_patient: Whether all of it can wait.

        Raises:
            NoRoomError: If the cache is full.
            StepInterruptedError: If somebody interrupted it.
        """
        expected_s, now_s = self._pace.expected_s(len(rows)), self._clock.monotonic_s()
        ends_s = None if expected_s is None else now_s + expected_s
        self._llama.switch.allow()
        if not self._interrupting.begins(StepInWork(counts, now_s, ends_s, is_patient=is_patient)):
            return None
        started_s = self._clock.monotonic_s()
        try:
            self._llama.decode(rows)
        except StepInterruptedError:
            self._is_hurried = True
            raise
        finally:
            self._interrupting.ends()
        return self._clock.monotonic_s() - started_s

    def learn(self, *, rows: int, prompt_rows: int, step_s: float) -> None:
        """Learn from a step how long the next ones will take."""
        self._is_hurried = False
        self._pace = self._pace.after(rows=rows, prompt_rows=prompt_rows, step_s=step_s)
        self._reports.step(rows)

    def measure(self) -> bool:
        """Measure one step of some length; False if there is nothing to measure."""
        if self._pace.is_misjudged:
            self._measuring = self._new_measuring()
            self._pace = replace(self._pace, slowness=1.0)
        if self._measuring is None or (rows := self._measuring.next_rows()) is None:
            return False
        try:
            step_s = self.compute(rows, {}, is_patient=True)
        except (NoRoomError, StepInterruptedError):
            step_s = None
        self._measuring.clear()
        if step_s is not None:
            self._measuring.note(step_s)
        self._reports.step(len(rows))
        return True

    def _new_measuring(self) -> Measuring:
        most_rows = self._pace.most_rows
        return Measuring(self._llama, self._sequences, most_rows=most_rows, tell=self._use_times)

    def _use_times(self, times: StepTimes) -> None:
        self._pace = replace(self._pace, times=times, slowness=1.0)
        self._reports.measured(times)
