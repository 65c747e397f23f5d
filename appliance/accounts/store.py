"""Accounts in the database: people, their sessions, who owns the box. The only SQL; no commits."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from appliance.accounts.model import Session, User
from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime
from appliance.base.errors import ConflictError

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
    Index("ix_sessions_user_id", "user_id"),
    Index("ix_sessions_expires_at", "expires_at"),
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


def has_users(connection: Connection) -> bool:
    """Return whether anybody has an account."""
    return bool(connection.execute(select(exists(select(users.c.id)))).scalar())


def has_owner(connection: Connection) -> bool:
    """Return whether the box was set up."""
    return bool(connection.execute(select(exists(select(box_owner.c.id)))).scalar())


def insert_owner(connection: Connection, user: User) -> None:
    """Write the first account and that it owns the box.

    Raises:
        ConflictError: If the box has an owner already.
    """
    try:
        insert_user(connection, user)
        connection.execute(
            insert(box_owner).values(id=1, user_id=user.id, set_up_at=user.created_at)
        )
    except IntegrityError as error:
        raise ConflictError(
            "This box was set up already.", code="setup_done", hint="Sign in instead."
        ) from error


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


def insert_session(connection: Connection, session: Session) -> None:
    """Write a new sign-in."""
    connection.execute(
        insert(sessions).values(
            id=session.id,
            user_id=session.user_id,
            generation=session.generation,
            created_at=session.created_at,
            rotated_at=session.rotated_at,
            expires_at=session.expires_at,
            ended_at=session.ended_at,
        )
    )


def find_session(connection: Connection, session_id: str) -> Session | None:
    """Return the sign-in with this id, ended or not."""
    row = connection.execute(select(sessions).where(sessions.c.id == session_id)).one_or_none()
    return None if row is None else _session(row)


def find_open_session(connection: Connection, session_id: str) -> tuple[Session, User] | None:
    """Return a sign-in that was not ended, and its person if they may sign in."""
    session = find_session(connection, session_id)
    if session is None or session.ended_at is not None:
        return None
    user = find_user(connection, session.user_id)
    if user is None or user.disabled_at is not None:
        return None
    return session, user


def locked_session(connection: Connection, session_id: str) -> Session | None:
    """Like `find_session`; nobody else changes it before the transaction ends."""
    row = connection.execute(
        select(sessions).where(sessions.c.id == session_id).with_for_update()
    ).one_or_none()
    return None if row is None else _session(row)


def update_generation(connection: Connection, session: Session) -> None:
    """Write that another refresh token was given out."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session.id)
        .values(generation=session.generation, rotated_at=session.rotated_at)
    )


def end_session(connection: Connection, session_id: str, *, at: datetime) -> None:
    """Write that a sign-in is over; when it first ended stays."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_sessions_of(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write that all sign-ins of a person are over."""
    connection.execute(
        update(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def delete_sessions_over_before(connection: Connection, before: datetime) -> int:
    """Forget sign-ins that ended or expired before then; return how many."""
    result = connection.execute(
        delete(sessions).where(or_(sessions.c.expires_at < before, sessions.c.ended_at < before))
    )
    return result.rowcount


def count_sessions(connection: Connection) -> int:
    """Return how many sign-ins are stored, ended ones included."""
    return connection.execute(select(func.count()).select_from(sessions)).scalar_one()


def find_key_id(connection: Connection) -> str | None:
    """Return the name of the keys that this database belongs to."""
    return connection.execute(select(box_keys.c.key_id)).scalar_one_or_none()


def write_key_id(connection: Connection, key_id: str) -> None:
    """Write the name of the keys that this database belongs to."""
    connection.execute(delete(box_keys))
    connection.execute(insert(box_keys).values(id=1, key_id=key_id))


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


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        generation=row.generation,
        created_at=row.created_at,
        rotated_at=row.rotated_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
