"""Keys of programs in the database."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from appliance.accounts.api_key import ApiKey
from appliance.accounts.model import User
from appliance.accounts.store import people
from appliance.accounts.store.tables import users
from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("user_id", String(36), ForeignKey(users.c.id), nullable=False),
    Column("name", String(100), nullable=False),
    # Words, in order of the alphabet.
    Column("scopes", String(100), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Index("ix_api_keys_user_id", "user_id"),
)


def insert_key(connection: Connection, key: ApiKey) -> None:
    """Write a new key."""
    connection.execute(
        insert(api_keys).values(
            id=key.id,
            user_id=key.user_id,
            name=key.name,
            scopes=" ".join(sorted(key.scopes)),
            secret_hash=key.secret_hash,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )
    )


def list_keys_of(connection: Connection, user_id: str) -> list[ApiKey]:
    """Return a person's keys, newest first."""
    query = (
        select(api_keys)
        .where(api_keys.c.user_id == user_id)
        .order_by(api_keys.c.created_at.desc(), api_keys.c.id)
    )
    return [_key(row) for row in connection.execute(query)]


def find_key(connection: Connection, key_id: str) -> ApiKey | None:
    """Return the key with this id."""
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    return None if row is None else _key(row)


def find_usable_key(connection: Connection, key_id: str) -> tuple[ApiKey, User] | None:
    """Return a key, and its person if they may sign in."""
    key = find_key(connection, key_id)
    user = key and people.find_user(connection, key.user_id)
    return (key, user) if key is not None and user is not None and user.may_sign_in else None


def note_key_used(connection: Connection, key_id: str, *, at: datetime) -> None:
    """Write when a key was used."""
    connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))


def delete_keys(connection: Connection, key_ids: Collection[str]) -> None:
    """Forget these keys."""
    connection.execute(delete(api_keys).where(api_keys.c.id.in_(key_ids)))


def delete_keys_of(connection: Connection, user_id: str) -> None:
    """Forget all keys of a person."""
    connection.execute(delete(api_keys).where(api_keys.c.user_id == user_id))


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
