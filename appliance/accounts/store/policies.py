"""What holds for everybody, in the database."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    select,
    update,
)

from appliance.accounts.policy import Policies, Registration
from appliance.base.database.tables import metadata

# One row, which is there from the migration on.
box_policies = Table(
    "box_policies",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("registration", String(10), nullable=False),
    Column("admins_read_conversations", Boolean, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)


def policies_of(connection: Connection) -> Policies:
    """Return what holds now."""
    return _policies(connection.execute(select(box_policies)).one())


def locked_policies(connection: Connection) -> Policies:
    """Like `policies_of`; nobody else changes them before the transaction ends."""
    return _policies(connection.execute(select(box_policies).with_for_update()).one())


def write_policies(connection: Connection, policies: Policies) -> None:
    """Write what holds from now on."""
    connection.execute(
        update(box_policies).values(
            registration=policies.registration.value,
            admins_read_conversations=policies.admins_read_conversations,
        )
    )


def _policies(row: Row[tuple[object, ...]]) -> Policies:
    return Policies(
        registration=Registration(row.registration),
        admins_read_conversations=row.admins_read_conversations,
    )
