"""Fixtures for all tests: a clock and ids moved by hand, real databases."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from appliance.base.database.database import Database
from appliance.base.database.opening import open_postgresql
from tests.databases import sqlite_database
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.servers.postgresql import PostgresqlServer, find_programs

# How long an example takes, or the drawing of one, says how busy the machine is, not whether the
# code is right.
settings.register_profile("nodo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nodo")


def pytest_collection_finish() -> None:
    """Leave what all tests have in common out of every later look for garbage: a tenth of their time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that stands still on 2026-03-02 09:00 UTC until it is moved."""
    return ManualClock()


@pytest.fixture
def ids() -> CountingIds:
    """Return ids and secrets that count up from 1."""
    return CountingIds()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty SQLite database; `tests.databases.migrated` brings tables in."""
    opened = sqlite_database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Give the one PostgreSQL server of this test run."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    server = PostgresqlServer(programs)
    yield server
    server.close()


@pytest.fixture(scope="session")
def shared_postgresql_url(postgresql_server: PostgresqlServer) -> str:
    """Return the address of the one database that is emptied after each test."""
    return postgresql_server.new_database()


@pytest.fixture
def postgresql_url(
    postgresql_server: PostgresqlServer, shared_postgresql_url: str
) -> Iterator[str]:
    """Give the address of an empty PostgreSQL database."""
    yield shared_postgresql_url
    postgresql_server.empty(shared_postgresql_url)


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[Database]:
    """Give an empty PostgreSQL database."""
    opened = open_postgresql(postgresql_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database, once on SQLite and once on PostgreSQL."""
    name = "database" if request.param == "sqlite" else "postgresql_database"
    found: Database = request.getfixturevalue(name)
    return found
