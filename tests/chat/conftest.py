"""The chat's fixtures: a database with its tables, and boxes on it."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.chat.migrations import MIGRATIONS as CHAT
from tests.chat.box import Box
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import ScriptedEngine, Step


class StartBox(Protocol):
    """Starts a box."""

    async def __call__(
        self, *scripts: Sequence[Step], works: bool = True, engine: ScriptedEngine | None = None
    ) -> Box:
        """Return a box whose engine plays the scripts; unless it `works`, no job begins."""
        ...


@pytest.fixture
async def start_box(
    database: Database, clock: ManualClock, ids: CountingIds
) -> AsyncIterator[StartBox]:
    """Give a function that starts a box on the test's database."""
    migrated(database, [*JOBS, *CHAT])
    boxes: list[Box] = []

    async def start(
        *scripts: Sequence[Step], works: bool = True, engine: ScriptedEngine | None = None
    ) -> Box:
        box = Box(database, engine or ScriptedEngine(*scripts), clock, ids)
        boxes.append(box)
        return await box.start() if works else box

    yield start
    for box in boxes:
        await box.shut_down()
