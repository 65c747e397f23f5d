"""What other parts of the box may do with people's files, inside their own transactions."""

from collections.abc import Mapping, Sequence

from appliance.base.database.transaction import Connection, Transaction
from appliance.files import store
from appliance.files.finding import ready_files_of
from appliance.files.measuring import Measuring
from appliance.files.model import StoredFile
from appliance.files.purging import OrderPurge


class Lending:
    """Files for questions: from the moment that one uses them they stay as long as it does."""

    def __init__(self, measuring: Measuring, order_purge: OrderPurge) -> None:
        self._measuring = measuring
        self._order_purge = order_purge

    @property
    def model(self) -> str | None:
        """Return the model in use, whose tokens are counted."""
        return self._measuring.model

    async def measured(self, owner_id: str, file_ids: Sequence[str]) -> list[StoredFile]:
        """Return the person's files in this order, with the tokens of the model in use.

        Raises:
            NotFoundError: If one of them is not there.
            ConflictError: If one of them is not read, or cannot be.
        """
        return await self._measuring.measured(owner_id, file_ids)

    def use(self, tx: Transaction, owner_id: str, file_ids: Sequence[str]) -> None:
        """Keep these files until they are released.

        Raises:
            NotFoundError: If one of them is not there any more.
            ConflictError: If one of them is not read, or cannot be.
        """
        store.mark_used(tx.connection, owner_id, file_ids)
        ready_files_of(tx.connection, owner_id, file_ids)

    def texts(
        self, connection: Connection, owner_id: str, file_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return the texts of those files that are this person's, by their ids."""
        return store.texts_of(connection, owner_id, file_ids)

    def release(self, tx: Transaction, file_ids: Sequence[str]) -> None:
        """Remove files that no question uses any more, with all that was read in them."""
        if file_ids and store.delete_files(tx.connection, file_ids):
            self._order_purge(tx)
