"""A question about a file, with the demo model: its text is in the cache before anybody asks."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.jobs.queue import count_jobs
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.model import Finished, TextEvent, TextRequest
from appliance.engine.text.port import EngineState
from appliance.engine.text.residency import Residency
from appliance.engine.text.tuning import PrefixPlace
from tests.chat.box import Box
from tests.databases import migrated
from tests.engine.text.demo import why_not_real
from tests.engine.text.engines import at_work, ready, real_parts
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import ScriptedEngine
from tests.waiting import until

pytestmark = pytest.mark.skipif(bool(why_not_real()), reason=why_not_real())

FILE = "01a1fe67-8b8f-71e5-93d7-ed93f6226add"
DOCUMENT = "El taller abre a las ocho y cierra a las dos, salvo los lunes de agosto. " * 36


class Overheard(ScriptedEngine):
    """The real engine, and how its answers ended."""

    def __init__(self, engine: Residency) -> None:
        super().__init__()
        self._engine = engine
        self.ends: list[Finished] = []

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        async for event in self._engine.generate(request):
            if isinstance(event, Finished):
                self.ends.append(event)
            yield event

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return await self._engine.count_tokens(texts)

    def state(self) -> EngineState:
        return self._engine.state()


@pytest.mark.parametrize("is_prepared", [True, False])
async def test_a_first_question_reads_of_a_prepared_file_nothing_again(
    database: Database, clock: ManualClock, ids: CountingIds, tmp_path: Path, is_prepared: bool
) -> None:
    migrated(database, [*JOBS, *CHAT])
    parts = replace(
        real_parts(tmp_path),
        wishes=EngineWishes(context_tokens=2048, parallel=2, threads=1),
        prefixes=PrefixPlace(tmp_path / "prefixes", 64 << 20, mark=""),
    )
    async with at_work(parts) as residency:
        await ready(residency)
        engine = Overheard(residency)
        box = await Box(database, engine, clock, ids, host=residency).start()
        box.shelf.put(FILE, DOCUMENT)
        [document_tokens] = await residency.count_tokens((DOCUMENT,))
        if is_prepared:
            await box.was_read(FILE)
            await until(lambda: not database.read_now(count_jobs), within_s=60, what="the reading")

        await box.ask("¿Cuándo abre?", files=[FILE], options={"max_tokens": 4}).ends()
        await box.shut_down()

    [end] = engine.ends
    assert document_tokens >= 500
    assert (end.cached_tokens >= document_tokens) == is_prepared
    assert end.prompt_tokens - end.cached_tokens < 24 or not is_prepared
