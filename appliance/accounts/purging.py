"""Forgetting sign-ins and one-time codes that are over."""

import logging
from datetime import timedelta

from appliance.accounts.store import codes, sign_ins
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction

# So long one can still look up when somebody was signed in.
KEPT_AFTER_END = timedelta(days=7)
# So long an administrator sees what became of an invitation; the audit log knows it for ever.
CODES_KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


class Purging:
    """Keeps the tables of sign-ins and of one-time codes small."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def purge(self) -> int:
        """Return how many sign-ins were forgotten: those that were over a week ago."""
        now = self._clock.now()

        def delete(tx: Transaction) -> int:
            codes.delete_codes_over_before(tx.connection, now - CODES_KEPT)
            return sign_ins.delete_sessions_over_before(tx.connection, now - KEPT_AFTER_END)

        count = await self._database.write(delete)
        if count:
            log.info("ended sign-ins forgotten", extra={"sessions": count})
        return count
