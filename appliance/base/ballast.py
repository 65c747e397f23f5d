"""A reserve on the disk: given up when the disk is full, so that people can still tidy up."""

import asyncio
import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

BALLAST_BYTES = 32 * 1024 * 1024
# Below this the disk counts as full, whoever filled it: our log and SQLite need some pages.
_FULL_BYTES = 2 * 1024 * 1024
# So much must be free before the reserve is made again: otherwise making it would fill the disk.
_ROOM_PER_BALLAST = 3
_LOOK_EVERY_S = 5.0
# Where the system counts differently from what it tells (quotas), trying costs much.
_LOOK_AFTER_FAILURE_S = 600.0
_PIECE_BYTES = 1024 * 1024


def free_bytes_of(folder: Path) -> int:
    """Return how much we may still write in the folder's file system."""
    return shutil.disk_usage(folder).free


class Ballast:
    """A file of noise. While it is gone the box lets people sign in, stop and delete only.

    On a full disk SQLite cannot even delete a row: there has to be something that gives room by
    being removed.
    """

    def __init__(
        self,
        file: Path,
        *,
        size_bytes: int = BALLAST_BYTES,
        free_bytes: Callable[[Path], int] = free_bytes_of,
    ) -> None:
        self._file = file
        self._partial = file.with_name(f"{file.name}.part")
        self._size_bytes = size_bytes
        self._free_bytes = free_bytes
        self._changing = threading.Lock()
        self._is_short = False

    @property
    def is_short(self) -> bool:
        """Return whether the reserve is gone, and there is no room yet to make it again."""
        return self._is_short

    @property
    def needed_bytes(self) -> int:
        """Return how much must be free for the reserve to be made again."""
        return _ROOM_PER_BALLAST * self._size_bytes

    def give_up(self) -> bool:
        """Return whether there is more room now than a moment ago; any thread may call it."""
        with self._changing:
            self._is_short = True
            try:
                # A kill may have left it; it takes as much room.
                self._partial.unlink(missing_ok=True)
                self._file.unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                log.warning("the reserve cannot be given up", extra={"reason": error.strerror})
                return False
        log.error("the disk is full, the reserve was given up", extra={"bytes": self._size_bytes})
        return True

    def relieve(self) -> bool:
        """Return whether the disk was found full and the reserve given up."""
        return self._free_bytes(self._file.parent) < _FULL_BYTES and self.give_up()

    def look(self) -> bool:
        """Give the reserve up on a full disk, make it where there is room; return if that went."""
        try:
            free_bytes = self._free_bytes(self._file.parent)
            if free_bytes < _FULL_BYTES:
                self.give_up()
            else:
                self._restore(free_bytes)
        except OSError as error:
            log.warning("the reserve cannot be made", extra={"reason": error.strerror})
            return False
        return True

    async def keep(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            is_well = await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK_EVERY_S if is_well else _LOOK_AFTER_FAILURE_S)

    def _restore(self, free_bytes: int) -> None:
        with self._changing:
            is_whole = self._is_whole()
            self._partial.unlink(missing_ok=True)
            if not is_whole and free_bytes >= self.needed_bytes:
                self._write()
                is_whole = True
                log.info("the reserve for a full disk is made", extra={"bytes": self._size_bytes})
            self._is_short = not is_whole

    def _is_whole(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return self._file.stat().st_size == self._size_bytes
        return False

    def _write(self) -> None:
        try:
            with self._partial.open("wb") as written:
                for start in range(0, self._size_bytes, _PIECE_BYTES):
                    # Noise: a file system that packs would keep hardly any room for zeros.
                    written.write(os.urandom(min(_PIECE_BYTES, self._size_bytes - start)))
                written.flush()
                os.fsync(written.fileno())
            self._partial.replace(self._file)
        except OSError:
            self._partial.unlink(missing_ok=True)
            raise
