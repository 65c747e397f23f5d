"""Steps that make the tables of providers."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from appliance.base.database.migrations import Migration

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _providers_and_policy(operations: "Operations") -> None:
    operations.create_table(
        "providers",
        sa.Column("id", sa.String(48), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("addresses", sa.JSON, nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("sealed_key", sa.Text, nullable=True),
        sa.Column("first_word_s", sa.Float, nullable=False),
        sa.Column("context_tokens", sa.Integer, nullable=False),
        sa.Column("keep_alive_s", sa.Float, nullable=False),
        sa.Column("eur_per_million_read", sa.Float, nullable=True),
        sa.Column("eur_per_million_written", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_providers"),
    )
    policy = operations.create_table(
        "provider_policy",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("cloud_allowed", sa.Boolean, nullable=False),
        sa.Column("asked_in_order", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_policy"),
        sa.CheckConstraint("id = 1", name="ck_provider_policy_one_row"),
    )
    # Nothing leaves the house until its owner says so.
    row = {"id": 1, "cloud_allowed": False, "asked_in_order": ["local"], "revision": 0}
    operations.bulk_insert(policy, [row])


MIGRATIONS: tuple[Migration, ...] = (Migration("providers_and_policy", _providers_and_policy),)
