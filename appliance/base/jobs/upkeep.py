"""What the box does for its own order: forgets given-up jobs, and reads its database through."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.soundness import CHECKED_EVERY, Soundness
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring

FORGET_FAILED, READ_THROUGH = "jobs.forget_failed", "database.read_through"
RECURRING = (
    Recurring(FORGET_FAILED, FORGET_FAILED, every_s=6 * 3600.0),
    Recurring(READ_THROUGH, READ_THROUGH, every_s=CHECKED_EVERY.total_seconds()),
)
# So long, and so many of them, one can look up what was given up and why.
KEPT_FOR = timedelta(days=30)
KEPT_PER_KIND = 100

log = logging.getLogger(__name__)


class Upkeep:
    """Looks after the tables and the file that everything else uses."""

    def __init__(
        self, *, database: Database, queue: JobQueue, soundness: Soundness, clock: Clock
    ) -> None:
        self._database = database
        self._queue = queue
        self._soundness = soundness
        self._clock = clock

    async def forget_failed(self) -> int:
        """Return how many given-up jobs were forgotten."""
        before = self._clock.now() - KEPT_FOR
        count = await self._database.write(
            lambda tx: self._queue.forget_failed(tx, before=before, keep_per_kind=KEPT_PER_KIND)
        )
        if count:
            log.info("given-up jobs forgotten", extra={"jobs": count})
        return count

    async def read_through(self) -> None:
        """Read the whole database, and say loudly if it is damaged; health says so from then on."""
        damage = await self._soundness.read_through(self._database)
        if damage is not None:
            log.error("the database file is damaged", extra={"damage": damage})


def job_kinds(upkeep: Upkeep) -> tuple[JobKind, ...]:
    """Return the kinds of jobs of the upkeep; each may run again at any time."""

    async def forget_failed(_payload: Mapping[str, object], _attempt: int) -> None:
        await upkeep.forget_failed()

    async def read_through(_payload: Mapping[str, object], _attempt: int) -> None:
        await upkeep.read_through()

    return (JobKind(FORGET_FAILED, forget_failed), JobKind(READ_THROUGH, read_through))
