"""Emptying the bin: what was deleted long enough ago, or was only for a day, goes for good."""

from datetime import timedelta

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.chat.attaching import Attaching
from appliance.chat.store import conversations

KEPT_DELETED = timedelta(days=30)
KEPT_TEMPORARY = timedelta(hours=24)
# Small enough that questions which come in meanwhile wait for milliseconds only.
_AT_ONCE = 50


class Purging:
    """Removes conversations that nobody can bring back any more."""

    def __init__(self, database: Database, clock: Clock, attaching: Attaching) -> None:
        self._database = database
        self._clock = clock
        self._attaching = attaching

    async def purge(self) -> int:
        """Return how many conversations, with all their messages, were removed."""
        removed = 0
        while True:
            count = await self._database.write(self._some_purged)
            removed += count
            if count < _AT_ONCE:
                return removed

    def _some_purged(self, tx: Transaction) -> int:
        now = self._clock.now()
        doomed = conversations.list_purgeable(
            tx.connection,
            deleted_before=now - KEPT_DELETED,
            temporary_before=now - KEPT_TEMPORARY,
            limit=_AT_ONCE,
        )
        self._attaching.release_of(tx, doomed)
        conversations.delete_conversations(tx.connection, doomed)
        return len(doomed)
