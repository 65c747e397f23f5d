"""People in the database. Stores have the only SQL of accounts, and never commit."""

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    exists,
    insert,
    select,
    update,
)

from appliance.accounts.model import User
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
    UniqueConstraint("email"),
)


def has_users(connection: Connection) -> bool:
    """Return whether anybody has an account."""
    return bool(connection.execute(select(exists(select(users.c.id)))).scalar())


def insert_user(connection: Connection, user: User) -> None:
    """Write a new account."""
    connection.execute(
        insert(users).values(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role,
            language=user.language,
            password_hash=user.password_hash,
            token_version=user.token_version,
            created_at=user.created_at,
            disabled_at=user.disabled_at,
        )
    )


def find_user(connection: Connection, user_id: str) -> User | None:
    """Return the person with this id."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    return None if row is None else _user(row)


def find_user_by_email(connection: Connection, email: str) -> User | None:
    """Return the person with this (normalised) e-mail address."""
    row = connection.execute(select(users).where(users.c.email == email)).one_or_none()
    return None if row is None else _user(row)


def locked_user(connection: Connection, user_id: str) -> User | None:
    """Like `find_user`; nobody else changes this account before the transaction ends."""
    row = connection.execute(
        select(users).where(users.c.id == user_id).with_for_update()
    ).one_or_none()
    return None if row is None else _user(row)


def update_profile(connection: Connection, user_id: str, *, name: str, language: str) -> None:
    """Write how a person is called and in which language."""
    connection.execute(
        update(users).where(users.c.id == user_id).values(name=name, language=language)
    )


def update_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Write another hash of the same password."""
    connection.execute(
        update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    )


def disable_user(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write that the person may not sign in, and that no token of theirs counts."""
    connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(disabled_at=at, token_version=users.c.token_version + 1)
    )


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        language=row.language,
        password_hash=row.password_hash,
        token_version=row.token_version,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
