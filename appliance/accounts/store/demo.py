"""Which accounts are for trying out, in the database."""

from collections.abc import Collection

from sqlalchemy import Column, Connection, ForeignKey, String, Table, delete, insert, select

from appliance.accounts.model import User
from appliance.accounts.store import people
from appliance.accounts.store.api_keys import api_keys
from appliance.accounts.store.codes import one_time_codes
from appliance.accounts.store.tables import recovery_codes, second_factors, sessions, users
from appliance.base.database.tables import metadata

demo_people = Table(
    "demo_people",
    metadata,
    Column("user_id", String(36), ForeignKey(users.c.id), primary_key=True),
    # Shown to everybody on the sign-in page: it protects nothing.
    Column("password", String(40), nullable=False),
)
_HANGING_ON_PEOPLE = (
    sessions,
    api_keys,
    one_time_codes,
    second_factors,
    recovery_codes,
    demo_people,
)


def insert_demo_person(connection: Connection, user: User, password: str) -> None:
    """Write an account for trying out."""
    people.insert_user(connection, user)
    connection.execute(insert(demo_people).values(user_id=user.id, password=password))


def list_demo_ids(connection: Connection) -> list[str]:
    """Return the ids of all accounts for trying out."""
    query = select(demo_people.c.user_id).order_by(demo_people.c.user_id)
    return list(connection.execute(query).scalars())


def list_demo_people(connection: Connection) -> list[tuple[User, str]]:
    """Return the accounts for trying out whose people may sign in, and their passwords."""
    query = select(demo_people.c.user_id, demo_people.c.password)
    passwords = {row.user_id: row.password for row in connection.execute(query)}
    found = [people.find_user(connection, user_id) for user_id in sorted(passwords)]
    return [(user, passwords[user.id]) for user in found if user is not None and user.may_sign_in]


def remove_demo_people(connection: Connection, user_ids: Collection[str]) -> None:
    """Remove these accounts with all that accounts know of them."""
    for table in _HANGING_ON_PEOPLE:
        connection.execute(delete(table).where(table.c.user_id.in_(user_ids)))
    connection.execute(delete(users).where(users.c.id.in_(user_ids)))
