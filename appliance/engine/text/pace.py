"""How many prompt tokens fit into one step, learnt from the steps before, as pure arithmetic.

Everybody waits for the whole step, so its time is bounded, not its rows: a quick box reads in
large chunks and a slow one in small ones.
"""

from dataclasses import dataclass, replace

# While others write, a step must not hold up their words for long.
_STEP_BESIDE_WRITERS_S = 0.4
# Alone, larger chunks read a little faster; stopping still takes effect within this time.
_STEP_ALONE_S = 0.8
# A step of few rows takes hardly less time than one of 32 (measured: 8 rows 0.48 s, 32 rows 0.72 s
# with 3B on one core): a slow box that read in crumbs would never come to its first word.
_WORTHWHILE_ROWS = 32
_LONGEST_STEP_S = 1.0
_FIRST_CHUNK_ROWS = 32
_LEAST_ROWS = 8
_WEIGHT_OF_NEWEST = 0.3


@dataclass(frozen=True)
class Pace:
    """What is known of the speed of this box with this model.

    Attributes:
        row_s: Seconds per prompt token in a chunk; None before the first one.
        most_rows: Largest chunk that the context takes.
    """

    most_rows: int
    row_s: float | None = None

    def rows(self, *, writers: int) -> int:
        """Return how many prompt tokens the next step may read beside `writers` streams."""
        if self.row_s is None:
            wished = _FIRST_CHUNK_ROWS
        elif self.row_s * self.most_rows <= (limit_s := _limit_s(writers)):
            # Also where a coarse clock saw no time pass at all.
            wished = self.most_rows
        else:
            wished = int(limit_s / self.row_s)
            if wished < _WORTHWHILE_ROWS:
                wished = min(_WORTHWHILE_ROWS, int(_LONGEST_STEP_S / self.row_s))
        return max(min(max(wished, _LEAST_ROWS), self.most_rows - writers), 1)

    def after(self, *, prompt_rows: int, step_s: float) -> "Pace":
        """Return the pace with one more step known; steps that read next to nothing are noise."""
        if prompt_rows < _LEAST_ROWS:
            return self
        measured = step_s / prompt_rows
        if self.row_s is None:
            return replace(self, row_s=measured)
        return replace(self, row_s=self.row_s + _WEIGHT_OF_NEWEST * (measured - self.row_s))


def _limit_s(writers: int) -> float:
    return _STEP_BESIDE_WRITERS_S if writers else _STEP_ALONE_S
