"""The real engine with the demo model keeps the promises of the port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.engine.text.port import TextEngine
from tests.contracts.text_engine import TextEngineContract
from tests.engine.text.demo import why_not_real
from tests.engine.text.engines import at_work, ready, real_parts


class TestLocalTextEngine(TextEngineContract):
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> AsyncIterator[TextEngine]:
        if reason := why_not_real():
            pytest.skip(reason)
        async with at_work(real_parts(tmp_path)) as engine:
            await ready(engine)
            yield engine
