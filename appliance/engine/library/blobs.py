"""Files by the SHA-256 of what is in them: nothing stands here that was not checked."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.base.errors import InvalidValueError, NotFoundError, StorageFullError

_DIGEST = re.compile(r"sha256[:-]([0-9a-fA-F]{64})", re.ASCII)
# What the database, the logs and the operating system may still need.
SPARE_BYTES = 1 << 30
_PARTIAL_PREFIX = "part-"
_LEFT_AFTER_S = 86_400.0


def digest_of_text(text: str) -> str:
    """Return the 64 hexadecimal digits of a digest as programs write it: `sha256:…`.

    Raises:
        InvalidValueError: If it is none (`code` `bad_digest`).
    """
    found = _DIGEST.fullmatch(text)
    if found is None:
        raise InvalidValueError(
            f"{text[:100]!r} is no digest.",
            code="bad_digest",
            hint="A digest is sha256: and 64 hexadecimal digits.",
        )
    return found[1].lower()


def check_room(folder: Path, needed_bytes: int) -> None:
    """Check that so many bytes fit the disk, and something is left.

    Raises:
        StorageFullError: If not, with the numbers.
    """
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes + SPARE_BYTES > free_bytes:
        raise StorageFullError(
            f"{needed_bytes / 1e9:.2f} GB are needed, and 1 GB must stay free; "
            f"{free_bytes / 1e9:.2f} GB are free.",
            hint="Remove a model that is no longer used, or other files.",
            needed_bytes=needed_bytes,
            free_bytes=free_bytes,
        )


class BlobWriter:
    """A blob that is being written; it appears only when it is whole and right."""

    def __init__(self, folder: Path, digest: str) -> None:
        self._folder = folder
        self._digest = digest
        self._sha = hashlib.sha256()
        descriptor, name = tempfile.mkstemp(prefix=_PARTIAL_PREFIX, dir=folder)
        self._stream = os.fdopen(descriptor, "wb")
        self._partial = Path(name)

    def __enter__(self) -> Self:
        """Return the writer; what is not finished when the block ends is removed."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.abandon()

    def write(self, chunk: bytes) -> None:
        """Add bytes.

        Raises:
            StorageFullError: If the disk is full.
        """
        self._sha.update(chunk)
        try:
            self._stream.write(chunk)
        except OSError as error:
            raise not_written(error) from error

    def finish(self) -> None:
        """Make the blob appear.

        Raises:
            InvalidValueError: If what was written has another digest (`digest_mismatch`; the
                field `actual` names it).
            StorageFullError: If the disk is full.
        """
        actual = self._sha.hexdigest()
        if actual != self._digest:
            raise InvalidValueError(
                f"The bytes have the digest sha256:{actual}, not sha256:{self._digest}.",
                code="digest_mismatch",
                hint="Send the file again.",
                expected=f"sha256:{self._digest}",
                actual=f"sha256:{actual}",
            )
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as error:
            raise not_written(error) from error
        self._partial.replace(self._folder / f"sha256-{self._digest}")

    def abandon(self) -> None:
        """Remove what is not finished."""
        try:
            self._stream.close()
        finally:
            self._partial.unlink(missing_ok=True)


class BlobStore:
    """The folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where a blob lies, by 64 hexadecimal digits or `sha256:…`.

        Raises:
            InvalidValueError: If that is no digest.
            NotFoundError: If it is not here (`blob_not_found`).
        """
        file = self._file(digest)
        if not file.is_file():
            raise NotFoundError(
                "There is no such blob on this box.",
                code="blob_not_found",
                hint="Send it to /api/blobs first.",
            )
        return file

    def has(self, digest: str) -> bool:
        """Return whether a blob is here.

        Raises:
            InvalidValueError: If that is no digest.
        """
        return self._file(digest).is_file()

    def writer(self, digest: str, *, size_bytes: int = 0) -> BlobWriter:
        """Return where to write a blob, piece by piece; use it in a `with` block.

        Raises:
            InvalidValueError: If that is no digest.
            StorageFullError: If `size_bytes` do not fit the disk.
        """
        wanted = _digits(digest)
        self.folder.mkdir(parents=True, exist_ok=True)
        _clear_what_was_left(self.folder)
        check_room(self.folder, size_bytes)
        return BlobWriter(self.folder, wanted)

    def store(self, digest: str, chunks: Iterable[bytes]) -> Path:
        """Write a blob and return where it lies.

        Raises:
            InvalidValueError: If the bytes have another digest (`digest_mismatch`).
            StorageFullError: If the disk is full.
        """
        with self.writer(digest) as blob:
            for chunk in chunks:
                blob.write(chunk)
            blob.finish()
        return self.path(digest)

    def adopt(self, file: Path, digest: str) -> Path:
        """Move a file of this disk here, by the digest that it is known to have.

        Raises:
            InvalidValueError: If that is no digest.
        """
        target = self._file(digest)
        self.folder.mkdir(parents=True, exist_ok=True)
        return file.replace(target)

    def link(self, file: Path, digest: str) -> None:
        """Let a file of somebody else's be a blob here too; no bytes are copied.

        Raises:
            InvalidValueError: If that is no digest.
        """
        target = self._file(digest)
        if target.is_file():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(file)
        except OSError:
            # Another disk, or a file of another user: it is used where it lies.
            target.symlink_to(file.resolve())

    def remove(self, digest: str) -> None:
        """Remove a blob."""
        self._file(digest).unlink(missing_ok=True)

    def _file(self, digest: str) -> Path:
        return self.folder / f"sha256-{_digits(digest)}"


def _clear_what_was_left(folder: Path) -> None:
    """Remove what a crash left half written; who writes now has touched their file lately."""
    # The time as the disk has it, which the files are compared with.
    folder.touch()
    oldest_s = folder.stat().st_mtime - _LEFT_AFTER_S
    for partial in folder.glob(f"{_PARTIAL_PREFIX}*"):
        # It may have been finished, or removed, since the folder was listed.
        with suppress(FileNotFoundError):
            if partial.stat().st_mtime < oldest_s:
                partial.unlink()


def _digits(digest: str) -> str:
    return digest_of_text(digest if digest.startswith("sha256") else f"sha256:{digest}")


def not_written(error: OSError) -> StorageFullError:
    """Return what is told of a disk that did not take a file; never where that lies."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError("The disk became full while the file was written.")
    return StorageFullError(f"The file could not be written: {error.strerror}.")
