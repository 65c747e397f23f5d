"""What a database's own errors mean for a person."""

from sqlalchemy.exc import DBAPIError, OperationalError

from appliance.base.errors import (
    ApplianceError,
    DatabaseDamagedError,
    InvalidValueError,
    StorageFullError,
    UnavailableError,
)

# https://sqlite.org/rescode.html and PostgreSQL's manual, appendix A.
_SQLITE_BUSY, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_FULL, _SQLITE_CANTOPEN = 5, 8, 10, 13, 14
_SQLITE_CORRUPT, _SQLITE_NOTADB = 11, 26
_POSTGRESQL_DISK_FULL = "53100"
# psycopg refuses it before it asks the server; SQLite takes it.
_NUL_REFUSED = "cannot contain NUL"


def translated(error: DBAPIError) -> ApplianceError | None:
    """Return our own error for faults of disk, connection or value; None for the program's."""
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    primary_code = sqlite_code & 0xFF if isinstance(sqlite_code, int) else None
    state = getattr(error.orig, "sqlstate", None)
    if primary_code == _SQLITE_FULL or state == _POSTGRESQL_DISK_FULL or _says_full(error):
        return StorageFullError(
            "The disk is full: nothing was saved.",
            hint="Free some space on the box and try again. What was saved before is safe.",
        )
    if primary_code in {_SQLITE_CORRUPT, _SQLITE_NOTADB}:
        return DatabaseDamagedError(
            f"The database file is damaged: {error.orig}.",
            hint="Stop Nodo and restore a copy from the folder 'backups'.",
        )
    if primary_code in {_SQLITE_BUSY, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_CANTOPEN}:
        return UnavailableError(
            "The database file cannot be written right now.",
            code="database_unavailable",
            hint="Check that the data folder is there and may be written, then try again.",
        )
    if _NUL_REFUSED in str(error.orig):
        return InvalidValueError(
            "A value holds the character NUL, which this database does not keep.",
            hint="Leave it away.",
        )
    if error.connection_invalidated or _is_lost(error, state):
        return UnavailableError(
            "The database server does not answer.",
            code="database_unavailable",
            hint="Check that PostgreSQL runs and that NODO_DATABASE_URL is right.",
        )
    return None


def _is_lost(error: DBAPIError, state: str | None) -> bool:
    if state is None:
        # psycopg gives no code when it could not even connect.
        return isinstance(error, OperationalError) and hasattr(error.orig, "sqlstate")
    # Connection faults, a server that shuts down or cuts us off, deadlocks, too many clients.
    return state[:2] in {"08", "57", "40", "53"}


def _says_full(error: DBAPIError) -> bool:
    # pysqlite3 0.6 does not set sqlite_errorcode on every build.
    return "database or disk is full" in str(error.orig)
