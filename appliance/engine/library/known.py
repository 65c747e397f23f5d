"""What was found out about model files, so that it need not be found out at every start."""

import hashlib
import json
import logging
import threading
from dataclasses import asdict
from pathlib import Path
from typing import cast

from appliance.engine.library.facts import read_file_facts
from appliance.engine.library.files import write_json
from appliance.engine.library.model import Capability, FileFacts, FillIn

log = logging.getLogger(__name__)

# Counted up when facts are judged in another way: the files are read again then.
_VERSION = 2
_CHUNK_BYTES = 1 << 20
_MOST_ENTRIES = 500


class KnownFiles:
    """Facts and digests by a file's mark, kept beside the models; lost, they are found out anew."""

    def __init__(self, file: Path) -> None:
        self._file = file
        # Lists are asked for by several threads; a file is read by one of them.
        self._lock = threading.Lock()
        self._entries: dict[str, dict[str, object]] | None = None

    def facts(self, file: Path, mark: str) -> FileFacts:
        """Return the facts of a file; the first time takes up to a second."""
        with self._lock:
            entry = self._entry(mark)
            if "facts" not in entry:
                entry["facts"] = asdict(read_file_facts(file))
                self._save()
            return _facts(cast("dict[str, object]", entry["facts"]))

    def find_digest(self, mark: str) -> str:
        """Return the SHA-256 of the file with that mark; empty while it was not computed."""
        with self._lock:
            return str(self._entry(mark).get("digest", ""))

    def digest(self, file: Path, mark: str) -> str:
        """Return the SHA-256 of a file; the first time takes seconds per gigabyte.

        Raises:
            OSError: If it cannot be read.
        """
        digest = self.find_digest(mark) or _sha256(file)
        self.note_digest(mark, digest)
        return digest

    def note_digest(self, mark: str, digest: str) -> None:
        """Remember a digest that somebody else computed."""
        with self._lock:
            entry = self._entry(mark)
            if entry.get("digest") != digest:
                entry["digest"] = digest
                self._save()

    def _entry(self, mark: str) -> dict[str, object]:
        if self._entries is None:
            self._entries = _read(self._file)
        return self._entries.setdefault(mark, {})

    def _save(self) -> None:
        entries = self._entries or {}
        while len(entries) > _MOST_ENTRIES:
            entries.pop(next(iter(entries)))
        try:
            write_json(self._file, {"version": _VERSION, "files": entries})
        except OSError as error:
            # A full disk or a stick that is read-only: it is found out again next time.
            log.warning("facts of models not saved", extra={"reason": error.strerror})


def _read(file: Path) -> dict[str, dict[str, object]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            return {}
        entries = cast("dict[str, dict[str, object]]", content["files"])
        for entry in entries.values():
            if "facts" in entry:
                _facts(cast("dict[str, object]", entry["facts"]))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        log.warning("facts of models could not be read; they are found out anew")
        return {}
    return entries


def _facts(saved: dict[str, object]) -> FileFacts:
    fill_in = cast("dict[str, str] | None", saved["fill_in"])
    capabilities = cast("list[str]", saved["capabilities"])
    fields: dict[str, object] = {
        **saved,
        "capabilities": tuple(Capability(word) for word in capabilities),
        "fill_in": FillIn(**fill_in) if fill_in else None,
    }
    return FileFacts(**fields)  # type: ignore[arg-type]


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
