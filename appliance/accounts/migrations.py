"""Steps that make the tables of accounts."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from appliance.base.database.migrations import Migration
from appliance.base.database.types import UtcDateTime

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _users_and_sessions(operations: "Operations") -> None:
    operations.create_table(
        "users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("token_version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    _sessions(operations)
    _box(operations)


def _sessions(operations: "Operations") -> None:
    operations.create_table(
        "sessions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("rotated_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
    )
    operations.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    operations.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _box(operations: "Operations") -> None:
    operations.create_table(
        "box_owner",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("set_up_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_box_owner"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_box_owner_user_id"),
        sa.CheckConstraint("id = 1", name="ck_box_owner_one_row"),
    )
    operations.create_table(
        "box_keys",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_box_keys"),
        sa.CheckConstraint("id = 1", name="ck_box_keys_one_row"),
    )


MIGRATIONS: tuple[Migration, ...] = (Migration("accounts_users_and_sessions", _users_and_sessions),)
