"""Whether something happens this time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


def happens(share: float, rng: random.Random) -> bool:
    """Return True in this share of the calls; 0 is never, 1 is always."""
    return rng.random() < share
