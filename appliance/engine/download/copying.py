"""Taking in a file that is on this computer already, such as one of a stick."""

import hashlib
import os
import threading
from pathlib import Path

from appliance.base.errors import ConflictError, InvalidValueError, NotFoundError, StorageFullError
from appliance.engine.download.model import DownloadState, Progress, StoppedError
from appliance.engine.library.blobs import check_room
from appliance.engine.library.facts import read_file_facts

_CHUNK_BYTES = 4 << 20


class Copying:
    """One file on its way; `run` blocks, and `stop` may be called from any thread."""

    def __init__(self, source: Path, part: Path, target: Path, progress: Progress) -> None:
        """Copy `source` into `part`, which is to become `target`; `progress` hears of it."""
        self._source = source
        self._part = part
        self._target = target
        self._progress = progress
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End it soon; what was copied is thrown away."""
        self._stopped.set()

    def run(self) -> str:
        """Return the SHA-256 of the file, once `part` is whole.

        Raises:
            InvalidValueError: If it is no model that Nodo can run (`bad_model_file`).
            ConflictError: If there is a file of that name already (`model_name_taken`).
            NotFoundError: If the file is gone, such as a stick that was pulled out.
            StorageFullError: If the disk has no room.
            StoppedError: If somebody stopped it.
        """
        problem = read_file_facts(self._source).problem
        if problem:
            raise InvalidValueError(problem, code="bad_model_file")
        if self._target.exists():
            raise ConflictError(
                f"There is a file {self._target.name} here already.",
                code="model_name_taken",
                hint="Remove that model first, or give the file another name.",
            )
        total_bytes = self._source.stat().st_size
        check_room(self._part.parent, total_bytes)
        try:
            return self._copied(total_bytes)
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise

    def _copied(self, total_bytes: int) -> str:
        sha, done_bytes = hashlib.sha256(), 0
        try:
            source = self._source.open("rb")
        except OSError as error:
            raise NotFoundError("The file is gone.", code="found_model_gone") from error
        with source, self._part.open("wb") as part:
            while chunk := self._chunk(source.fileno()):
                sha.update(chunk)
                _write(part.fileno(), chunk)
                done_bytes += len(chunk)
                self._progress(DownloadState.RUNNING, done_bytes, total_bytes)
            os.fsync(part.fileno())
        return sha.hexdigest()

    def _chunk(self, descriptor: int) -> bytes:
        if self._stopped.is_set():
            raise StoppedError("The import was stopped.")
        try:
            return os.read(descriptor, _CHUNK_BYTES)
        except OSError as error:
            raise NotFoundError(
                "The file can no longer be read; was the stick pulled out?",
                code="found_model_gone",
            ) from error


def _write(descriptor: int, chunk: bytes) -> None:
    try:
        while chunk:
            chunk = chunk[os.write(descriptor, chunk) :]
    except OSError as error:
        raise StorageFullError("The disk became full while the model was copied.") from error
