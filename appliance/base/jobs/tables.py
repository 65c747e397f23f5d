"""The table of jobs: what is to be done, what is being done, and what was given up."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

WAITING, RUNNING, FAILED = "waiting", "running", "failed"

UNFINISHED = text("state <> 'failed'")

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("priority", Integer, nullable=False),
    # No two unfinished jobs of a kind have the same one.
    Column("unique_key", String(200)),
    # Attempts begun, the running one included.
    Column("attempts", Integer, nullable=False),
    # Not before this instant; empty means at once, whatever the clock says.
    Column("run_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("lease_owner", String(60)),
    Column("lease_token", String(36)),
    Column("lease_until", UtcDateTime),
    Column("last_error", String(500)),
    Index("ix_jobs_due", "state", "kind", "priority", "id"),
    Index(
        "uq_jobs_unfinished_key",
        "kind",
        "unique_key",
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    ),
)
