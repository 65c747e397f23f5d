"""When somebody who fails is left alone for a while, and when one may try again: pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

_WINDOW_CALLS = 20
_WINDOW_S = 60.0
_LEAST_CALLS = 5
_SHORTEST_S = 30.0
LONGEST_S = 900.0
# A probe whose end nobody heard of (its task was cancelled) must not close the door for ever.
_PROBE_S = 300.0


class Standing(StrEnum):
    """Whether somebody is asked: as usual, not now, or once to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Call:
    """How one call ended, and when (monotonic seconds)."""

    at_s: float
    failed: bool


@dataclass(frozen=True)
class Breaker:
    """What is remembered of somebody.

    Attributes:
        calls: The latest ones, oldest first.
        open_until_s: Until then nobody asks; None is closed.
        times_opened: How often in a row; each time is twice as long.
        probed_at_s: When the one probe began that is under way.
    """

    calls: tuple[Call, ...] = ()
    open_until_s: float | None = None
    times_opened: int = 0
    probed_at_s: float | None = None


NEW = Breaker()


def standing(breaker: Breaker, now_s: float) -> Standing:
    """Return whether this one is asked now."""
    if breaker.open_until_s is None:
        return Standing.CLOSED
    if now_s < breaker.open_until_s or _is_probed(breaker, now_s):
        return Standing.OPEN
    return Standing.HALF_OPEN


def wait_s(breaker: Breaker, now_s: float) -> float:
    """Return the seconds until this one may be asked; 0 is now."""
    if standing(breaker, now_s) is not Standing.OPEN or breaker.open_until_s is None:
        return 0.0
    probe_s = 0.0 if breaker.probed_at_s is None else breaker.probed_at_s + _PROBE_S
    return max(breaker.open_until_s, probe_s) - now_s


def asked(breaker: Breaker, now_s: float) -> Breaker:
    """Return what is remembered once a call begins: with a half-open one it is the probe."""
    if standing(breaker, now_s) is Standing.HALF_OPEN:
        return replace(breaker, probed_at_s=now_s)
    return breaker


def succeeded(breaker: Breaker, now_s: float) -> Breaker:
    """Return what is remembered after an answer; it closes what was open."""
    if breaker.open_until_s is not None:
        return Breaker(calls=(Call(now_s, failed=False),))
    return replace(breaker, calls=_within(breaker.calls, now_s, Call(now_s, failed=False)))


def failed(breaker: Breaker, now_s: float, *, rest_s: float | None = None) -> Breaker:
    """Return what is remembered after a failure.

    Args:
        breaker: What was remembered.
        now_s: Monotonic seconds.
        rest_s: So long it is left alone at once (it said when to come back, or a person is
            needed); None counts the failure and leaves it to the window.
    """
    calls = _within(breaker.calls, now_s, Call(now_s, failed=True))
    if rest_s is not None:
        until_s = now_s + min(max(rest_s, 0.0), LONGEST_S)
        return replace(breaker, calls=calls, open_until_s=until_s, probed_at_s=None)
    failures = sum(call.failed for call in calls)
    is_open, is_probe = breaker.open_until_s is not None, breaker.probed_at_s is not None
    is_bad = len(calls) >= _LEAST_CALLS and failures * 2 >= len(calls)
    if not is_probe and (is_open or not is_bad):
        # A call that began before it was opened says nothing new.
        return replace(breaker, calls=calls)
    pause_s = min(_SHORTEST_S * 2 ** min(breaker.times_opened, 10), LONGEST_S)
    return Breaker(calls, now_s + pause_s, breaker.times_opened + 1)


def released(breaker: Breaker) -> Breaker:
    """Return what is remembered after a call of which nothing can be said: it was cancelled."""
    return replace(breaker, probed_at_s=None)


def _is_probed(breaker: Breaker, now_s: float) -> bool:
    return breaker.probed_at_s is not None and now_s < breaker.probed_at_s + _PROBE_S


def _within(calls: tuple[Call, ...], now_s: float, newest: Call) -> tuple[Call, ...]:
    recent = tuple(call for call in calls if call.at_s > now_s - _WINDOW_S)
    return (*recent, newest)[-_WINDOW_CALLS:]
