"""Bringing the database to the shape that this version needs: all of it or nothing."""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Integer, String, Table, inspect, select

from appliance.base.database.damage import remember
from appliance.base.database.database import Database
from appliance.base.database.tables import metadata
from appliance.base.database.transaction import Transaction
from appliance.base.database.types import UtcDateTime
from appliance.base.errors import ConflictError, StorageFullError

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations

log = logging.getLogger(__name__)

schema_steps = Table(
    "schema_steps",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class Migration:
    """One step of the schema. Never changed once released.

    Attributes:
        name: What it does, such as `accounts_users_and_sessions`.
        apply: Makes the change by Alembic's operations, on SQLite and PostgreSQL alike.
    """

    name: str
    apply: "Callable[[Operations], None]"


def migrate(
    database: Database,
    migrations: Sequence[Migration],
    *,
    applied_at: datetime,
    copy_to: Path | None,
    sqlite_file: Path | None,
) -> int:
    """Return how many steps were applied; all of them in one transaction, or none.

    Args:
        database: What is migrated.
        migrations: All steps ever; those of one slice in order. A step is known by its name,
            so that each slice may add its own at the end of its own list.
        applied_at: Time to note beside the steps.
        copy_to: Folder for a copy of the SQLite file before it is touched.
        sqlite_file: That file; None on PostgreSQL, where the server's own backups count.

    Raises:
        ConflictError: If the database was written by a newer version of Nodo.
        ValueError: If two steps have the same name.
        StorageFullError: If there is no room for the copy.
    """
    done = database.read_now(_steps_done)
    _refuse_newer(done, migrations)
    waiting = [migration for migration in migrations if migration.name not in done]
    if waiting and done and sqlite_file is not None and copy_to is not None:
        _copy_before(database, sqlite_file, copy_to, step=len(done))

    def apply_all(transaction: Transaction) -> None:
        connection = transaction.connection
        schema_steps.create(connection, checkfirst=True)
        operations = _operations(connection)
        for number, migration in enumerate(waiting, start=len(done) + 1):
            migration.apply(operations)
            connection.execute(
                schema_steps.insert().values(
                    number=number, name=migration.name, applied_at=applied_at
                )
            )

    if waiting:
        database.write_now(apply_all)
        log.info("database migrated", extra={"steps": [migration.name for migration in waiting]})
    if sqlite_file is not None:
        # Also when nothing waited: an earlier start may have died between its steps and the mark.
        remember(sqlite_file)
    return len(waiting)


def _operations(connection: Connection) -> "Operations":
    from alembic.operations import Operations  # noqa: PLC0415 - see above.
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see above.

    return Operations(MigrationContext.configure(connection))


def _steps_done(connection: Connection) -> list[str]:
    if not inspect(connection).has_table(schema_steps.name):
        return []
    query = select(schema_steps.c.name).order_by(schema_steps.c.number)
    return list(connection.execute(query).scalars())


def _refuse_newer(done: list[str], migrations: Sequence[Migration]) -> None:
    known = {migration.name for migration in migrations}
    if len(known) != len(migrations):
        raise ValueError("two migrations have the same name")
    unknown = [name for name in done if name not in known]
    if unknown:
        raise ConflictError(
            f"The database was written by a newer version of Nodo (step {unknown[0]!r}).",
            code="database_too_new",
            hint="Start that version again, or restore a copy from the backups folder.",
        )


def _copy_before(database: Database, sqlite_file: Path, folder: Path, *, step: int) -> None:
    copy = folder / f"before-step-{step + 1}.db"
    if shutil.disk_usage(folder).free < 2 * sqlite_file.stat().st_size:
        raise StorageFullError(
            f"There is no room in {folder.name} for a copy of the database before its update.",
            hint="Free some space and start Nodo again; nothing was changed.",
        )
    partial = copy.with_suffix(".part")
    partial.unlink(missing_ok=True)

    def copy_all(connection: Connection) -> None:
        source: Any = connection.connection.driver_connection
        target = type(source)(str(partial))
        # One step: a copy in small steps starts again whenever somebody writes.
        source.backup(target)
        target.close()

    database.read_now(copy_all)
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    partial.replace(copy)
