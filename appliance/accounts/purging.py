"""Forgetting sign-ins that are over."""

import logging
from datetime import timedelta

from appliance.accounts.store import sign_ins
from appliance.base.clock import Clock
from appliance.base.database.database import Database

# So long one can still look up when somebody was signed in.
KEPT_AFTER_END = timedelta(days=7)

log = logging.getLogger(__name__)


class Purging:
    """Keeps the table of sign-ins small."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def purge(self) -> int:
        """Return how many sign-ins were forgotten: those that were over a week ago."""
        before = self._clock.now() - KEPT_AFTER_END
        count = await self._database.write(
            lambda tx: sign_ins.delete_sessions_over_before(tx.connection, before)
        )
        if count:
            log.info("ended sign-ins forgotten", extra={"sessions": count})
        return count
