"""How many prompt tokens fit into one step, as pure arithmetic.

Everybody waits for the whole step, so its time is bounded, not its rows: a quick box reads in
large chunks and a slow one in small ones. Where the box was measured, the bound is kept from the
first step on; what the steps really take corrects it.
"""

from dataclasses import dataclass, replace

from appliance.engine.text.step_times import StepTimes

# While others write, a step must not hold up their words for long: a second at most, also where
# another program takes its share.
_STEP_BESIDE_WRITERS_S = 0.7
# Alone, larger chunks read quicker. A stop interrupts them, and so does whoever comes new: so they
# may be as large as it takes to read nearly as quickly as this box can.
_STEP_ALONE_S = 2.0
_LONGEST_STEP_ALONE_S = 10.0
_NEARLY = 0.95
_STEP_ALONE_UNMEASURED_S = 0.8
# A step of few rows takes hardly less time than one of 32 (measured: 8 rows 0.48 s, 32 rows 0.72 s
# with 3B on one core): a slow box that read in crumbs would never come to its first word.
_WORTHWHILE_ROWS = 32
_LONGEST_STEP_S = 1.0
_FIRST_CHUNK_ROWS = 32
_LEAST_ROWS = 8
_WEIGHT_OF_NEWEST = 0.3
# One disturbed step says nothing of the next.
_QUICKEST, _SLOWEST = 0.02, 8.0
# What takes so much less time than was measured was measured while others had the processor.
_MISJUDGED = 0.6


@dataclass(frozen=True)
class Pace:
    """What is known of the speed of this box with this model.

    Attributes:
        most_rows: Largest chunk that the context takes.
        times: What was measured once, in quiet; None if nothing was.
        slowness: How much longer steps take now, as a factor: long texts and other programs.
        row_s: Seconds per prompt token in a chunk, where nothing was measured; None before the
            first one.
    """

    most_rows: int
    times: StepTimes | None = None
    slowness: float = 1.0
    row_s: float | None = None

    @property
    def is_misjudged(self) -> bool:
        """Return whether steps are much quicker than they were measured to be."""
        return self.times is not None and self.slowness < _MISJUDGED

    def rows(self, *, writers: int, is_hurried: bool = False) -> int:
        """Return how many prompt tokens the next step may read beside `writers` rows of words.

        Args:
            writers: Rows of the step that are not of prompts.
            is_hurried: Whether the step must be short although nobody writes.
        """
        if self.times is not None:
            wished = self._measured_rows(self.times, writers, is_hurried=is_hurried)
        else:
            wished = self._learnt_rows(writers)
        return max(min(max(wished, _LEAST_ROWS), self.most_rows - writers), 1)

    def expected_s(self, rows: int) -> float | None:
        """Return how long a step of so many rows will take; None while nothing is known."""
        if self.times is not None:
            return self.times.at(rows) * self.slowness
        return None if self.row_s is None else self.row_s * rows

    def after(self, *, rows: int, prompt_rows: int, step_s: float) -> "Pace":
        """Return the pace with one more step known; steps that read next to nothing are noise."""
        if prompt_rows < _LEAST_ROWS:
            return self
        if self.times is not None:
            measured = min(max(step_s / max(self.times.at(rows), 1e-9), _QUICKEST), _SLOWEST)
            return replace(self, slowness=_nearer(self.slowness, measured))
        measured = step_s / prompt_rows
        if self.row_s is None:
            return replace(self, row_s=measured)
        return replace(self, row_s=_nearer(self.row_s, measured))

    def _measured_rows(self, times: StepTimes, writers: int, *, is_hurried: bool) -> int:
        alone = not writers and not is_hurried
        limit_s = (_STEP_ALONE_S if alone else _STEP_BESIDE_WRITERS_S) / self.slowness
        wished = times.most_rows(limit_s, up_to=self.most_rows) - writers
        if alone:
            longest = times.most_rows(_LONGEST_STEP_ALONE_S / self.slowness, up_to=self.most_rows)
            wished = max(wished, min(times.quick_rows(_NEARLY, up_to=self.most_rows), longest))
        if wished >= _WORTHWHILE_ROWS:
            return wished
        longest = times.most_rows(_LONGEST_STEP_S / self.slowness, up_to=self.most_rows) - writers
        return min(_WORTHWHILE_ROWS, longest)

    def _learnt_rows(self, writers: int) -> int:
        if self.row_s is None:
            return _FIRST_CHUNK_ROWS
        limit_s = _STEP_BESIDE_WRITERS_S if writers else _STEP_ALONE_UNMEASURED_S
        if self.row_s * self.most_rows <= limit_s:
            # Also where a coarse clock saw no time pass at all.
            return self.most_rows
        wished = int(limit_s / self.row_s)
        if wished >= _WORTHWHILE_ROWS:
            return wished
        return min(_WORTHWHILE_ROWS, int(_LONGEST_STEP_S / self.row_s))


def _nearer(before: float, newest: float) -> float:
    return before + _WEIGHT_OF_NEWEST * (newest - before)
