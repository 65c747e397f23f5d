"""Getting one file, whole and right, over connections that break."""

import hashlib
import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from appliance.base.errors import StorageFullError
from appliance.engine.download.addresses import Reach
from appliance.engine.download.model import (
    BrokenOffError,
    DownloadState,
    HubError,
    Progress,
    StoppedError,
    Wanted,
)
from appliance.engine.library.blobs import check_room
from appliance.engine.library.files import write_json

if TYPE_CHECKING:
    from appliance.engine.download.hub import Hub, HubFile

_HASH_CHUNK_BYTES = 1 << 20
# So often a connection may break in a row without bringing anything.
_MOST_FRUITLESS = 6
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Fetching:
    """One file on its way; `run` blocks, and `stop` may be called from any thread."""

    def __init__(
        self,
        reach: Reach,
        wanted: Wanted,
        part: Path,
        progress: Progress,
        *,
        first_pause_s: float = _FIRST_PAUSE_S,
    ) -> None:
        """Fetch into `part`, which may hold the beginning already; `progress` hears of it."""
        self._reach = reach
        self._wanted = wanted
        self._part = part
        self._progress = progress
        self._first_pause_s = first_pause_s
        self._stopped = threading.Event()
        self._sha = hashlib.sha256()

    def stop(self) -> None:
        """End it soon; what came is kept."""
        self._stopped.set()

    def run(self) -> str:
        """Return the SHA-256 of the file, once `part` is whole.

        Raises:
            HubError: If the hub does not give it, or gives other bytes (`hub_wrong_bytes`) or
                another file (`hub_file_changed`) than the catalogue knows.
            BrokenOffError: If the connection breaks again and again.
            StorageFullError: If the disk has no room.
            StoppedError: If somebody stopped it.
        """
        # A start need not wait for what speaks HTTP; only who fetches something does.
        from appliance.engine.download.hub import Hub

        self._progress(DownloadState.ASKING, 0, self._wanted.size_bytes)
        with Hub(self._reach) as hub:
            known = self._patiently_asked(hub)
            total_bytes = self._checked_size(known)
            check_room(self._part.parent, max(total_bytes - self._held_bytes(), 0))
            self._read_all(hub, known, total_bytes)
        self._progress(DownloadState.VERIFYING, total_bytes, total_bytes)
        return self._verified(known)

    def _patiently_asked(self, hub: "Hub") -> "HubFile":
        pause_s = self._first_pause_s
        for _ in range(_MOST_FRUITLESS - 1):
            with suppress(BrokenOffError):
                return hub.facts_of(self._wanted.repository, self._wanted.file)
            self._rest(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        return hub.facts_of(self._wanted.repository, self._wanted.file)

    def _checked_size(self, known: "HubFile") -> int:
        wanted = self._wanted
        pairs = ((wanted.sha256, known.sha256), (wanted.size_bytes, known.size_bytes))
        if any(ours and theirs and ours != theirs for ours, theirs in pairs):
            raise HubError(
                f"The hub has another file {wanted.file} than the one Nodo knows.",
                code="hub_file_changed",
                hint="It was not fetched. A newer Nodo may know it; or get it and import it.",
            )
        return wanted.size_bytes or known.size_bytes

    def _read_all(self, hub: "Hub", known: "HubFile", total_bytes: int) -> None:
        self._forget_another_file(known)
        with self._part.open("ab+") as stream:
            self._hash_what_is_here(stream)
            fruitless, pause_s = 0, self._first_pause_s
            while True:
                before = stream.tell()
                try:
                    self._read_on(hub, known, stream, total_bytes)
                    break
                except BrokenOffError:
                    fruitless = 0 if stream.tell() > before else fruitless + 1
                    if fruitless >= _MOST_FRUITLESS:
                        raise
                pause_s = self._first_pause_s if not fruitless else pause_s * 2
                self._rest(min(pause_s, _LONGEST_PAUSE_S))
            os.fsync(stream.fileno())

    def _read_on(self, hub: "Hub", known: "HubFile", stream: BinaryIO, total_bytes: int) -> None:
        here = stream.tell()
        if total_bytes and here >= total_bytes:
            return
        wanted = self._wanted
        with hub.read(wanted.repository, wanted.file, from_byte=here, etag=known.etag) as (
            start,
            chunks,
        ):
            if start != here:
                self._begin_anew(stream)
            if start not in {here, 0}:
                raise BrokenOffError("The hub sent another part of the file than the next one.")
            for chunk in chunks:
                self._take(stream, chunk, total_bytes)
        if total_bytes and stream.tell() < total_bytes:
            raise BrokenOffError("The hub sent less than the whole file.")

    def _take(self, stream: BinaryIO, chunk: bytes, total_bytes: int) -> None:
        if self._stopped.is_set():
            raise StoppedError("The download was stopped.")
        try:
            stream.write(chunk)
            stream.flush()
        except OSError as error:
            raise StorageFullError(
                "The disk became full while the model came.",
                hint="What came is kept. Make room, and go on.",
            ) from error
        self._sha.update(chunk)
        here = stream.tell()
        if total_bytes and here > total_bytes:
            self._begin_anew(stream)
            raise _wrong_bytes()
        self._progress(DownloadState.RUNNING, here, total_bytes)

    def _hash_what_is_here(self, stream: BinaryIO) -> None:
        stream.seek(0)
        while chunk := stream.read(_HASH_CHUNK_BYTES):
            self._sha.update(chunk)
            if self._stopped.is_set():
                raise StoppedError("The download was stopped.")

    def _begin_anew(self, stream: BinaryIO) -> None:
        stream.seek(0)
        stream.truncate()
        self._sha = hashlib.sha256()

    def _forget_another_file(self, known: "HubFile") -> None:
        """Remove a beginning that belongs to another file of the same name."""
        note = self._part.with_suffix(".etag")
        if _etag_in(note) != known.etag:
            self._part.unlink(missing_ok=True)
            write_json(note, {"etag": known.etag})

    def _verified(self, known: "HubFile") -> str:
        actual = self._sha.hexdigest()
        wanted = self._wanted.sha256 or known.sha256
        if wanted and actual != wanted:
            self._part.unlink(missing_ok=True)
            raise _wrong_bytes()
        return actual

    def _held_bytes(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _rest(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StoppedError("The download was stopped.")


def _etag_in(note: Path) -> str:
    try:
        content = cast("dict[str, object]", json.loads(note.read_text(encoding="utf-8")))
        return str(content["etag"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _wrong_bytes() -> HubError:
    return HubError(
        "The bytes that came are not those of the file that Nodo knows; they were thrown away.",
        code="hub_wrong_bytes",
        hint="Try again; if it happens again, check the setting hf_url, and who answers there.",
    )
