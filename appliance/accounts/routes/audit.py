"""The addresses of the audit log."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from appliance.accounts.auditing import Auditing
from appliance.accounts.routes.acting import Administrator
from appliance.accounts.routes.paging import Cursor, Limit, number_cursor
from appliance.accounts.schemas.audit import ChainOut, EntriesOut, chain_out, entry_out
from appliance.base.audit.model import AuditFilter, Outcome

_Text = Annotated[str | None, Query(max_length=100)]


def _wanted(
    actor: _Text = None,
    action: _Text = None,
    outcome: Outcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AuditFilter:
    return AuditFilter(
        actor=actor or None,
        action=action or None,
        outcome=outcome,
        since=_in_utc(since),
        until=_in_utc(until),
    )


FileKind = Annotated[Literal["csv", "jsonl"], Query(alias="format")]
Wanted = Annotated[AuditFilter, Depends(_wanted)]


def add_audit_routes(router: APIRouter, auditing: Auditing) -> None:
    """Add looking at the audit log."""

    @router.get("/audit", summary="Who did what")
    async def entries(
        _actor: Administrator, wanted: Wanted, limit: Limit = 50, cursor: Cursor = None
    ) -> EntriesOut:
        before = number_cursor(cursor)
        found = await auditing.list_newest(wanted, before=before, limit=limit + 1)
        more = str(found[limit - 1].number) if len(found) > limit else None
        return EntriesOut(items=[entry_out(entry) for entry in found[:limit]], next_cursor=more)

    @router.get("/audit/export", summary="Who did what, as a file")
    async def export(
        _actor: Administrator, wanted: Wanted, kind: FileKind = "csv"
    ) -> StreamingResponse:
        is_csv = kind == "csv"
        return StreamingResponse(
            auditing.csv(wanted) if is_csv else auditing.jsonl(wanted),
            media_type="text/csv; charset=utf-8" if is_csv else "application/jsonl",
            headers={
                "Content-Disposition": f'attachment; filename="nodo-audit.{kind}"',
                "Cache-Control": "no-store",
            },
        )

    @router.get("/audit/check", summary="Whether nobody has changed the audit log")
    async def check(_actor: Administrator) -> ChainOut:
        return chain_out(await auditing.check())


def _in_utc(instant: datetime | None) -> datetime | None:
    # A time without a zone is one of ours, and those are UTC.
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)
