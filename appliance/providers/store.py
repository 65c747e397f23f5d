"""Providers in the database, their keys sealed; never commits."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from appliance.base.database.tables import metadata
from appliance.engine.providers.model import Provider, ProviderKind

providers = Table(
    "providers",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("addresses", JSON, nullable=False),
    Column("model", String(200), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("sealed_key", Text, nullable=True),
    Column("first_word_s", Float, nullable=False),
    Column("context_tokens", Integer, nullable=False),
    Column("keep_alive_s", Float, nullable=False),
    Column("eur_per_million_read", Float, nullable=True),
    Column("eur_per_million_written", Float, nullable=True),
)

# One row, which is there from the migration on.
provider_policy = Table(
    "provider_policy",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("cloud_allowed", Boolean, nullable=False),
    Column("asked_in_order", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)


@dataclass(frozen=True)
class StoredPolicy:
    """What holds for all providers.

    Attributes:
        cloud_allowed: Whether anything may leave the house.
        order: Ids, who is asked first first.
        revision: Grows with each change.
    """

    cloud_allowed: bool
    order: tuple[str, ...]
    revision: int


def list_providers(connection: Connection) -> list[tuple[Provider, str | None]]:
    """Return all providers, without their keys, each with its sealed one."""
    rows = connection.execute(select(providers).order_by(providers.c.id))
    return [(_provider(row), row.sealed_key) for row in rows]


def add_provider(connection: Connection, provider: Provider, sealed_key: str | None) -> None:
    """Write a new provider."""
    connection.execute(insert(providers).values(**_values(provider), sealed_key=sealed_key))


def write_provider(connection: Connection, provider: Provider, sealed_key: str | None) -> None:
    """Write what is different about a provider."""
    which = update(providers).where(providers.c.id == provider.id)
    connection.execute(which.values(**_values(provider), sealed_key=sealed_key))


def remove_provider(connection: Connection, provider_id: str) -> None:
    """Remove a provider with its key."""
    connection.execute(delete(providers).where(providers.c.id == provider_id))


def locked_policy(connection: Connection) -> StoredPolicy:
    """Return what holds; nobody else changes it before the transaction ends."""
    return _policy(connection.execute(select(provider_policy).with_for_update()).one())


def policy_of(connection: Connection) -> StoredPolicy:
    """Return what holds."""
    return _policy(connection.execute(select(provider_policy)).one())


def write_policy(connection: Connection, policy: StoredPolicy) -> None:
    """Write what holds from now on."""
    connection.execute(
        update(provider_policy).values(
            cloud_allowed=policy.cloud_allowed,
            asked_in_order=list(policy.order),
            revision=policy.revision,
        )
    )


def _values(provider: Provider) -> dict[str, object]:
    return {
        "id": provider.id,
        "name": provider.name,
        "kind": provider.kind.value,
        "addresses": list(provider.addresses),
        "model": provider.model,
        "is_enabled": provider.is_enabled,
        "first_word_s": provider.first_word_s,
        "context_tokens": provider.context_tokens,
        "keep_alive_s": provider.keep_alive_s,
        "eur_per_million_read": provider.eur_per_million_read,
        "eur_per_million_written": provider.eur_per_million_written,
    }


def _provider(row: Row[Any]) -> Provider:
    return Provider(
        id=row.id,
        name=row.name,
        kind=ProviderKind(row.kind),
        addresses=tuple(row.addresses),
        model=row.model,
        is_enabled=row.is_enabled,
        first_word_s=row.first_word_s,
        context_tokens=row.context_tokens,
        keep_alive_s=row.keep_alive_s,
        eur_per_million_read=row.eur_per_million_read,
        eur_per_million_written=row.eur_per_million_written,
    )


def _policy(row: Row[Any]) -> StoredPolicy:
    return StoredPolicy(row.cloud_allowed, tuple(row.asked_in_order), row.revision)
