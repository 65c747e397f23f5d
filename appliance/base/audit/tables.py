"""The tables of the audit log: its entries, and where it ends."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

audit_entries = Table(
    "audit_entries",
    metadata,
    # Grows by one without gaps: a missing number is a removed entry.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("action", String(60), nullable=False),
    # No foreign key: what somebody did stays when the person goes.
    Column("actor_id", String(36)),
    Column("actor_name", String(100), nullable=False),
    Column("target_kind", String(30), nullable=False),
    Column("target_id", String(64), nullable=False),
    Column("target_name", String(254), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("address", String(64)),
    Column("details", Text, nullable=False),
    Column("seal", String(64), nullable=False),
    Index("ix_audit_entries_at", "at"),
    Index("ix_audit_entries_action", "action", "number"),
    Index("ix_audit_entries_actor_id", "actor_id", "number"),
)

# One row: without it, entries that are cut off at the end would not be missed.
audit_end = Table(
    "audit_end",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("entry_seal", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
