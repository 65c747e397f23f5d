"""The interfaces for programs behind their dialects, with an engine that follows scripts."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from appliance.base.web.dialects import Dialect, DialectLayer
from appliance.base.web.identity import Authenticator
from appliance.base.web.problems import LastResort, install_problem_handlers
from appliance.engine.library.library import ModelLibrary
from appliance.model_api.anthropic.dialect import ANTHROPIC_DIALECTS
from appliance.model_api.ollama.dialect import DIALECTS as OLLAMA_DIALECTS
from appliance.model_api.openai.dialect import OPENAI_DIALECTS
from appliance.model_api.parts import ModelApiParts
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.library import known_library
from tests.fakes.model_host import ScriptedEmbedder, ScriptedHost, ScriptedTokeniser
from tests.fakes.signing_in import signed_in_as
from tests.fakes.text_engine import ScriptedEngine, Step

DIALECTS: tuple[Dialect, ...] = (*OPENAI_DIALECTS, *ANTHROPIC_DIALECTS, *OLLAMA_DIALECTS)


@dataclass
class Served:
    """What is behind the routes.

    Attributes:
        engine: What is asked of it stands in `requests`.
        library: Its models.
        host: Which of them are in memory.
        authenticator: Who asks.
    """

    engine: ScriptedEngine
    library: ModelLibrary = field(default_factory=known_library)
    embedder: ScriptedEmbedder = field(default_factory=ScriptedEmbedder)
    host: ScriptedHost = field(default_factory=ScriptedHost)
    tokeniser: ScriptedTokeniser = field(default_factory=ScriptedTokeniser)
    authenticator: Authenticator = field(default_factory=lambda: signed_in_as("ana"))

    def client(self, router_of: Callable[[ModelApiParts], APIRouter]) -> httpx.AsyncClient:
        """Return a client of these routes."""
        transport = httpx.ASGITransport(app=self.app(router_of))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def app(self, router_of: Callable[[ModelApiParts], APIRouter]) -> ASGIApp:
        """Return these routes behind what puts problems into words."""
        parts = ModelApiParts(
            engine=self.engine,
            tokeniser=self.tokeniser,
            embedder=self.embedder,
            host=self.host,
            library=self.library,
            clock=ManualClock(),
            ids=CountingIds(),
        )
        app = FastAPI()
        app.state.authenticator = self.authenticator
        install_problem_handlers(app)
        app.include_router(router_of(parts))
        return DialectLayer(LastResort(app), DIALECTS)


def served(*steps: Step, library: ModelLibrary | None = None) -> Served:
    """Return routes whose engine plays these steps for every request."""
    return Served(ScriptedEngine(list(steps)), library or known_library())


def frames_of(text: str) -> list[Any]:
    """Return what the events of a stream hold, without beats; `[DONE]` stays a text."""
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


def names_of(text: str) -> list[str]:
    """Return the names of the events of a stream."""
    return [line.removeprefix("event: ") for line in text.splitlines() if "event: " in line]


def without(members: Iterable[str], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON without some of its members."""
    return {name: one for name, one in value.items() if name not in set(members)}
