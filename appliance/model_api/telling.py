"""Telling everybody who is there how the engine is, when it is not as it was."""

import asyncio
from collections.abc import Callable

from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.model_api.schemas import EngineOut, engine_out

# An answer that begins changes three figures within some milliseconds.
PAUSE_S = 0.3
# While a model is being loaded, so many percent are worth telling.
_STEP_PERCENT = 10
_WORTH_A_NOTICE = frozenset({EngineStatus.RESTARTING, EngineStatus.FAILED})


class EngineNews:
    """Publishes `engine` after changes, what changes together only once.

    Args:
        state: Returns how the engine is.
        events: Where it is told.
        stays_here: Returns whether nobody but this box may see questions.
        pause_s: So long it waits for further changes.
    """

    def __init__(
        self,
        state: Callable[[], EngineState],
        events: Events,
        *,
        stays_here: Callable[[], bool],
        pause_s: float = PAUSE_S,
    ) -> None:
        self._state = state
        self._stays_here = stays_here
        self._events = events
        self._pause_s = pause_s
        self._is_planned = False
        self._told: EngineOut | None = None
        self._status: EngineStatus | None = None

    def changed(self) -> None:
        """Tell it soon; on the event loop."""
        if not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_later(self._pause_s, self._tell)

    def _tell(self) -> None:
        self._is_planned = False
        state = self._state()
        worth_telling = _rounded(engine_out(state, stays_here=self._stays_here()))
        if worth_telling != self._told:
            self._told = worth_telling
            data = worth_telling.model_dump()
            self._events.publish(LiveEvent(ToRole(Role.WORKER), "engine", data))
        if state.status is not self._status:
            self._status = state.status
            self._notify(state)

    def _notify(self, state: EngineState) -> None:
        if state.status in _WORTH_A_NOTICE:
            data = {"code": f"engine_{state.status.value}", "model": state.model}
            self._events.publish(LiveEvent(ToRole(Role.ADMIN), "notice", data))


def _rounded(engine: EngineOut) -> EngineOut:
    percent = engine.load_percent // _STEP_PERCENT * _STEP_PERCENT
    return engine.model_copy(update={"load_percent": percent})
