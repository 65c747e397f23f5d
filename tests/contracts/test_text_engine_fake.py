"""The scripted engine keeps the promises of the port."""

import pytest

from tests.contracts.text_engine import TextEngineContract
from tests.fakes.text_engine import ScriptedEngine


class TestScriptedEngine(TextEngineContract):
    @pytest.fixture
    def engine(self) -> ScriptedEngine:
        return ScriptedEngine()
