"""Measures in idle time how long steps of few and many rows take: one step at a time."""

from collections.abc import Callable

from appliance.engine.text.llama import Llama, Row
from appliance.engine.text.sequences import Sequences, Slot
from appliance.engine.text.step_times import ROW_COUNTS, StepTimes, step_times_of

# The first steps fetch the weights from the disk.
_WARM_UP = (1, 1)
# Short steps are disturbed easily: the shortest of several counts.
_REPEATED_BELOW_ROWS, _REPEATS = 16, 3
# A slow box leaves the large counts out: they go on in line.
_MOST_S = 9.0


class Measuring:
    """A series of steps on an empty sequence, which leaves no trace in the cache."""

    def __init__(
        self,
        llama: Llama,
        sequences: Sequences,
        *,
        most_rows: int,
        tell: Callable[[StepTimes], None],
    ) -> None:
        """Plan the steps; `tell` hears what came out when all are done."""
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
