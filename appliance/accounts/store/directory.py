"""Everybody who has an account, as administrators see and change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from appliance.accounts.model import User
from appliance.accounts.store import people
from appliance.accounts.store.tables import recovery_codes, second_factors, sessions, users
from appliance.base.errors import ConflictError


class State(StrEnum):
    """Whether a person may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"
    WAITING = "waiting"


_STATES: Mapping[State, ColumnElement[bool]] = {
    State.ACTIVE: and_(users.c.disabled_at.is_(None), users.c.waiting_since.is_(None)),
    State.DISABLED: users.c.disabled_at.is_not(None),
    State.WAITING: and_(users.c.disabled_at.is_(None), users.c.waiting_since.is_not(None)),
}


@dataclass(frozen=True)
class PeopleFilter:
    """Who is wanted; what is None does not matter.

    Attributes:
        query: A part of a name or an e-mail address.
        role: One role.
        state: One state.
    """

    query: str | None = None
    role: str | None = None
    state: State | None = None


def state_of(user: User) -> State:
    """Return whether the person may sign in."""
    if user.disabled_at is not None:
        return State.DISABLED
    return State.ACTIVE if user.waiting_since is None else State.WAITING


def list_people(
    connection: Connection, wanted: PeopleFilter, *, before_id: str | None, limit: int
) -> list[User]:
    """Return people, newest account first, of those whose account is older than `before_id`."""
    query = people.PEOPLE.order_by(users.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(users.c.id < before_id)
    if wanted.query is not None:
        query = query.where(
            or_(
                users.c.name.icontains(wanted.query, autoescape=True),
                users.c.email.icontains(wanted.query, autoescape=True),
            )
        )
    if wanted.role is not None:
        query = query.where(users.c.role == wanted.role)
    if wanted.state is not None:
        query = query.where(_STATES[wanted.state])
    return [people.user_of_row(row) for row in connection.execute(query)]


def count_people(connection: Connection, state: State) -> int:
    """Return how many people are in this state."""
    query = select(func.count()).select_from(users).where(_STATES[state])
    return connection.execute(query).scalar_one()


def locked_administrators(connection: Connection, *, role: str) -> list[User]:
    """Return all who have this role and may sign in; nobody changes them before the end.

    Whoever waited for the lock sees what the one before has made of them.
    """
    query = (
        people.PEOPLE.where(users.c.role == role, _STATES[State.ACTIVE])
        .order_by(users.c.id)
        .with_for_update(of=users)
    )
    return [people.user_of_row(row) for row in connection.execute(query)]


def lock_sign_ins_of(connection: Connection, user_id: str) -> None:
    """Keep a person's open sign-ins as they are until the transaction ends."""
    query = select(sessions.c.id).where(
        sessions.c.user_id == user_id, sessions.c.ended_at.is_(None)
    )
    connection.execute(query.order_by(sessions.c.id).with_for_update()).all()


def add_person(connection: Connection, user: User) -> None:
    """Write a new account.

    Raises:
        ConflictError: If somebody has that e-mail address.
    """
    try:
        people.insert_user(connection, user)
    except IntegrityError as error:
        raise email_taken() from error


def change_person(connection: Connection, user_id: str, **columns: Any) -> None:
    """Write these columns of a person.

    Raises:
        ConflictError: If somebody else has that e-mail address.
    """
    try:
        connection.execute(update(users).where(users.c.id == user_id).values(**columns))
    except IntegrityError as error:
        raise email_taken() from error


def set_password(connection: Connection, user_id: str, password_hash: str) -> None:
    """Write a new password; no token and no known device of before counts any more."""
    change_person(
        connection,
        user_id,
        password_hash=password_hash,
        token_version=users.c.token_version + 1,
        password_version=users.c.password_version + 1,
    )


def remove_second_factor(connection: Connection, user_id: str) -> None:
    """Forget a person's second factor and the codes on paper that stand in for it."""
    connection.execute(delete(second_factors).where(second_factors.c.user_id == user_id))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


def remove_person(connection: Connection, user_id: str) -> None:
    """Remove an account that nothing hangs on."""
    connection.execute(delete(users).where(users.c.id == user_id))


def email_taken() -> ConflictError:
    """Return the refusal of an e-mail address that somebody has."""
    return ConflictError(
        "Somebody on this box has this e-mail address.",
        code="email_taken",
        hint="Take another one, or sign in with that account.",
        field="email",
    )
