"""Which accounts are for trying out, in the database."""

from collections.abc import Mapping

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


def list_demo_people(connection: Connection) -> Mapping[str, tuple[User, str]]:
    """Return the accounts for trying out that may sign in, and their passwords, by id."""
    passwords = dict(connection.execute(select(demo_people)).tuples().all())
    found = [people.find_user(connection, user_id) for user_id in sorted(passwords)]
    return {user.id: (user, passwords[user.id]) for user in found if user is not None}


def remove_demo_people(connection: Connection) -> None:
    """Remove the accounts for trying out with all that accounts know of them."""
    theirs = select(demo_people.c.user_id)
    user_ids = list(connection.execute(theirs).scalars())
    for table in _HANGING_ON_PEOPLE:
        connection.execute(delete(table).where(table.c.user_id.in_(user_ids)))
    connection.execute(delete(users).where(users.c.id.in_(user_ids)))
