"""News of the engine: told when something changed, once."""

from dataclasses import replace

from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.model_api.telling import EngineNews
from tests.waiting import until

READY = EngineState(EngineStatus.READY, "qwen", "", 100, 0, 0, 4096, 7.5)


class _Engine:
    """An engine whose state a test sets."""

    def __init__(self) -> None:
        self.now = READY
        self.told: list[LiveEvent] = []
        events = Events()
        events.subscribe(LiveEvent, self.told.append)
        self.news = EngineNews(lambda: self.now, events, stays_here=lambda: True, pause_s=0.0)

    async def becomes(self, *states: EngineState) -> list[tuple[str, object]]:
        """Return what is told after these changes at once."""
        self.told.clear()
        for state in states:
            self.now = state
            self.news.changed()
        probe = len(self.told)
        await until(lambda: len(self.told) > probe or not self.news._is_planned)
        return [(one.event, one.data.get("status", one.data.get("code"))) for one in self.told]


async def test_changes_at_once_are_told_once_and_no_change_not_at_all() -> None:
    engine = _Engine()

    first = await engine.becomes(replace(READY, waiting=1), replace(READY, running=1))
    again = await engine.becomes(replace(READY, running=1))

    assert first == [("engine", "ready")]
    assert again == []


async def test_everybody_hears_the_engine_and_administrators_a_notice_of_trouble() -> None:
    engine = _Engine()
    await engine.becomes(READY)

    told = await engine.becomes(replace(READY, status=EngineStatus.RESTARTING))

    assert told == [("engine", "restarting"), ("notice", "engine_restarting")]
    assert [one.audience for one in engine.told] == [ToRole(Role.WORKER), ToRole(Role.ADMIN)]


async def test_a_model_that_is_being_loaded_is_told_in_steps() -> None:
    engine = _Engine()
    loading = replace(READY, status=EngineStatus.LOADING)

    told = [
        await engine.becomes(replace(loading, load_percent=percent)) for percent in (1, 5, 9, 10)
    ]

    assert told == [[("engine", "loading")], [], [], [("engine", "loading")]]
