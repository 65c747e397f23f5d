"""The scripted host, tokeniser and embedder keep the promises of their ports."""

import pytest

from tests.contracts.model_host import Hosted, ModelHostContract
from tests.fakes.model_host import ScriptedEmbedder, ScriptedHost, ScriptedTokeniser

MODELS = ("scripted", "other")


class TestScriptedHost(ModelHostContract):
    @pytest.fixture
    def hosted(self) -> Hosted:
        return Hosted(
            ScriptedTokeniser(*MODELS), ScriptedEmbedder(*MODELS), ScriptedHost(*MODELS), *MODELS
        )
