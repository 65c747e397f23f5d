"""A private PostgreSQL server for one test run, on a Unix socket of its own."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from tests.waiting import until_now

_PR_SET_PDEATHSIG = 1
_START_WITHIN_S = 60
_STOP_WITHIN_S = 30


def find_programs() -> Path | None:
    """Return the folder with `initdb` and `postgres`, newest version first, or None."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((found.parent for found in debian), key=_version_of, default=None)


def _version_of(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


class PostgresqlServer:
    """A running server with nothing in it; ends with the process that started it."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # The server refuses to run as root, and must be able to enter its folder.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="nodo-pg-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._databases = count(1)
        self._initialise()
        self._process = self._start()

    def new_database(self) -> str:
        """Return the address of a new, empty database."""
        name = f"test_{next(self._databases)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._address(name)

    def empty(self, address: str) -> None:
        """Make a database empty again: much quicker than a new one, and leaves fewer files."""
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def pid(self) -> int:
        """Return the server's process, for tests that hurt it."""
        return self._process.pid

    def restart(self) -> None:
        """Stop at once, as in a crash, and start again on the same files."""
        self._stop(signal.SIGQUIT)
        self._process = self._start()

    def close(self) -> None:
        """Stop the server and remove its files."""
        # Its files go: there is nothing to write down first.
        self._stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def _initialise(self) -> None:
        command = ["initdb", "--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [self._programs / command[0], *command[1:], "--locale=C", "-D", self._folder / "data"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
        )

    def _start(self) -> subprocess.Popen[bytes]:
        settings = f"-F -c listen_addresses= -c unix_socket_directories={self._folder}"
        with (self._folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *settings.split()],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._folder,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        try:
            until_now(self._answers, within_s=_START_WITHIN_S, what="the PostgreSQL server")
        except AssertionError:
            process.kill()
            process.wait()
            raise
        return process

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self._address("postgres")).close()
            return True
        return False

    def _stop(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(timeout=_STOP_WITHIN_S)


def _end_with_parent() -> None:
    # SIGINT is "fast shutdown": a killed test run leaves no server behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
