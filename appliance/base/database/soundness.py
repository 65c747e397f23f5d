"""Reading the whole database only when there is a reason to: after an unclean end, or weekly."""

import contextlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from appliance.base.clock import Clock
from appliance.base.database.damage import damage_of, refuse_damaged
from appliance.base.database.database import Database

CHECKED_EVERY = timedelta(days=7)


class Soundness:
    """What is known of the SQLite file: when it was read through, and how the last run ended.

    A mark beside the file says that the last run closed it and found nothing wrong. It is removed
    before the file is opened, so that it is missing after a crash; it names the file's size and
    time of change, so that it does not count for a file that somebody replaced or edited.
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        """Take the mark; call it before the file is opened.

        Raises:
            OSError: If the mark cannot be removed.
        """
        self._file = file
        self._mark = file.with_name(f"{file.name}.sound")
        self._clock = clock
        self._checked_at = self._taken()

    def refuse_damaged(self, database: Database) -> None:
        """Read the file through, before anything is written to it, if there is a reason to.

        Raises:
            DatabaseDamagedError: If the file is damaged.
        """
        if self._checked_at is None:
            refuse_damaged(database)
            self._checked_at = self._clock.now()

    async def read_through(self, database: Database) -> str | None:
        """Return what is wrong with the file, read while the box goes on; None if it is sound."""
        if database.dialect != "sqlite":
            return None
        damage = await database.read(damage_of)
        if damage is None:
            self._checked_at = self._clock.now()
        else:
            database.note_damage()
        return damage

    def leave_mark(self, database: Database) -> None:
        """Leave the mark, after `database` was closed, unless there is a doubt."""
        if self._checked_at is None or database.has_found_damage or not self._file.exists():
            return
        facts = self._facts()
        if facts["left_bytes"]:
            return
        told = {**facts, "checked_at": self._checked_at.isoformat()}
        # Without a mark the next start only takes longer: a full disk is no reason to fail.
        with contextlib.suppress(OSError):
            self._mark.write_text(json.dumps(told), encoding="utf-8")

    def _taken(self) -> datetime | None:
        try:
            told: Any = json.loads(self._mark.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = None
        self._mark.unlink(missing_ok=True)
        if not isinstance(told, dict) or not self._file.exists():
            return None
        checked_at = _instant_of(cast("dict[str, Any]", told), self._facts())
        # A mark from the future was made before somebody set the clock: nobody knows its age.
        if checked_at is None or not timedelta() <= self._clock.now() - checked_at < CHECKED_EVERY:
            return None
        return checked_at

    def _facts(self) -> dict[str, int]:
        found = self._file.stat()
        left = self._file.with_name(f"{self._file.name}-wal")
        # A log that was not taken into the file tells of an end that was none.
        left_bytes = left.stat().st_size if left.exists() else 0
        return {"bytes": found.st_size, "changed_ns": found.st_mtime_ns, "left_bytes": left_bytes}


def _instant_of(told: dict[str, Any], facts: dict[str, int]) -> datetime | None:
    """Return when the file was read through, if the mark is about the file as it is."""
    if {name: told.get(name) for name in facts} != facts:
        return None
    with contextlib.suppress(TypeError, ValueError):
        instant = datetime.fromisoformat(told["checked_at"])
        return instant if instant.tzinfo is not None else None
    return None
