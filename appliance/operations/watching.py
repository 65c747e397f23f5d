"""Looking at the disk now and then, so that administrators hear in time that it fills up."""

from collections.abc import Mapping

from appliance.base.checks import Check, CheckStatus
from appliance.base.clock import Clock
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole

# As long as it lasts it is said again, for those who have come meanwhile.
_AGAIN_S = 3600.0
_CODES: Mapping[CheckStatus, str] = {
    CheckStatus.DEGRADED: "disk_nearly_full",
    CheckStatus.DOWN: "disk_full",
}


class DiskWatch:
    """Publishes a notice when the disk is nearly full, and when it gets worse."""

    def __init__(self, disk: Check, events: Events, clock: Clock) -> None:
        self._disk = disk
        self._events = events
        self._clock = clock
        self._told: tuple[CheckStatus, float] | None = None

    async def look(self) -> None:
        """Look once."""
        status = (await self._disk.check()).status
        now_s = self._clock.monotonic_s()
        if status not in _CODES:
            self._told = None
        elif self._told is None or self._told[0] != status or now_s >= self._told[1] + _AGAIN_S:
            self._told = (status, now_s)
            self._events.publish(LiveEvent(ToRole(Role.ADMIN), "notice", {"code": _CODES[status]}))
