"""Databases for tests: real files, real servers, migrated on request."""

from collections.abc import Sequence
from pathlib import Path

from appliance.base.database.database import Database
from appliance.base.database.migrations import Migration, migrate
from appliance.base.database.opening import open_sqlite
from tests.fakes.clock import DEFAULT_START


def sqlite_database(folder: Path) -> Database:
    """Return an empty database in `folder`; the caller closes it."""
    return open_sqlite(folder / "nodo.db")


def migrated(database: Database, migrations: Sequence[Migration]) -> Database:
    """Return the database after these steps: `database = migrated(database, MIGRATIONS)`."""
    migrate(database, migrations, applied_at=DEFAULT_START, copy_to=None, sqlite_file=None)
    return database
