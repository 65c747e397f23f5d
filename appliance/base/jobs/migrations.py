"""The steps that make the table of jobs."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Text, text

from appliance.base.database.migrations import Migration
from appliance.base.database.types import UtcDateTime

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _jobs(operations: "Operations") -> None:
    operations.create_table(
        "jobs",
        Column("id", String(36), nullable=False, primary_key=True),
        Column("kind", String(60), nullable=False),
        Column("payload", Text, nullable=False),
        Column("state", String(10), nullable=False),
        Column("priority", Integer, nullable=False),
        Column("unique_key", String(200)),
        Column("attempts", Integer, nullable=False),
        Column("run_at", UtcDateTime),
        Column("created_at", UtcDateTime, nullable=False),
        Column("lease_owner", String(60)),
        Column("lease_token", String(36)),
        Column("lease_until", UtcDateTime),
        Column("last_error", String(500)),
    )
    operations.create_index("ix_jobs_due", "jobs", ["state", "kind", "priority", "id"])
    unfinished = text("state <> 'failed'")
    operations.create_index(
        "uq_jobs_unfinished_key",
        "jobs",
        ["kind", "unique_key"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


MIGRATIONS: tuple[Migration, ...] = (Migration("base_jobs", _jobs),)
