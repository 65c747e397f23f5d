"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta

DEFAULT_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    """Stands still until it is moved; `advance` moves both times, `jump` the wall time only."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self._now = start.astimezone(UTC)
        self._monotonic_s = 1000.0

    def now(self) -> datetime:
        """Return the wall time."""
        return self._now

    def monotonic_s(self) -> float:
        """Return the seconds of `advance`, from 1000."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let time pass, as it does by itself."""
        if seconds < 0:
            raise ValueError(f"time does not run backwards ({seconds} s); use jump")
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall time forwards or back, as a person or NTP does; no time passes."""
        self._now += timedelta(seconds=seconds)
