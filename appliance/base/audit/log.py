"""Writing to the audit log: inside the transaction of what is noted, in one order for all."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from appliance.base.audit.checking import ChainCheck
from appliance.base.audit.model import AuditEntry
from appliance.base.audit.sealing import seal_of_end, seal_of_entry
from appliance.base.audit.tables import audit_end, audit_entries
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.ids import Ids

_UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"


class AuditLog:
    """The audit log of this box.

    Args:
        key: Seals the entries; from the box's keys.
        clock: When something was noted.
        ids: Names entries.
    """

    def __init__(self, *, key: bytes, clock: Clock, ids: Ids) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids

    def record(self, tx: Transaction, entry: AuditEntry) -> None:
        """Note this, if and only if the transaction commits.

        To note a refusal, let the transaction end and raise afterwards.
        """
        columns = {"id": self._ids.new_id(), "at": self._clock.now(), **_columns(entry)}
        # Last of all: writers go in single file from here to their commit, and who locked other
        # rows after that could wait for somebody who waits for us.
        tx.before_commit(lambda: self._append(tx.connection, columns))

    def chain_of(self, database: Database) -> ChainCheck:
        """Return what looks at all seals of this log."""
        return ChainCheck(database, key=self._key)

    def _append(self, connection: Connection, columns: Mapping[str, object]) -> None:
        end = connection.execute(
            select(audit_end.c.number, audit_end.c.entry_seal).with_for_update()
        ).one()
        number = end.number + 1
        row = {"number": number, **columns}
        seal = seal_of_entry(self._key, end.entry_seal, row)
        connection.execute(insert(audit_entries).values(**row, seal=seal))
        end_seal = seal_of_end(self._key, number, seal)
        connection.execute(update(audit_end).values(number=number, entry_seal=seal, seal=end_seal))


def _columns(entry: AuditEntry) -> dict[str, str | None]:
    address = entry.address
    return {
        "action": entry.action,
        "actor_id": entry.actor_id,
        "actor_name": _shown(entry.actor_name, 100),
        "target_kind": entry.target_kind,
        "target_id": _shown(entry.target_id, 64),
        "target_name": _shown(entry.target_name, 254),
        "outcome": entry.outcome.value,
        "address": None if address is None else _shown(address, 64),
        # ASCII: PostgreSQL takes neither NUL nor half of a surrogate pair.
        "details": json.dumps(dict(entry.details), sort_keys=True),
    }


def _shown(text: str, most: int) -> str:
    # A refused sign-in may name anything, also what no database can hold.
    return "".join(c if c.isprintable() else _UNSHOWABLE for c in text[:most])
