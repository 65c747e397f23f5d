"""Tidying up: files that came into no question, and contents that belong to no file."""

from datetime import timedelta
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.files import store
from appliance.files.blobs import Blobs
from appliance.files.model import KEPT_UNUSED

# Small enough that questions which come in meanwhile wait for milliseconds only.
_AT_ONCE = 50
_NAMES_AT_ONCE = 500
# A content is on disk a moment before its row is.
_ROW_WITHIN = timedelta(minutes=10)


class OrderPurge(Protocol):
    """Sees to it, within the transaction, that contents without files go soon after it."""

    def __call__(self, tx: Transaction) -> None:
        """Note the order durably."""
        ...


class Purging:
    """Removes what nobody can use any more."""

    def __init__(self, database: Database, blobs: Blobs, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    async def purge(self) -> int:
        """Return how many files were removed for good."""
        created_before = self._clock.now() - KEPT_UNUSED
        removed = 0
        while True:
            count = await self._database.write(
                lambda tx: store.purge_unused(
                    tx.connection, created_before=created_before, limit=_AT_ONCE
                )
            )
            removed += count
            if count < _AT_ONCE:
                break
        await self._remove_ownerless()
        return removed

    async def _remove_ownerless(self) -> None:
        """Remove contents without a file: of purged ones, and of uploads that a kill cut short."""
        before = self._clock.now() - _ROW_WITHIN
        names = await self._blobs.list_written_before(before)
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            known = await self._database.read(
                lambda connection, some=some: store.known_blobs(connection, some)
            )
            for name in set(some) - known:
                await self._blobs.remove(name)
