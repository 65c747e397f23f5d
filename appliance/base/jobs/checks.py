"""Whether jobs get done."""

from datetime import timedelta

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.errors import ApplianceError
from appliance.base.jobs.queue import count_overdue

_NAME = "jobs"
_OVERDUE_AFTER = timedelta(minutes=5)


class JobsCheck:
    """Is degraded while jobs wait that should have begun minutes ago.

    Jobs of people that wait for a slow engine are running, not waiting, so they do not count.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def check(self) -> CheckResult:
        """Return how the work is getting on."""
        before = self._clock.now() - _OVERDUE_AFTER
        try:
            overdue = await self._database.read(
                lambda connection: count_overdue(connection, before)
            )
        except ApplianceError as error:
            return CheckResult(_NAME, CheckStatus.DOWN, error.message)
        if overdue:
            return CheckResult(_NAME, CheckStatus.DEGRADED, f"{overdue} jobs wait too long")
        return CheckResult(_NAME, CheckStatus.OK)
