"""The database: many readers, one writer, and nothing of it on the event loop."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from appliance.base.database.faults import translated
from appliance.base.database.transaction import Transaction
from appliance.base.errors import DatabaseDamagedError, StorageFullError

T = TypeVar("T")

log = logging.getLogger(__name__)


class Database:
    """Runs units of work in threads: `read` beside each other, `write` in turn.

    On SQLite there is exactly one writing thread, each unit of work inside `BEGIN IMMEDIATE`.
    On PostgreSQL writers run beside each other and the server orders them.
    """

    def __init__(
        self, *, writer: Engine, reader: Engine, writer_threads: int, reader_threads: int
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._writers = ThreadPoolExecutor(writer_threads, thread_name_prefix="db-writer")
        self._readers = ThreadPoolExecutor(reader_threads, thread_name_prefix="db-reader")
        self._make_room: Callable[[], bool] = _no_room
        self._has_found_damage = False

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @property
    def has_found_damage(self) -> bool:
        """Return whether reading or writing has come upon a damaged place of the file."""
        return self._has_found_damage

    def note_damage(self) -> None:
        """Remember that the file was found damaged by whoever read it through."""
        self._has_found_damage = True

    def when_full(self, make_room: Callable[[], bool]) -> None:
        """Call `make_room` when the disk is full; if it says so, the unit of work runs again.

        It is called in the writing thread.
        """
        self._make_room = make_room

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads from one consistent snapshot.

        Raises:
            UnavailableError: If the database does not answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_now, work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, after its transaction is committed and on disk.

        If the caller is cancelled while it waits, the transaction still ends as a whole. On a full
        disk `work` may run twice; what the first run wrote is rolled back.

        Raises:
            StorageFullError: If the disk is full; nothing was written.
            UnavailableError: If the database does not answer.
        """
        loop = asyncio.get_running_loop()

        def run() -> T:
            result, actions = self._commit(work)
            try:
                for action in actions:
                    loop.call_soon_threadsafe(action)
            except RuntimeError:  # The event loop has ended meanwhile; what is written is written.
                log.info("nobody is left to be told of a commit")
            return result

        return await loop.run_in_executor(self._writers, run)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Like `read`, in the calling thread: for commands, never on the event loop."""
        with self._translated_faults(), self._reader.begin() as connection:
            return work(connection)

    def write_now(self, work: Callable[[Transaction], T]) -> T:
        """Like `write`, in the calling thread: for start-up and commands."""
        result, actions = self._commit(work)
        for action in actions:
            try:
                action()
            except Exception:  # It is committed: the caller must not take it for a failure.
                log.exception("an action after a commit failed")
        return result

    def close(self) -> None:
        """Finish what is being written or waits for it, then release the files."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _commit(self, work: Callable[[Transaction], T]) -> tuple[T, tuple[Callable[[], None], ...]]:
        try:
            return self._committed(work)
        except StorageFullError:
            if not self._make_room():
                raise
        return self._committed(work)

    def _committed(
        self, work: Callable[[Transaction], T]
    ) -> tuple[T, tuple[Callable[[], None], ...]]:
        with self._translated_faults():
            with self._writer.begin() as connection:
                transaction = Transaction(connection)
                result = work(transaction)
                transaction.finish()
            return result, transaction.take_actions()

    @contextmanager
    def _translated_faults(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            fault = translated(error)
            if fault is None:
                raise
            if isinstance(fault, DatabaseDamagedError):
                self._has_found_damage = True
            raise fault from error


def _no_room() -> bool:
    """Nothing was kept in reserve."""
    return False
