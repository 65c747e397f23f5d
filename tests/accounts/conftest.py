"""Fixtures of the tests of accounts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.base.database.database import Database
from tests.accounts.house import Box, Running


@pytest.fixture
def box(database: Database, tmp_path: Path) -> Box:
    """Return a new box that nobody has set up."""
    return Box(database, tmp_path)


@pytest.fixture
async def fresh(box: Box) -> AsyncIterator[Running]:
    """Give that box, running."""
    async with box.running() as running:
        yield running


@pytest.fixture
async def owned(fresh: Running) -> Running:
    """Return a running box that belongs to Ana."""
    answer = await fresh.set_up()
    assert answer.status_code == 201, answer.text
    return fresh
