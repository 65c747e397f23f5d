"""Looking at the audit log: page by page, as a file, and whether nobody has changed it."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence

from appliance.base.audit.model import AuditFilter, ChainReport, LoggedEntry
from appliance.base.audit.reading import list_newest, list_oldest
from appliance.base.audit.watching import AuditWatch
from appliance.base.database.database import Database

_AT_ONCE = 500
_COLUMNS = (
    "id",
    "created_at",
    "action",
    "actor_id",
    "actor_name",
    "target_kind",
    "target_id",
    "target_name",
    "outcome",
    "address",
    "details",
)
# A table program takes what begins so for a formula, and runs it
# (OWASP, "CSV Injection", 2024).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Auditing:
    """The audit log, for administrators."""

    def __init__(self, *, database: Database, watch: AuditWatch) -> None:
        self._database = database
        self._watch = watch

    async def list_newest(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[LoggedEntry]:
        """Return entries, newest first, of those before that number."""
        return await self._database.read(
            lambda connection: list_newest(connection, wanted, before=before, limit=limit)
        )

    async def check(self) -> ChainReport:
        """Return whether all entries are as they were written."""
        return await self._watch.verify()

    async def csv(self, wanted: AuditFilter) -> AsyncIterator[bytes]:
        """Yield the entries as a table, oldest first, in pieces; for any table program."""
        # The mark tells them that it is UTF-8.
        yield "\ufeff".encode() + _csv_of([dict(zip(_COLUMNS, _COLUMNS, strict=True))])
        async for piece in self._pieces(wanted, _csv_of):
            yield piece

    async def jsonl(self, wanted: AuditFilter) -> AsyncIterator[bytes]:
        """Yield the entries as JSON, one per line, oldest first, in pieces."""
        async for piece in self._pieces(wanted, _jsonl_of):
            yield piece

    async def _pieces(
        self, wanted: AuditFilter, written: Callable[[Sequence[dict[str, object]]], bytes]
    ) -> AsyncIterator[bytes]:
        after = 0
        while True:
            entries = await self._database.read(
                lambda connection, after=after: list_oldest(
                    connection, wanted, after=after, limit=_AT_ONCE
                )
            )
            if not entries:
                return
            yield written([_as_row(entry) for entry in entries])
            after = entries[-1].number


def _as_row(logged: LoggedEntry) -> dict[str, object]:
    entry = logged.entry
    return {
        "id": logged.id,
        "created_at": logged.at.isoformat(),
        "action": entry.action,
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "target_name": entry.target_name,
        "outcome": entry.outcome.value,
        "address": entry.address,
        "details": dict(entry.details),
    }


def _jsonl_of(rows: Sequence[dict[str, object]]) -> bytes:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return "".join(lines).encode("utf-8", errors="replace")


def _csv_of(rows: Sequence[dict[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_cell(row[name]) for name in _COLUMNS] for row in rows)
    return text.getvalue().encode("utf-8", errors="replace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
