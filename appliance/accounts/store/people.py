"""People in the database. Stores have the only SQL of accounts, and never commit."""

from datetime import datetime

from sqlalchemy import (
    Connection,
    Row,
    exists,
    insert,
    select,
    update,
)

from appliance.accounts.model import User
from appliance.accounts.store.policies import box_policies
from appliance.accounts.store.tables import box_owner, second_factors, users

# With what other tables say of a person, so that a `User` is whole wherever it comes from.
PEOPLE = select(
    users,
    exists().where(box_owner.c.user_id == users.c.id).label("is_owner"),
    exists()
    .where(second_factors.c.user_id == users.c.id, second_factors.c.confirmed_at.is_not(None))
    .label("mfa_enabled"),
    exists()
    .where(box_policies.c.admins_read_conversations.is_(True))
    .label("conversations_may_be_read"),
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
            waiting_since=user.waiting_since,
            password_version=user.password_version,
            last_seen_at=user.last_seen_at,
            preferences=user.preferences,
        )
    )


def find_user(connection: Connection, user_id: str) -> User | None:
    """Return the person with this id."""
    row = connection.execute(PEOPLE.where(users.c.id == user_id)).one_or_none()
    return None if row is None else user_of_row(row)


def find_user_by_email(connection: Connection, email: str) -> User | None:
    """Return the person with this (normalised) e-mail address."""
    row = connection.execute(PEOPLE.where(users.c.email == email)).one_or_none()
    return None if row is None else user_of_row(row)


def locked_user(connection: Connection, user_id: str) -> User | None:
    """Like `find_user`; nobody else changes this account before the transaction ends."""
    row = connection.execute(
        PEOPLE.where(users.c.id == user_id).with_for_update(of=users)
    ).one_or_none()
    return None if row is None else user_of_row(row)


def update_profile(connection: Connection, user: User) -> None:
    """Write how a person is called, in which language, and what they prefer."""
    connection.execute(
        update(users)
        .where(users.c.id == user.id)
        .values(name=user.name, language=user.language, preferences=user.preferences)
    )


def update_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Write another hash of the same password."""
    connection.execute(
        update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    )


def update_last_seen(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write when the person was here last."""
    connection.execute(update(users).where(users.c.id == user_id).values(last_seen_at=at))


def disable_user(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write that the person may not sign in, and that no token of theirs counts."""
    connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(disabled_at=at, token_version=users.c.token_version + 1)
    )


def user_of_row(row: Row[tuple[object, ...]]) -> User:
    """Return the person in a row of `PEOPLE`."""
    """Return the person of a row of `PEOPLE`."""
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
        waiting_since=row.waiting_since,
        password_version=row.password_version,
        last_seen_at=row.last_seen_at,
        preferences=row.preferences,
        is_owner=row.is_owner,
        mfa_enabled=row.mfa_enabled,
        conversations_may_be_read=row.conversations_may_be_read,
    )
