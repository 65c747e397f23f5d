"""What the database says of this box itself: who owns it, and with which keys it was made."""

from sqlalchemy import (
    Connection,
    delete,
    exists,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from appliance.accounts.model import User
from appliance.accounts.store import people
from appliance.accounts.store.tables import box_keys, box_owner
from appliance.base.errors import ConflictError


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
