"""What people do with files that are there: look, read what was read, take back, remove."""

from pathlib import Path

from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError, NotFoundError
from appliance.base.events import Events
from appliance.files import store
from appliance.files.blobs import Blobs
from appliance.files.extracting import Extracting
from appliance.files.finding import file_of, ready_files_of
from appliance.files.model import FileRemoved, StoredFile


class Keeping:
    """One person's files."""

    def __init__(
        self, database: Database, blobs: Blobs, extracting: Extracting, events: Events
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._extracting = extracting
        self._events = events

    async def file(self, owner_id: str, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            NotFoundError: If this person has no such file.
        """
        return await self._database.read(lambda connection: file_of(connection, owner_id, file_id))

    async def text(self, owner_id: str, file_id: str) -> tuple[StoredFile, str]:
        """Return a file and what a model reads of it.

        Raises:
            NotFoundError: If this person has no such file.
            ConflictError: If it is not read yet, or cannot be.
        """

        def found_in(connection: Connection) -> tuple[StoredFile, str]:
            file = ready_files_of(connection, owner_id, [file_id])[0]
            return file, store.texts_of(connection, owner_id, [file_id])[file_id]

        return await self._database.read(found_in)

    async def content(self, owner_id: str, file_id: str) -> tuple[StoredFile, Path]:
        """Return a file and where its content lies.

        Raises:
            NotFoundError: If this person has no such file.
        """
        file = await self.file(owner_id, file_id)
        path = self._blobs.path_of(file.blob)
        if not await self._blobs.has(file.blob):
            raise NotFoundError(
                "The content of this file is not there any more.",
                code="file_content_missing",
                hint="It may be in a backup of the data folder.",
            )
        return file, path

    async def remove(self, owner_id: str, file_id: str) -> None:
        """Remove a file for good, also while it is being read.

        Raises:
            NotFoundError: If this person has no such file.
            ConflictError: If it belongs to a question.
        """

        def removed(tx: Transaction) -> StoredFile:
            file = file_of(tx.connection, owner_id, file_id)
            if not store.delete_unused(tx.connection, owner_id, file_id):
                raise ConflictError(
                    f"The file “{file.name}” belongs to a question.",
                    code="file_in_use",
                    hint="It goes with its conversation.",
                )
            return file

        file = await self._database.write(removed)
        self._extracting.give_up(file_id)
        self._events.publish(FileRemoved(file_id))
        await self._blobs.remove(file.blob)
