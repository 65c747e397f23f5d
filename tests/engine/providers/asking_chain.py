"""A chain on fake providers, and what people are told by it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from appliance.base.clock import SystemClock
from appliance.base.secret import Secret
from appliance.engine.providers.chain_engine import ChainEngine, ChainParts
from appliance.engine.providers.http_wire import HttpWire
from appliance.engine.providers.model import LOCAL, Habits, Provider, ProviderKind, Roster
from appliance.engine.providers.standings import Standings, Trouble
from appliance.engine.text.model import Finished, Piece, TextEvent, TextRequest, Turn
from tests.fakes.text_engine import ScriptedEngine, script

ASKED = TextRequest("r1", (Turn("system", "Be kind."), Turn("user", "Hello")), "ana")
KEY = "sk-test-0123456789"


@dataclass
class Chain:
    """The chain under test, and what it told whom."""

    engine: ChainEngine
    roster: Roster
    standings: Standings
    local: ScriptedEngine
    habits: Habits = field(default_factory=Habits)
    troubles: list[Trouble] = field(default_factory=list[Trouble])
    pauses: list[float] = field(default_factory=list[float])

    async def answer(self, asked: TextRequest = ASKED) -> tuple[str, Finished]:
        """Return the text of an answer and its end."""
        events = [event async for event in self.engine.generate(asked)]
        return text_of(events), end_of(events)


def text_of(events: Sequence[TextEvent]) -> str:
    """Return the text that these events tell."""
    return "".join(event.text for event in events if isinstance(event, Piece))


def end_of(events: Sequence[TextEvent]) -> Finished:
    """Return the end that these events tell."""
    end = events[-1]
    assert isinstance(end, Finished)
    return end


def made(provider_id: str, kind: ProviderKind, *addresses: str, **values) -> Provider:
    """Return a provider of that kind at a fake's address."""
    return replace(
        Provider(provider_id, provider_id.title(), kind, addresses, "m", key=Secret(KEY)), **values
    )


@asynccontextmanager
async def chain_of(
    *providers: Provider,
    order: Sequence[str] = (),
    cloud_allowed: bool = True,
    local: ScriptedEngine | None = None,
    habits: Habits | None = None,
) -> AsyncIterator[Chain]:
    """Give a chain; by default the providers come before this box's own engine."""
    clock, troubles, pauses = SystemClock(), list[Trouble](), list[float]()
    ids = order or (*(provider.id for provider in providers), LOCAL)
    chain_roster = Roster(providers, tuple(ids), cloud_allowed=cloud_allowed)
    own = local or ScriptedEngine(script("from ", "here"))
    standings, wire = Standings(clock, troubles.append), HttpWire(clock)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    parts = ChainParts(
        local=own,
        roster=lambda: chain.roster,
        wire=lambda: wire,
        standings=standings,
        habits=lambda _provider: chain.habits,
        clock=clock,
        pause=pause,
    )
    chain = Chain(
        ChainEngine(parts), chain_roster, standings, own, habits or Habits(), troubles, pauses
    )
    try:
        yield chain
    finally:
        await wire.close()
