"""How long a step of so many rows takes on this box with this model, as it was measured."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

# Small counts decide whether answers together, and guesses, pay; large ones how prompts are read.
ROW_COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_MOST_ROWS, _LONGEST_S = 4096, 600.0


@dataclass(frozen=True)
class StepTimes:
    """Measured times, and what they say of the counts between.

    Attributes:
        measured: Row counts and seconds; both grow.
    """

    measured: tuple[tuple[int, float], ...]

    def at(self, rows: int) -> float:
        """Return the seconds that a step of so many rows takes; beyond the last one, on in line."""
        index = bisect_left(self.measured, rows, key=lambda point: point[0])
        if index == 0 or len(self.measured) == 1:
            return self.measured[0][1]
        index = min(index, len(self.measured) - 1)
        (rows_before, before_s), (rows_after, after_s) = self.measured[index - 1 : index + 1]
        share = (rows - rows_before) / (rows_after - rows_before)
        return before_s + share * (after_s - before_s)

    def most_rows(self, limit_s: float, *, up_to: int) -> int:
        """Return the most rows that are computed within `limit_s`, 0 to `up_to`."""
        low, high = 0, up_to
        while low < high:
            middle = (low + high + 1) // 2
            if self.at(middle) <= limit_s:
                low = middle
            else:
                high = middle - 1
        return low

    def quick_rows(self, share: float, *, up_to: int) -> int:
        """Return the fewest rows that are computed at this share of the best rate there is.

        Args:
            share: Of the most rows a second that any measured step reaches, up to 1.
            up_to: Rows of the largest step.
        """
        rates = [
            (rows, rows / max(took_s, 1e-9)) for rows, took_s in self.measured if rows <= up_to
        ]
        best = max((rate for _rows, rate in rates), default=0.0)
        return next((rows for rows, rate in rates if rate >= share * best), up_to)

    def turn_s(self, *, read_tokens: int, written_tokens: int, chunk_rows: int) -> float:
        """Return the seconds of a whole turn of one person alone."""
        whole_chunks, rest = divmod(read_tokens, chunk_rows)
        reading_s = whole_chunks * self.at(chunk_rows) + (self.at(rest) if rest else 0.0)
        return reading_s + written_tokens * self.at(1)


def step_times_of(points: Sequence[Sequence[object]]) -> StepTimes:
    """Return the times that these pairs of rows and seconds say, made to grow.

    Raises:
        ValueError: If they say nothing, or nonsense.
    """
    measured: list[tuple[int, float]] = []
    for rows, seconds in sorted((int(str(rows)), float(str(took))) for rows, took in points):
        if not 0 < rows <= _MOST_ROWS or not 0.0 <= seconds <= _LONGEST_S:
            raise ValueError(f"a step of {rows} rows in {seconds} s")
        if measured and measured[-1][0] == rows:
            continue
        # A row more never makes a step quicker: what says so was disturbed.
        measured.append((rows, max(seconds, measured[-1][1]) if measured else seconds))
    if not measured:
        raise ValueError("no times")
    return StepTimes(tuple(measured))
