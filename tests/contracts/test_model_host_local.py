"""The real processes with the demo model keep the promises of tokeniser, embedder and host."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.model_host import Hosted, ModelHostContract
from tests.engine.text.demo import DEMO_FILE, why_not_real
from tests.engine.text.engines import at_work, ready, real_parts


class TestResidency(ModelHostContract):
    @pytest.fixture
    async def hosted(self, tmp_path: Path) -> AsyncIterator[Hosted]:
        if reason := why_not_real():
            pytest.skip(reason)
        parts = real_parts(tmp_path)
        folder = tmp_path / "none"
        folder.mkdir(exist_ok=True)
        shutil.copy(DEMO_FILE, folder / "other.gguf")
        parts.record.choose("nodo-demo", "")
        async with at_work(parts) as engine:
            await ready(engine)
            yield Hosted(engine, engine, engine, "nodo-demo", "other")
