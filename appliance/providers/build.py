"""Putting the providers together; the signature is all that they need."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.audit.log import AuditLog
from appliance.base.checks import Check
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from appliance.base.sealing import Sealer
from appliance.engine.providers.chain_engine import ChainEngine, ChainParts
from appliance.engine.providers.habits import known_habits, read_known_models
from appliance.engine.providers.standings import Standings, Trouble
from appliance.engine.text.port import TextEngine
from appliance.providers.asking_studio import AskingStudio
from appliance.providers.checks import ProvidersCheck
from appliance.providers.managing import CurrentRoster, Managing
from appliance.providers.routes import APIRouter, Looking, build_router

if TYPE_CHECKING:
    from appliance.engine.providers.http_wire import HttpWire


@dataclass(frozen=True)
class Providers:
    """The slice of providers, ready to be mounted and started.

    Attributes:
        router: Its routes.
        engine: Asks this box's own engine and whoever else may answer.
        mark: Returns a text that changes with those who may answer.
        asks_others: Returns whether anybody but this box's own engine may see questions.
        check: Whether one of them needs a person.
        standings: How they are doing.
    """

    router: APIRouter
    engine: ChainEngine
    mark: Callable[[], str]
    asks_others: Callable[[], bool]
    check: Check
    standings: Standings
    _managing: Managing
    _wires: "_Wires"

    async def start(self) -> None:
        """Read who may answer; after the migrations."""
        await self._managing.start()

    async def stop(self) -> None:
        """Close the connections to providers; after the last answer."""
        await self._wires.close()


def build_providers(
    database: Database,
    local: TextEngine,
    clock: Clock,
    *,
    sealer: Sealer,
    audit: AuditLog,
    events: Events,
    said_addresses: Mapping[str, str],
    known_models: Path,
) -> Providers:
    """Return the providers.

    Args:
        database: Where they are kept.
        local: This box's own engine.
        clock: What time it is.
        sealer: Seals their keys.
        audit: Where changes are noted.
        events: Where news are told.
        said_addresses: Addresses in the settings, by their names.
        known_models: The file of what is known of other people's models.
    """
    current, wires = CurrentRoster(), _Wires(clock)
    standings = Standings(clock, lambda trouble: events.publish(_notice(trouble)))
    habits = known_habits(read_known_models(known_models))
    parts = ChainParts(
        local=local,
        roster=lambda: current.roster,
        wire=wires.opened,
        standings=standings,
        habits=habits,
        clock=clock,
        pause=asyncio.sleep,
    )
    managing = Managing(
        database=database,
        sealer=sealer,
        audit=audit,
        current=current,
        said_addresses=said_addresses,
        forget=standings.reset,
    )
    studio = AskingStudio(wires.opened, lambda: current.roster)
    looking = Looking(wires.opened, standings, habits, local.state, clock)
    return Providers(
        router=build_router(managing, studio, looking),
        engine=ChainEngine(parts),
        mark=lambda: f"{current.roster.revision} {local.state().model}",
        asks_others=lambda: current.roster.asks_others,
        check=ProvidersCheck(lambda: current.roster, standings),
        standings=standings,
        _managing=managing,
        _wires=wires,
    )


class _Wires:
    """The one way to providers, made when the first is asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wire: HttpWire | None = None

    def opened(self) -> "HttpWire":
        """Return it."""
        if self._wire is None:
            # Importing httpx takes a while, and most boxes ask nobody.
            from appliance.engine.providers.http_wire import HttpWire  # noqa: PLC0415

            self._wire = HttpWire(self._clock)
        return self._wire

    async def close(self) -> None:
        """Close it, if there is one."""
        if self._wire is not None:
            await self._wire.close()


def _notice(trouble: Trouble) -> LiveEvent:
    data = {"code": "provider_needs_you", "name": trouble.name}
    return LiveEvent(ToRole(Role.ADMIN), "notice", data)
