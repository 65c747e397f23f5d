"""Emptying the bin: what was deleted long enough ago, or was only for a day, goes for good."""

from datetime import timedelta

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.chat.store import conversations

KEPT_DELETED = timedelta(days=30)
KEPT_TEMPORARY = timedelta(hours=24)
# Small enough that questions which come in meanwhile wait for milliseconds only.
_AT_ONCE = 50


class Purging:
    """Removes conversations that nobody can bring back any more."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def purge(self) -> int:
        """Return how many conversations, with all their messages, were removed."""
        deleted_before = self._clock.now() - KEPT_DELETED
        temporary_before = self._clock.now() - KEPT_TEMPORARY
        removed = 0
        while True:
            count = await self._database.write(
                lambda tx: conversations.purge_conversations(
                    tx.connection,
                    deleted_before=deleted_before,
                    temporary_before=temporary_before,
                    limit=_AT_ONCE,
                )
            )
            removed += count
            if count < _AT_ONCE:
                return removed
