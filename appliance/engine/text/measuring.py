"""Measures in idle time how long steps of few and many rows take: one step at a time."""

import os
from collections.abc import Callable

from appliance.engine.text.llama import Llama, Row
from appliance.engine.text.sequences import Sequences, Slot
from appliance.engine.text.step_times import ROW_COUNTS, StepTimes, step_times_of

# The first steps fetch the weights from the disk.
_WARM_UP = (1, 1)
# Short steps are disturbed easily: the shortest of several counts.
_REPEATED_BELOW_ROWS, _REPEATS = 16, 3
# A slow box leaves the large counts out: they go on in line.
_MOST_S = 20.0
# Other programs had their share of a step in which the threads did not compute most of the time:
# it is tried again, so many times in all.
_LEAST_SHARE, _MOST_DISTURBED, _LEAST_SEEN_S = 0.7, 20, 0.05


def _processor_s() -> float:
    spent = os.times()
    return spent.user + spent.system


class Measuring:
    """A series of steps on an empty sequence, which leaves no trace in the cache."""

    def __init__(
        self,
        llama: Llama,
        sequences: Sequences,
        *,
        most_rows: int,
        tell: Callable[[StepTimes], None],
        processor_s: Callable[[], float] = _processor_s,
    ) -> None:
        """Plan the steps.

        Args:
            llama: The model.
            sequences: What its cache holds.
            most_rows: Largest step.
            tell: Hears what came out when all are done.
            processor_s: Tells the processor time of this process so far.
        """
        self._llama = llama
        self._sequences = sequences
        self._tell = tell
        self._token = llama.tokens_of("a", special=False)[0]
        counts = [rows for rows in ROW_COUNTS if rows <= most_rows]
        self._left = [*_WARM_UP]
        for rows in counts:
            self._left += [rows] * (_REPEATS if rows < _REPEATED_BELOW_ROWS else 1)
        self._warming = len(_WARM_UP)
        self._shortest_s: dict[int, float] = {}
        self._spent_s = 0.0
        self._processor_s = processor_s
        self._started_cpu_s = 0.0
        self._disturbed = 0
        self._slot: Slot | None = None

    def next_rows(self) -> list[Row] | None:
        """Return the rows of the next step; None if all is done, or nowhere is room."""
        if not self._left:
            return None
        empty = [slot for slot in self._sequences.slots if slot.is_idle and not slot.tokens]
        count = self._left[0]
        if not empty or count > self._sequences.free_tokens:
            return None
        self._slot = empty[0]
        self._started_cpu_s = self._processor_s()
        return [
            Row(self._token, index, self._slot.number, wants_logits=index == count - 1)
            for index in range(count)
        ]

    def clear(self) -> None:
        """Take the rows out of the cache again, whether they were computed or not."""
        if self._slot is not None:
            self._llama.forget(self._slot.number, 0)

    def note(self, step_s: float) -> None:
        """Take the time of the step; tell the result after the last one."""
        if not self._warming and self._was_disturbed(step_s):
            return
        rows = self._left.pop(0)
        self._spent_s += step_s
        if self._warming:
            self._warming -= 1
            return
        self._shortest_s[rows] = min(step_s, self._shortest_s.get(rows, step_s))
        if self._left and self._left[0] > rows and self._spent_s + 2 * step_s > _MOST_S:
            self._left = []
        if not self._left:
            self._tell(step_times_of(list(self._shortest_s.items())))

    def _was_disturbed(self, step_s: float) -> bool:
        wanted_s = _LEAST_SHARE * step_s * self._llama.threads
        is_short = self._processor_s() - self._started_cpu_s < wanted_s
        # The system counts processor time in hundredths of a second.
        if step_s < _LEAST_SEEN_S or not is_short or self._disturbed >= _MOST_DISTURBED:
            return False
        self._disturbed += 1
        return True
