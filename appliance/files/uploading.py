"""Taking a file in: refused early, written as it comes, acknowledged when it is safe."""

from collections.abc import AsyncIterator
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import (
    InvalidValueError,
    StorageFullError,
    TooLargeError,
    TooManyRequestsError,
)
from appliance.base.ids import Ids
from appliance.files import store
from appliance.files.blobs import Blobs, NewBlob
from appliance.files.model import (
    LARGEST_FILE_BYTES,
    MEBIBYTE,
    MOST_UNUSED_FILES,
    FileState,
    FileType,
    StoredFile,
)
from appliance.files.names import display_name
from appliance.files.recognising import HEAD_BYTES, refuse_mismatch, type_of


class OrderReading(Protocol):
    """Sees to it, within the transaction, that the file is read after it."""

    def __call__(self, tx: Transaction, file: StoredFile, *, others_waiting: int) -> None:
        """Note the order durably."""
        ...


class Uploading:
    """Takes files; each is on disk, whole, before it is acknowledged."""

    def __init__(
        self, *, database: Database, blobs: Blobs, clock: Clock, ids: Ids, order: OrderReading
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._ids = ids
        self._order = order

    async def upload(
        self, owner_id: str, sent_name: str, chunks: AsyncIterator[bytes]
    ) -> StoredFile:
        """Return the file once content and row are on disk; it is being read then.

        Args:
            owner_id: Whose it is.
            sent_name: What the sender calls it, whatever that is.
            chunks: Its content; left unread as soon as the file is refused.

        Raises:
            FileTypeRefusedError: If files of this type are not read here.
            FileMismatchError: If it is not what its name says.
            TooLargeError: If it is larger than allowed.
            InvalidValueError: If it is empty.
            TooManyRequestsError: If this person has too many files in no question.
            StorageFullError: If the disk is full; nothing was saved.
        """
        name = display_name(sent_name)
        file_type = type_of(name)
        await self._database.read(lambda connection: _refuse_too_many(connection, owner_id))
        async with self._blobs.writing() as blob:
            await _receive(name, file_type, chunks, blob)
            await blob.keep()
        file = StoredFile(
            id=self._ids.new_id(),
            owner_id=owner_id,
            name=name,
            kind=file_type.kind,
            media_type=file_type.media_type,
            size_bytes=blob.size_bytes,
            blob=blob.name,
            state=FileState.EXTRACTING,
            created_at=self._clock.now(),
        )
        try:
            return await self._database.write(lambda tx: self._recorded(tx, file))
        except (StorageFullError, TooManyRequestsError):
            # Surely not written. After any other fault it may have been: then the purge decides.
            await self._blobs.remove(blob.name)
            raise

    def _recorded(self, tx: Transaction, file: StoredFile) -> StoredFile:
        _refuse_too_many(tx.connection, file.owner_id)
        waiting = store.count_files(tx.connection, file.owner_id, state=FileState.EXTRACTING)
        store.add_file(tx.connection, file)
        self._order(tx, file, others_waiting=waiting)
        return file


async def _receive(
    name: str, file_type: FileType, chunks: AsyncIterator[bytes], blob: NewBlob
) -> None:
    head = b""
    async for chunk in chunks:
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
            if len(head) == HEAD_BYTES:
                refuse_mismatch(name, file_type.kind, head)
        await blob.write(chunk)
        if blob.size_bytes > LARGEST_FILE_BYTES:
            raise _too_large()
    if not blob.size_bytes:
        raise InvalidValueError(
            f"The file “{name}” is empty.",
            code="file_empty",
            hint="Check that it was saved and is not just a placeholder of a cloud folder.",
            field="file",
        )
    if len(head) < HEAD_BYTES:
        refuse_mismatch(name, file_type.kind, head)


def _refuse_too_many(connection: Connection, owner_id: str) -> None:
    if store.count_files(connection, owner_id) >= MOST_UNUSED_FILES:
        raise TooManyRequestsError(
            f"{MOST_UNUSED_FILES} of your files are in no question yet; more are not kept.",
            code="too_many_files",
            hint="Ask something about them, or remove some.",
        )


def _too_large() -> TooLargeError:
    return TooLargeError(
        f"The file is larger than {LARGEST_FILE_BYTES // MEBIBYTE} MiB.",
        code="file_too_large",
        hint="Split it into parts, or save it as plain text.",
        limit_bytes=LARGEST_FILE_BYTES,
    )
