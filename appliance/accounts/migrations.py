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


def _own_accounts(operations: "Operations") -> None:
    operations.add_column("users", sa.Column("waiting_since", UtcDateTime, nullable=True))
    operations.add_column(
        "users", sa.Column("password_version", sa.Integer, nullable=False, server_default="1")
    )
    operations.add_column("users", sa.Column("last_seen_at", UtcDateTime, nullable=True))
    operations.add_column(
        "users", sa.Column("preferences", sa.JSON(none_as_null=True), nullable=True)
    )
    operations.add_column("sessions", sa.Column("confirmed_at", UtcDateTime, nullable=True))
    operations.add_column("sessions", sa.Column("last_used_at", UtcDateTime, nullable=True))
    for name, length in (("device", 60), ("address", 64)):
        operations.add_column(
            "sessions", sa.Column(name, sa.String(length), nullable=False, server_default="")
        )
    operations.execute("UPDATE sessions SET last_used_at = rotated_at")
    _second_factors(operations)


def _second_factors(operations: "Operations") -> None:
    operations.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("number", sa.String(36), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime, nullable=True),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_second_factors_user_id"),
    )
    operations.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id"),
    )
    operations.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])


def _others_accounts(operations: "Operations") -> None:
    policies = operations.create_table(
        "box_policies",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("registration", sa.String(10), nullable=False),
        sa.Column("admins_read_conversations", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_box_policies"),
        sa.CheckConstraint("id = 1", name="ck_box_policies_one_row"),
    )
    closed = {"id": 1, "registration": "closed", "admins_read_conversations": False}
    operations.bulk_insert(policies, [closed])
    operations.create_table(
        "api_keys",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.String(100), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("last_used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id"),
    )
    operations.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])
    _one_time_codes(operations)
    operations.create_table(
        "demo_people",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("password", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_demo_people"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_demo_people_user_id"),
    )


def _one_time_codes(operations: "Operations") -> None:
    operations.create_table(
        "one_time_codes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("user_id", sa.String(36)),
        sa.Column("made_by", sa.String(36)),
        sa.Column("made_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.Column("used_by_name", sa.String(100), nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_codes"),
        sa.UniqueConstraint("code_hash", name="uq_one_time_codes_code_hash"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_one_time_codes_user_id"),
    )
    operations.create_index("ix_one_time_codes_user_id", "one_time_codes", ["user_id"])
    operations.create_index("ix_one_time_codes_kind", "one_time_codes", ["kind", "id"])


MIGRATIONS: tuple[Migration, ...] = (
    Migration("accounts_users_and_sessions", _users_and_sessions),
    Migration("accounts_own_accounts", _own_accounts),
    Migration("accounts_others_accounts", _others_accounts),
)
