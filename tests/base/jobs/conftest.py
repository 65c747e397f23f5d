"""Databases with the table of jobs, and a queue on them."""

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.migrations import MIGRATIONS
from appliance.base.jobs.queue import JobQueue
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds


@pytest.fixture
def store(database: Database) -> Database:
    """Return a SQLite database with the table of jobs."""
    return migrated(database, MIGRATIONS)


@pytest.fixture
def any_store(any_database: Database) -> Database:
    """Return a database with the table of jobs, once on SQLite and once on PostgreSQL."""
    return migrated(any_database, MIGRATIONS)


@pytest.fixture
def queue(clock: ManualClock, ids: CountingIds) -> JobQueue:
    """Return the queue of the box `box`."""
    return JobQueue(clock, ids)
