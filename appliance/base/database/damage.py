"""Noticing a damaged or vanished database at the start, instead of starting empty."""

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from appliance.base.database.database import Database
from appliance.base.errors import DatabaseDamagedError

_HINT = (
    "Nothing was changed. Restore a copy from the folder 'backups', or ask for help and keep "
    "the file as it is."
)


def damage_of(connection: Connection) -> str | None:
    """Return what is wrong with the SQLite file, in SQLite's words; None if it is sound.

    Reads the whole file, without comparing indexes: about a second per gigabyte on an SSD.
    """
    try:
        found: str = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except DatabaseError as error:
        return str(error.orig)
    return None if found == "ok" else found


def refuse_damaged(database: Database) -> None:
    """Check the file before anything is written to it; PostgreSQL looks after itself.

    Raises:
        DatabaseDamagedError: If the SQLite file is damaged.
    """
    if database.dialect != "sqlite":
        return
    damage = database.read_now(damage_of)
    if damage is not None:
        raise DatabaseDamagedError(f"The database file is damaged: {damage}.", hint=_HINT)


def refuse_vanished(file: Path) -> None:
    """Check, before the file is opened and so made anew, that it has not vanished.

    Raises:
        DatabaseDamagedError: If this folder has had a database that is gone or empty now.
    """
    if not _marker(file).exists():
        return
    if not file.exists() or file.stat().st_size == 0:
        raise DatabaseDamagedError(
            f"The database file {file.name} is {'empty' if file.exists() else 'gone'}, "
            "although this data folder has had one.",
            hint=f"{_HINT} To begin anew on purpose, delete {_marker(file).name} too.",
        )


def remember(file: Path) -> None:
    """Leave a mark beside the file, for `refuse_vanished`, that there is a database now."""
    marker = _marker(file)
    # Only once: nothing has to be written for a mark that is there.
    if not marker.exists():
        marker.touch()


def _marker(file: Path) -> Path:
    return file.with_name(f"{file.name}.made")
