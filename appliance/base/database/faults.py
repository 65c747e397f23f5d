"""What a database's own errors mean for a person."""

from sqlalchemy.exc import DBAPIError

from appliance.base.errors import ApplianceError, StorageFullError, UnavailableError

_SQLITE_BUSY, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_FULL = 5, 8, 10, 13
_POSTGRESQL_DISK_FULL = "53100"


def translated(error: DBAPIError) -> ApplianceError | None:
    """Return our own error for faults of disk or connection; None for faults of the program."""
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    primary_code = sqlite_code & 0xFF if isinstance(sqlite_code, int) else None
    state = getattr(error.orig, "sqlstate", None)
    if primary_code == _SQLITE_FULL or state == _POSTGRESQL_DISK_FULL or _says_full(error):
        return StorageFullError(
            "The disk is full: nothing was saved.",
            hint="Free some space on the box and try again. What was saved before is safe.",
        )
    if primary_code in {_SQLITE_BUSY, _SQLITE_READONLY, _SQLITE_IOERR}:
        return UnavailableError(
            "The database file cannot be written right now.",
            code="database_unavailable",
            hint="Check that the data folder is there and may be written, then try again.",
        )
    if error.connection_invalidated or (state is not None and state[:2] in {"08", "57"}):
        return UnavailableError(
            "The database server does not answer.",
            code="database_unavailable",
            hint="Check that PostgreSQL runs and that NODO_DATABASE_URL is right.",
        )
    return None


def _says_full(error: DBAPIError) -> bool:
    # pysqlite3 0.6 does not set sqlite_errorcode on every build.
    return "database or disk is full" in str(error.orig)
