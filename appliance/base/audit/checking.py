"""Whether the audit log is as it was written: all seals, from the first entry to the end."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from appliance.base.audit.model import ChainReport
from appliance.base.audit.sealing import FIRST_SEAL, seal_of_end, seal_of_entry
from appliance.base.audit.tables import audit_end, audit_entries
from appliance.base.database.database import Database

_AT_ONCE = 1000


@dataclass(frozen=True)
class _End:
    number: int
    entry_seal: str
    seal: str
    has_surplus: bool


@dataclass(frozen=True)
class _Walk:
    """How far the chain holds."""

    number: int
    seal: str
    broken_id: str | None = None


class ChainCheck:
    """Looks at all seals, in pieces, so that neither memory nor other readers suffer."""

    def __init__(self, database: Database, *, key: bytes) -> None:
        self._database = database
        self._key = key

    async def verified(self) -> ChainReport:
        """Return what was found; entries that are written meanwhile are not looked at."""
        end = await self._database.read(_find_end)
        if end is None:
            return ChainReport(ok=False, entries=0)
        walk = _Walk(0, FIRST_SEAL)
        while walk.number < end.number and walk.broken_id is None:
            upto = min(walk.number + _AT_ONCE, end.number)
            further = await self._database.read(
                lambda connection, walk=walk, upto=upto: self._walked(connection, walk, upto)
            )
            if further.number < upto and further.broken_id is None:
                return ChainReport(ok=False, entries=further.number)
            walk = further
        is_end = walk.seal == end.entry_seal and end.seal == seal_of_end(
            self._key, end.number, end.entry_seal
        )
        is_whole = is_end and walk.broken_id is None and not end.has_surplus
        return ChainReport(ok=is_whole, entries=walk.number, first_broken_id=walk.broken_id)

    def _walked(self, connection: Connection, walk: _Walk, upto: int) -> _Walk:
        number, seal = walk.number, walk.seal
        query = (
            select(audit_entries)
            .where(audit_entries.c.number > number, audit_entries.c.number <= upto)
            .order_by(audit_entries.c.number)
        )
        for row in connection.execute(query).mappings():
            number, seal = number + 1, seal_of_entry(self._key, seal, dict(row))
            if row["number"] != number or row["seal"] != seal:
                return _Walk(number, seal, broken_id=row["id"])
        return _Walk(number, seal)


def _find_end(connection: Connection) -> _End | None:
    row = connection.execute(select(audit_end)).one_or_none()
    if row is None:
        return None
    outside = or_(audit_entries.c.number > row.number, audit_entries.c.number < 1)
    surplus = connection.execute(
        select(func.count()).select_from(audit_entries).where(outside)
    ).scalar_one()
    return _End(row.number, row.entry_seal, row.seal, has_surplus=surplus > 0)
