"""Two small tables, for tests of the database itself."""

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    func,
    select,
)

from appliance.base.database.transaction import Transaction

tables = MetaData()
people = Table("people", tables, Column("id", Integer, primary_key=True), Column("name", String))
dogs = Table(
    "dogs",
    tables,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), nullable=False),
)


def create(tx: Transaction) -> None:
    """Make the tables."""
    tables.create_all(tx.connection)


def add(tx: Transaction, *names: str) -> None:
    """Write people of these names."""
    tx.connection.execute(people.insert(), [{"name": name} for name in names])


def names(connection: Connection) -> list[str]:
    """Return the names of all people, in order of writing."""
    return list(connection.execute(select(people.c.name).order_by(people.c.id)).scalars())


def count(connection: Connection) -> int:
    """Return how many people there are."""
    return connection.execute(select(func.count()).select_from(people)).scalar_one()
