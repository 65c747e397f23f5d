"""What the engine remembers across restarts: the chosen model, and which models crash it."""

import json
import logging
import os
import threading
from pathlib import Path
from typing import cast

log = logging.getLogger(__name__)

CRASHES_UNTIL_BAD = 3


class EngineRecord:
    """A small file beside the models; lost or damaged, it simply starts anew."""

    def __init__(self, file: Path, *, fixed: str | None = None) -> None:
        """Read the record; `fixed` names the model of the settings, which goes before it."""
        self._file = file
        # Choices and crashes are noted by different threads.
        self._lock = threading.Lock()
        self._chosen, self._crashes = _read(file)
        self._fixed = fixed

    @property
    def chosen(self) -> str | None:
        """Return the name of the model that the owner chose, on a page or by a setting."""
        return self._fixed or self._chosen

    def choose(self, name: str, mark: str) -> None:
        """Note the owner's choice; a model that was bad gets a new chance."""
        self._fixed, self._chosen = None, name
        self._crashes.pop(mark, None)
        self._write()

    def crashed(self, mark: str) -> int:
        """Note that the engine ended while it used this model; return how often in a row."""
        with self._lock:
            count = self._crashes[mark] = self._crashes.get(mark, 0) + 1
            self._write()
        return count

    def answered(self, mark: str) -> None:
        """Note that the model finished an answer: earlier crashes were not its nature."""
        with self._lock:
            if self._crashes.pop(mark, None) is not None:
                self._write()

    def is_bad(self, mark: str) -> bool:
        """Return whether this model has ended the engine too often."""
        return self._crashes.get(mark, 0) >= CRASHES_UNTIL_BAD

    def _write(self) -> None:
        partial = self._file.with_suffix(".part")
        try:
            with partial.open("w", encoding="utf-8") as stream:
                json.dump({"chosen": self._chosen, "crashes": self._crashes}, stream)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self._file)
        except OSError as error:
            # A full disk must not stop the engine; the record is kept in memory meanwhile.
            log.warning("engine record not saved", extra={"reason": error.strerror})


def _read(file: Path) -> tuple[str | None, dict[str, int]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, {}
    except (OSError, ValueError):
        log.warning("engine record could not be read; it starts anew")
        return None, {}
    if not isinstance(content, dict):
        return None, {}
    facts = cast("dict[str, object]", content)
    chosen, crashes = facts.get("chosen"), facts.get("crashes")
    counted = cast("dict[str, object]", crashes) if isinstance(crashes, dict) else {}
    return (
        chosen if isinstance(chosen, str) else None,
        {mark: count for mark, count in counted.items() if isinstance(count, int)},
    )
