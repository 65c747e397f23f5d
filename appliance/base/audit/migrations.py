"""The steps that make the tables of the audit log."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from appliance.base.database.migrations import Migration
from appliance.base.database.types import UtcDateTime

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _entries(operations: "Operations") -> None:
    operations.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("actor_id", sa.String(36)),
        sa.Column("actor_name", sa.String(100), nullable=False),
        sa.Column("target_kind", sa.String(30), nullable=False),
        sa.Column("target_id", sa.String(64), nullable=False),
        sa.Column("target_name", sa.String(254), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_entries"),
        sa.UniqueConstraint("id", name="uq_audit_entries_id"),
    )
    operations.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    operations.create_index("ix_audit_entries_action", "audit_entries", ["action", "number"])
    operations.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor_id", "number"])


def _end(operations: "Operations") -> None:
    end = operations.create_table(
        "audit_end",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("entry_seal", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_end"),
        sa.CheckConstraint("id = 1", name="ck_audit_end_one_row"),
    )
    # The row that writers lock must be there before the first of them.
    operations.bulk_insert(end, [{"id": 1, "number": 0, "entry_seal": "", "seal": ""}])


def _entries_and_end(operations: "Operations") -> None:
    _entries(operations)
    _end(operations)


MIGRATIONS: tuple[Migration, ...] = (Migration("base_audit", _entries_and_end),)
