"""What the database says of this box itself: who owns it, and with which keys it was made."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    exists,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from appliance.accounts.model import User
from appliance.accounts.store import people
from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime
from appliance.base.errors import ConflictError

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


def has_owner(connection: Connection) -> bool:
    """Return whether the box was set up."""
    return bool(connection.execute(select(exists(select(box_owner.c.id)))).scalar())


def insert_owner(connection: Connection, user: User) -> None:
    """Write the first account and that it owns the box.

    Raises:
        ConflictError: If the box has an owner already.
    """
    try:
        people.insert_user(connection, user)
        connection.execute(
            insert(box_owner).values(id=1, user_id=user.id, set_up_at=user.created_at)
        )
    except IntegrityError as error:
        raise ConflictError(
            "This box was set up already.", code="setup_done", hint="Sign in instead."
        ) from error


def find_key_id(connection: Connection) -> str | None:
    """Return the name of the keys that this database belongs to."""
    return connection.execute(select(box_keys.c.key_id)).scalar_one_or_none()


def write_key_id(connection: Connection, key_id: str) -> None:
    """Write the name of the keys that this database belongs to."""
    connection.execute(delete(box_keys))
    connection.execute(insert(box_keys).values(id=1, key_id=key_id))
