"""When a recurring job comes again: always counted from now, never from what was missed."""

from datetime import datetime, timedelta, tzinfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger


class Every(BaseTrigger):
    """Fires so long after now.

    The scheduler's own interval walks through each missed time: after the clock was set a year
    forwards, a job of every second keeps the event loop busy for seconds.
    """

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)

    # APScheduler has no type hints; pyright reads its abstract method as giving None always.
    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the next time."""
        del previous_fire_time
        return now + self._pause


class At(BaseTrigger):
    """Fires at the times of day that five cron fields name, in a time zone."""

    def __init__(self, cron: str, zone: tzinfo) -> None:
        self._cron = CronTrigger.from_crontab(cron, timezone=zone)

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the next time."""
        del previous_fire_time
        # A moment later: at the very instant of firing it would give the same time again.
        later = now + timedelta(microseconds=1)
        found: datetime | None = self._cron.get_next_fire_time(None, later)
        return found
