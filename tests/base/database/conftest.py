"""Databases with two small tables."""

import pytest

from appliance.base.database.database import Database
from tests.base.database.small_tables import create


@pytest.fixture
def store(database: Database) -> Database:
    """Return a SQLite database with people and dogs."""
    database.write_now(create)
    return database


@pytest.fixture
def any_store(any_database: Database) -> Database:
    """Return a database with people and dogs, once on SQLite and once on PostgreSQL."""
    any_database.write_now(create)
    return any_database
