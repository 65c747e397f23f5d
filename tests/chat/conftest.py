"""The chat's fixtures: a database with its tables, and boxes on it."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from appliance.base.database.database import Database
from appliance.chat.migrations import MIGRATIONS
from tests.chat.box import Box
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import ScriptedEngine, Step

StartBox = Callable[..., Box]


@pytest.fixture
async def start_box(
    database: Database, clock: ManualClock, ids: CountingIds
) -> AsyncIterator[StartBox]:
    """Give a function that starts a box, whose engine plays the scripts given."""
    migrated(database, MIGRATIONS)
    boxes: list[Box] = []

    def start(*scripts: Sequence[Step], engine: ScriptedEngine | None = None) -> Box:
        boxes.append(Box(database, engine or ScriptedEngine(*scripts), clock, ids))
        return boxes[-1]

    yield start
    for box in boxes:
        await box.shut_down()
