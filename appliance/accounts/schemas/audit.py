"""The wire shapes of the audit log (docs/api.md, "Audit log")."""

from datetime import datetime

from pydantic import BaseModel

from appliance.base.audit.model import ChainReport, LoggedEntry, Outcome


class EntryOut(BaseModel):
    """One entry."""

    id: str
    created_at: datetime
    action: str
    actor_id: str | None
    actor_name: str
    target_kind: str
    target_id: str
    target_name: str
    outcome: Outcome
    address: str | None
    details: dict[str, str | int | bool]


class EntriesOut(BaseModel):
    """A page of entries, newest first."""

    items: list[EntryOut]
    next_cursor: str | None


class ChainOut(BaseModel):
    """Whether the log is as it was written."""

    ok: bool
    entries: int
    first_broken_id: str | None


def entry_out(logged: LoggedEntry) -> EntryOut:
    """Return an entry as it travels."""
    entry = logged.entry
    return EntryOut(
        id=logged.id,
        created_at=logged.at,
        action=entry.action,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        target_name=entry.target_name,
        outcome=entry.outcome,
        address=entry.address,
        details=dict(entry.details),
    )


def chain_out(report: ChainReport) -> ChainOut:
    """Return what was found as it travels."""
    return ChainOut(ok=report.ok, entries=report.entries, first_broken_id=report.first_broken_id)
