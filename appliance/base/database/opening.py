"""Opening the database: SQLite in the data folder, or PostgreSQL by its address."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from appliance.base.database.damage import refuse_vanished
from appliance.base.database.database import Database
from appliance.base.errors import SettingError

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database (https://sqlite.org/wal.html, "WAL reset bug").
_OLDEST_SAFE_SQLITE = (3, 51, 3)
_READER_THREADS = 4
_LARGEST_IDLE_WAL_BYTES = 64 * 1024 * 1024
_POSTGRESQL_WRITERS = 4
# The text of an error goes into the log; what people wrote, and hashes, do not.
_HIDES_VALUES = True
# A hung statement, a lock or a forgotten transaction must not hold our few threads for ever.
_POSTGRESQL_LIMITS = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
)


def open_sqlite(file: Path) -> Database:
    """Return the database in `file`, created if it is missing.

    Raises:
        SettingError: If the SQLite library is too old to be safe with our settings.
        DatabaseDamagedError: If the folder has had a database and the file is gone or empty.
    """
    refuse_vanished(file)
    module = _sqlite_module()
    _refuse_unsafe_sqlite(module.sqlite_version_info, module.sqlite_version)
    writer = _sqlite_engine(file, module, begin="BEGIN IMMEDIATE", pool_size=1, read_only=False)
    reader = _sqlite_engine(file, module, begin="BEGIN", pool_size=_READER_THREADS, read_only=True)
    return Database(writer=writer, reader=reader, writer_threads=1, reader_threads=_READER_THREADS)


def open_postgresql(url: str) -> Database:
    """Return the PostgreSQL database at `url` (`postgresql://…`).

    Raises:
        SettingError: If the address is not a PostgreSQL address.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        # Never the address itself: it may hold a password.
        raise SettingError("database_url is not an address like postgresql://…") from error
    if address.get_backend_name() != "postgresql":
        raise SettingError(
            f"database_url starts with {address.get_backend_name()!r}; "
            "allowed are postgresql:// addresses, or nothing for SQLite in the data folder"
        )
    options: dict[str, Any] = {
        "pool_pre_ping": True,
        "pool_timeout": 10,
        "hide_parameters": _HIDES_VALUES,
        "connect_args": {"connect_timeout": 5, "options": _POSTGRESQL_LIMITS},
    }
    address = address.set(drivername="postgresql+psycopg")
    writer = create_engine(address, pool_size=_POSTGRESQL_WRITERS, max_overflow=0, **options)
    reader = create_engine(
        address,
        pool_size=_READER_THREADS,
        max_overflow=0,
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
        **options,
    )
    return Database(
        writer=writer,
        reader=reader,
        writer_threads=_POSTGRESQL_WRITERS,
        reader_threads=_READER_THREADS,
    )


def sqlite_version() -> str:
    """Return the version of SQLite that Nodo uses.

    Raises:
        SettingError: If it is too old to be safe with our settings.
    """
    module = _sqlite_module()
    _refuse_unsafe_sqlite(module.sqlite_version_info, module.sqlite_version)
    return str(module.sqlite_version)


def _sqlite_module() -> Any:
    try:
        from pysqlite3 import dbapi2  # type: ignore[import-untyped]
    except ImportError:  # No wheel for this system: its own SQLite, if that is new enough.
        import sqlite3 as dbapi2
    return dbapi2


def _refuse_unsafe_sqlite(version: tuple[int, ...], text: str) -> None:
    if version < _OLDEST_SAFE_SQLITE:
        raise SettingError(
            f"SQLite {text} can damage its file when Nodo writes; 3.51.3 or newer is needed",
            hint="Install the Python package pysqlite3 (0.6.1 or newer).",
        )


def _sqlite_engine(
    file: Path, module: Any, *, begin: str, pool_size: int, read_only: bool
) -> Engine:
    engine = create_engine(
        # Not as text: a folder's name may hold ? and %.
        URL.create("sqlite+pysqlite", database=str(file)),
        module=module,
        hide_parameters=_HIDES_VALUES,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        # Threads come from our own executors; a connection is used by one of them at a time.
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    def prepare(connection: Any, _record: object) -> None:
        # The driver's own transactions start too late (at the first write): we begin ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: with NORMAL a power cut loses commits that were already acknowledged.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-4000")
        # One burst of writes must not keep its space on the disk for ever.
        cursor.execute(f"PRAGMA journal_size_limit={_LARGEST_IDLE_WAL_BYTES}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin_transaction)
    return engine
