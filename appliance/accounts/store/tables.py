"""The tables of accounts."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(2), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("token_version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime, nullable=True),
    Column("waiting_since", UtcDateTime, nullable=True),
    Column("password_version", Integer, nullable=False, server_default="1"),
    Column("last_seen_at", UtcDateTime, nullable=True),
    Column("preferences", JSON(none_as_null=True), nullable=True),
    UniqueConstraint("email"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("rotated_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("confirmed_at", UtcDateTime, nullable=True),
    Column("last_used_at", UtcDateTime, nullable=True),
    Column("device", String(60), nullable=False, server_default=""),
    Column("address", String(64), nullable=False, server_default=""),
    Index("ix_sessions_user_id", "user_id"),
    Index("ix_sessions_expires_at", "expires_at"),
)

# The second factor of a person. Its secret is not here: it is made of this row's number and the
# key file (docs/decisions/0011-signing-in.md).
second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", String(36), ForeignKey("users.id"), primary_key=True),
    Column("number", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime, nullable=True),
    # Of the last code that was accepted: none is accepted twice.
    Column("last_step", Integer, nullable=False),
)

# Codes that a person keeps on paper, each good once; keyed hashes only.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    Index("ix_recovery_codes_user_id", "user_id"),
)

# One row at most, which is what makes a second owner impossible.
box_owner = Table(
    "box_owner",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("set_up_at", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# With which key file the hashes and sessions here were made.
box_keys = Table(
    "box_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key_id", String(32), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
