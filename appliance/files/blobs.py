"""The contents of files on disk: written as they come, whole or not at all."""

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from appliance.base.errors import ApplianceError, StorageFullError, UnavailableError
from appliance.base.ids import Ids

_UNFINISHED = ".part"
_WRITTEN_AT_ONCE_BYTES = 256 * 1024
# Files must never take the last bytes, which the database needs to go on.
_RESERVE_BYTES = 64 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Blobs:
    """One folder of contents under random names; nobody else writes in it."""

    def __init__(self, folder: Path, ids: Ids, *, reserve_bytes: int = _RESERVE_BYTES) -> None:
        self._folder = folder
        self._ids = ids
        self._reserve_bytes = reserve_bytes

    def path_of(self, name: str) -> Path:
        """Return where this content lies."""
        return self._folder / name

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["NewBlob"]:
        """Give a new blob to write; unless it is kept, nothing remains of it.

        Raises:
            StorageFullError: If the disk is nearly full.
            UnavailableError: If the folder cannot be written.
        """
        blob = await asyncio.to_thread(self._begin)
        try:
            yield blob
        finally:
            # Here and not in a thread: it takes no time, and nobody may be left to wait for it.
            blob.drop_unfinished()

    async def remove(self, name: str) -> None:
        """Remove a content; fine if it is gone."""
        await asyncio.to_thread(self.path_of(name).unlink, missing_ok=True)

    async def has(self, name: str) -> bool:
        """Return whether this content is there."""
        return await asyncio.to_thread(self.path_of(name).is_file)

    async def prepare(self) -> None:
        """Make the folder, without the halves that an earlier, dead process left; for the start."""
        await asyncio.to_thread(self._prepare)

    async def list_written_before(self, instant: datetime) -> list[str]:
        """Return the names of the contents that were written before this instant."""
        return await asyncio.to_thread(self._list_written_before, instant.timestamp())

    def is_writable(self) -> bool:
        """Return whether files can be taken."""
        return os.access(self._folder, os.W_OK | os.X_OK)

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.glob(f"*{_UNFINISHED}"):
            path.unlink(missing_ok=True)

    def _list_written_before(self, posix_s: float) -> list[str]:
        names: list[str] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                # A request may remove it at this moment.
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat().st_mtime < posix_s:
                        names.append(entry.name)
        return names

    def _begin(self) -> "NewBlob":
        with _translated_faults():
            if shutil.disk_usage(self._folder).free < self._reserve_bytes:
                raise _full()
            return NewBlob(self._folder, self._ids.new_secret())


class NewBlob:
    """A content that is coming in.

    Attributes:
        name: Its name, once it is kept.
        size_bytes: How much has come.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.size_bytes = 0
        self._folder = folder
        self._path = folder / (name + _UNFINISHED)
        self._file: BinaryIO = self._path.open("xb", buffering=0)
        self._pending = bytearray()

    async def write(self, chunk: bytes) -> None:
        """Take more; a little is held in memory until it is worth a write.

        Raises:
            StorageFullError: If the disk is full.
            UnavailableError: If the disk refuses.
        """
        self.size_bytes += len(chunk)
        self._pending += chunk
        if len(self._pending) >= _WRITTEN_AT_ONCE_BYTES:
            await asyncio.to_thread(self._write_pending)

    async def keep(self) -> None:
        """Bring it to the disk under its name, whole: a power cut does not undo it any more.

        Raises:
            StorageFullError: If the disk is full.
            UnavailableError: If the disk refuses.
        """
        await asyncio.to_thread(self._keep)

    def drop_unfinished(self) -> None:
        """Remove what was not kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write_pending(self) -> None:
        with _translated_faults():
            left = memoryview(self._pending)
            while left:
                left = left[self._file.write(left) :]
        self._pending = bytearray()

    def _keep(self) -> None:
        self._write_pending()
        with _translated_faults():
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.rename(self._folder / self.name)
            _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Folders cannot be opened there.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _fault_of(error) from error


def _fault_of(error: OSError) -> ApplianceError:
    if error.errno in _FULL:
        return _full()
    return UnavailableError(
        "The folder of the files cannot be written right now.",
        code="files_unavailable",
        hint="Check that the data folder is there and may be written, then try again.",
    )


def _full() -> StorageFullError:
    return StorageFullError(
        "The disk is full: the file was not saved.",
        hint="Free some space on the box and try again. What was saved before is safe.",
    )
