"""The fixtures of the files: a database with their tables, and boxes on it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.process.child import ChildSpec
from appliance.files.migrations import MIGRATIONS as FILES
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.files.box import Box


class StartBox(Protocol):
    """Starts a box."""

    async def __call__(
        self, *, works: bool = True, spec: ChildSpec | None = None, longest_reading_s: float = 60.0
    ) -> Box:
        """Return a box; unless it `works`, no job begins."""
        ...


@pytest.fixture
async def start_box(
    database: Database, tmp_path: Path, clock: ManualClock, ids: CountingIds
) -> AsyncIterator[StartBox]:
    """Give a function that starts a box on the test's database and folder."""
    migrated(database, [*JOBS, *FILES])
    boxes: list[Box] = []

    async def start(
        *, works: bool = True, spec: ChildSpec | None = None, longest_reading_s: float = 60.0
    ) -> Box:
        folder = tmp_path / "blobs"
        box = Box(database, folder, clock, ids, spec=spec, longest_reading_s=longest_reading_s)
        boxes.append(box)
        return await box.start(works=works)

    yield start
    for box in boxes:
        await box.shut_down()


@pytest.fixture
async def box(start_box: StartBox) -> Box:
    """Return a box at work."""
    return await start_box()
