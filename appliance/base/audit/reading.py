"""Reading the audit log, page by page."""

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, or_, select

from appliance.base.audit.model import AuditEntry, AuditFilter, LoggedEntry, Outcome
from appliance.base.audit.tables import audit_entries

_ENTRY = audit_entries.c


def list_newest(
    connection: Connection, wanted: AuditFilter, *, before: int | None, limit: int
) -> list[LoggedEntry]:
    """Return entries, newest first, of those with a number below `before`."""
    query = _filtered(wanted).order_by(_ENTRY.number.desc()).limit(limit)
    if before is not None:
        query = query.where(_ENTRY.number < before)
    return [_logged(row) for row in connection.execute(query)]


def list_oldest(
    connection: Connection, wanted: AuditFilter, *, after: int, limit: int
) -> list[LoggedEntry]:
    """Return entries, oldest first, of those with a number above `after`."""
    query = _filtered(wanted).where(_ENTRY.number > after).order_by(_ENTRY.number).limit(limit)
    return [_logged(row) for row in connection.execute(query)]


def _filtered(wanted: AuditFilter) -> Select[Any]:
    query = select(audit_entries)
    if wanted.actor is not None:
        named = _ENTRY.actor_name.icontains(wanted.actor, autoescape=True)
        query = query.where(or_(_ENTRY.actor_id == wanted.actor, named))
    if wanted.action is not None:
        group = _ENTRY.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(or_(_ENTRY.action == wanted.action, group))
    if wanted.outcome is not None:
        query = query.where(_ENTRY.outcome == wanted.outcome.value)
    if wanted.since is not None:
        query = query.where(_ENTRY.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_ENTRY.at < wanted.until)
    return query


def _logged(row: Row[Any]) -> LoggedEntry:
    entry = AuditEntry(
        action=row.action,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        target_kind=row.target_kind,
        target_id=row.target_id,
        target_name=row.target_name,
        # Somebody may have tampered with it; the page that would show it must not fail then.
        outcome=Outcome.DONE if row.outcome == Outcome.DONE else Outcome.REFUSED,
        address=row.address,
        details=_details(row.details),
    )
    return LoggedEntry(row.number, row.id, row.at, entry)


def _details(text: str) -> Mapping[str, str | int | bool]:
    try:
        details: object = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, str | int | bool]", details) if isinstance(details, dict) else {}
