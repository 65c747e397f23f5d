"""Whether the database answers."""

import asyncio

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.database.database import Database
from appliance.base.errors import ApplianceError

_NAME = "database"


class DatabaseCheck:
    """Reads one row of nothing; slow is degraded, no answer is down."""

    def __init__(self, database: Database, *, within_s: float = 2.0) -> None:
        self._database = database
        self._within_s = within_s

    async def check(self) -> CheckResult:
        """Return how the database is right now."""
        try:
            async with asyncio.timeout(self._within_s):
                await self._database.read(
                    lambda connection: connection.exec_driver_sql("SELECT 1").scalar_one()
                )
        except TimeoutError:
            return CheckResult(
                _NAME, CheckStatus.DEGRADED, f"no answer within {self._within_s:g} s"
            )
        except ApplianceError as error:
            return CheckResult(_NAME, CheckStatus.DOWN, error.message)
        if self._database.has_found_damage:
            return CheckResult(_NAME, CheckStatus.DOWN, "the database file is damaged")
        return CheckResult(_NAME, CheckStatus.OK)
