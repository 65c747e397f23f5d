"""Recurring jobs: what is to be done every so often, or at a time of day."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.errors import StorageFullError, UnavailableError
from appliance.base.jobs.clock_jumps import ClockWatch
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.triggers import At, Every

log = logging.getLogger(__name__)

_WATCH_EVERY_S = 10.0


@dataclass(frozen=True)
class Recurring:
    """A job that comes again; give either `every_s` or `cron`.

    Attributes:
        name: Unique; while its last job waits or runs, no other one is made.
        kind: Name of the kind of job.
        every_s: Seconds between two jobs, the first one after so many.
        cron: Five fields (`minute hour day month weekday`) in the schedule's time zone.
        payload: For the handler.
    """

    name: str
    kind: str
    every_s: float | None = None
    cron: str | None = None
    payload: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        if (self.every_s is None) == (self.cron is None):
            raise ValueError(f"recurring job {self.name!r} needs either every_s or cron")


class Schedule:
    """Enqueues recurring jobs in time; it runs nothing itself.

    The scheduler sleeps until a wall time, so after the clock was set back it would sleep for as
    long as the clock was set back. A watch on the monotonic clock notices and plans anew.
    """

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        clock: Clock,
        recurring: Sequence[Recurring],
        *,
        zone: tzinfo = UTC,
    ) -> None:
        self._database = database
        self._queue = queue
        self._watch = ClockWatch(clock)
        self._triggers = {entry.name: _trigger_of(entry, zone) for entry in recurring}
        if len(self._triggers) != len(recurring):
            raise ValueError("two recurring jobs have the same name")
        self._scheduler = AsyncIOScheduler(timezone=zone)
        for entry in recurring:
            self._scheduler.add_job(
                self._enqueue,
                self._triggers[entry.name],
                args=(entry,),
                id=entry.name,
                coalesce=True,
                # A late job is better than none.
                misfire_grace_time=None,
            )

    async def run(self) -> None:
        """Enqueue what is due, until cancelled."""
        self._scheduler.start()
        try:
            while True:
                await asyncio.sleep(_WATCH_EVERY_S)
                await self.look_at_clock()
        finally:
            self._scheduler.shutdown(wait=False)

    async def look_at_clock(self) -> None:
        """Plan anew if the wall clock was set since the last look."""
        jump_s = self._watch.take_jump_s()
        if jump_s == 0:
            return
        log.warning("the clock was set, recurring jobs are planned anew", extra={"jump_s": jump_s})
        for name, trigger in self._triggers.items():
            self._scheduler.reschedule_job(name, trigger=trigger)
        try:
            await self._database.write(lambda tx: self._queue.shift_pauses(tx, jump_s=jump_s))
        except (UnavailableError, StorageFullError) as error:
            log.warning("pauses of jobs could not be moved", extra={"code": error.code})

    def next_run_at(self, name: str) -> datetime | None:
        """Return when the next job of this name is enqueued; None before `run`.

        Raises:
            KeyError: If there is no such recurring job.
        """
        self._triggers[name]
        planned = self._scheduler.get_job(name)
        found: datetime | None = getattr(planned, "next_run_time", None)
        return found

    async def _enqueue(self, entry: Recurring) -> None:
        unique_key = f"recurring:{entry.name}"
        try:
            await self._database.write(
                lambda tx: self._queue.enqueue(tx, entry.kind, entry.payload, unique_key=unique_key)
            )
        except (UnavailableError, StorageFullError) as error:
            facts = {"recurring": entry.name, "code": error.code}
            log.warning("recurring job could not be enqueued", extra=facts)


def _trigger_of(entry: Recurring, zone: tzinfo) -> BaseTrigger:
    if entry.every_s is not None:
        return Every(entry.every_s)
    return At(entry.cron or "", zone)
