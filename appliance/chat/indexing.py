"""Bringing into the search what was written before there was one, beside everything else."""

import asyncio
from typing import Protocol

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.chat.store import search_backlog
from appliance.chat.store.search_backlog import Step

# Between two steps, so that others who write come in, and the processor has time for them.
_PAUSE_S = 0.02


class OrderIndexing(Protocol):
    """Sees to it, within the transaction, that `Indexing.catch_up` is called after it."""

    def __call__(self, tx: Transaction) -> None:
        """Note the order durably, unless it is there."""
        ...


class Indexing:
    """Indexes old texts step by step; each step is on disk before the next one begins."""

    def __init__(
        self, database: Database, order: OrderIndexing, *, step: Step | None = None
    ) -> None:
        self._database = database
        self._order = order
        self._step = step or Step()

    async def order_if_needed(self) -> None:
        """See to it that it is done, at the start of the box; nothing happens if nothing is left."""
        if await self._database.read(search_backlog.is_left):
            await self._database.write(self._order)

    async def catch_up(self) -> None:
        """Index all that is left.

        Raises:
            StorageFullError: If the disk is full; what was indexed before stays.
            UnavailableError: If the database does not answer.
        """
        is_left = True
        while is_left:
            is_left = await self._database.write(self._next_step)
            # Not waiting for anything: leaving room.
            await asyncio.sleep(_PAUSE_S)

    def _next_step(self, tx: Transaction) -> bool:
        return search_backlog.index_step(tx.connection, self._step)
