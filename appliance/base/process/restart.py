"""How long to wait before a crashed child is started again, as pure arithmetic."""

from dataclasses import dataclass

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
HEALTHY_AFTER_S = 60.0


@dataclass(frozen=True)
class Restarts:
    """How often in a row a child has failed.

    Attributes:
        failures: Failures since it last ran healthily; 0 for a child that never failed.
    """

    failures: int = 0


def after_failure(restarts: Restarts, *, ran_s: float) -> Restarts:
    """Return the count after one more failure; it begins anew after a healthy run.

    Args:
        restarts: The count so far.
        ran_s: How long the child had run before this failure.
    """
    if ran_s >= HEALTHY_AFTER_S:
        return Restarts(failures=1)
    return Restarts(failures=restarts.failures + 1)


def pause_s(restarts: Restarts) -> float:
    """Return the seconds to wait before the next start: 0.5, 1, 2, … up to 30."""
    if restarts.failures == 0:
        return 0.0
    # Capped in the exponent too: 2 ** 2000 is not a float.
    doublings = min(restarts.failures - 1, 10)
    return min(FIRST_PAUSE_S * 2.0**doublings, LONGEST_PAUSE_S)
