"""Guesses of what comes next, from what stood before: whether they pay, and what they are.

Answers that quote (extracts, edits, code) repeat long runs of their prompt. A step that computes
several guessed tokens costs less than as many steps, by how much is the box's own; a guess counts
only if the model chooses the very same token.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.engine.text.step_times import StepTimes

MOST_GUESSED = 15
# Shorter runs come again by chance.
_LEAST_ALIKE, _MOST_ALIKE = 3, 24
# What is won must be worth the trouble of a wrong measurement.
_LEAST_GAIN = 1.1
_WEIGHT_OF_RUN = 2.0
_KEPT_PER_GUESS, _KEPT_PER_TOKEN = 0.95, 0.995


class Memory:
    """The tokens of a prompt and its answer, and where each run of them stood last."""

    def __init__(self, tokens: Sequence[int]) -> None:
        """Remember these tokens."""
        self._tokens: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        self.extend(tokens)

    def __len__(self) -> int:
        """Return how many tokens are remembered."""
        return len(self._tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """Remember more tokens."""
        for token in tokens:
            run = tuple(self._tokens[-_LEAST_ALIKE:])
            if len(run) == _LEAST_ALIKE:
                self._after[run] = len(self._tokens)
            self._tokens.append(token)

    def guess(self, most: int) -> tuple[list[int], int]:
        """Return what may come next, and how long the run before it is that stood there already."""
        place = self._after.get(tuple(self._tokens[-_LEAST_ALIKE:]))
        if place is None:
            return [], 0
        return self._tokens[place : place + most], self._alike(place)

    def _alike(self, place: int) -> int:
        """Return how many tokens before `place` are those at the end, up to a bound."""
        end = len(self._tokens)
        most = min(place, _MOST_ALIKE)
        return next(
            (n for n in range(most) if self._tokens[place - 1 - n] != self._tokens[end - 1 - n]),
            most,
        )


@dataclass(frozen=True)
class Trust:
    """How often guesses were right in one answer; what is long ago counts little.

    Attributes:
        right: Guesses that were right.
        wrong: Times that a guess was wrong.
    """

    right: float = 0.0
    wrong: float = 0.0

    def after_guess(self, *, guessed: int, right: int) -> "Trust":
        """Return the trust after some guesses, of which the first `right` were right."""
        return Trust(
            self.right * _KEPT_PER_GUESS + right,
            self.wrong * _KEPT_PER_GUESS + (right < guessed),
        )

    def after_none(self) -> "Trust":
        """Return the trust after a token for which nothing was guessed: it is tried anew some day."""
        return replace(self, right=self.right * _KEPT_PER_TOKEN, wrong=self.wrong * _KEPT_PER_TOKEN)

    def chance(self, alike: int) -> float:
        """Return how likely a guess after a run of so many known tokens is right."""
        of_run = alike / (alike + 1)
        known = self.right + self.wrong
        return (_WEIGHT_OF_RUN * of_run + self.right) / (_WEIGHT_OF_RUN + known)


def worthwhile(times: StepTimes, *, rows: int, guessed: int, chance: float) -> int:
    """Return how many of the guessed tokens to compute in a step; 0 if none of them pays.

    Args:
        times: How long steps take on this box.
        rows: Rows that the step has anyway.
        guessed: How many guesses there are.
        chance: How likely each is right if those before it were.
    """
    without_s = times.at(rows)
    best, best_gain = 0, _LEAST_GAIN
    expected, all_right = 1.0, 1.0
    for count in range(1, min(guessed, MOST_GUESSED) + 1):
        all_right *= chance
        expected += all_right
        gain = expected * without_s / max(times.at(rows + count), 1e-9)
        if gain > best_gain:
            best, best_gain = count, gain
    return best
