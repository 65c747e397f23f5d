"""Whether and when a failed job is tried again, as pure arithmetic."""

import hashlib
from dataclasses import dataclass

_LARGEST_EXPONENT = 30


@dataclass(frozen=True)
class RetryPolicy:
    """How stubborn a kind of job is.

    Attributes:
        max_attempts: The job is given up after so many attempts; at least 1.
        first_pause_s: Longest pause after the first failure; it doubles with each further one.
        longest_pause_s: No pause is longer.
    """

    max_attempts: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0


@dataclass(frozen=True)
class RetryAfter:
    """The job is tried again after `pause_s` seconds."""

    pause_s: float


@dataclass(frozen=True)
class GiveUp:
    """The job is kept as failed."""


RetryDecision = RetryAfter | GiveUp


def decide(policy: RetryPolicy, *, attempt: int, jitter: float) -> RetryDecision:
    """Return what happens after this attempt has failed.

    Args:
        policy: How stubborn to be.
        attempt: Which attempt failed, from 1.
        jitter: From 0 to 1: takes up to half of the pause away, so that jobs that failed
            together do not come back together.
    """
    if attempt >= policy.max_attempts:
        return GiveUp()
    doubled_s = policy.first_pause_s * 2.0 ** min(attempt - 1, _LARGEST_EXPONENT)
    return RetryAfter(min(doubled_s, policy.longest_pause_s) * (1 - jitter / 2))


def jitter_of(job_id: str, attempt: int) -> float:
    """Return a number from 0 to 1 that differs from job to job, and is the same every time."""
    # Not a checksum such as CRC: those give similar ids similar numbers.
    digest = hashlib.blake2b(f"{job_id}/{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / (2**64 - 1)
