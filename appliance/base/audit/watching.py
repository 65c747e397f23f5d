"""Looking after the audit log: verified once a day, and said aloud when it was changed."""

import logging

from appliance.base.audit.checking import ChainCheck
from appliance.base.audit.model import ChainReport
from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.clock import Clock
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole

_NAME = "audit"
_EVERY_S = 24 * 3600.0

log = logging.getLogger(__name__)


class AuditWatch:
    """Verifies the log, and remembers what was found for whoever asks how the box is."""

    def __init__(self, chain: ChainCheck, *, events: Events, clock: Clock) -> None:
        self._chain = chain
        self._events = events
        self._clock = clock
        self._report: ChainReport | None = None
        self._verified_at_s = 0.0

    async def verify_if_due(self) -> None:
        """Verify the log if that is a day ago, or was not done since the start."""
        now_s = self._clock.monotonic_s()
        if self._report is None or now_s - self._verified_at_s >= _EVERY_S:
            await self.verify()

    async def verify(self) -> ChainReport:
        """Return what was found; administrators are told if the log is not as it was written."""
        was_ok = self._report is None or self._report.ok
        self._report = report = await self._chain.verified()
        self._verified_at_s = self._clock.monotonic_s()
        if not report.ok and was_ok:
            facts = {"entries": report.entries, "first_broken_id": report.first_broken_id}
            log.error("the audit log was changed", extra=facts)
            self._events.publish(LiveEvent(ToRole(Role.ADMIN), "notice", {"code": "audit_broken"}))
        return report

    async def check(self) -> CheckResult:
        """Return how the log was when it was last verified."""
        if self._report is None or self._report.ok:
            return CheckResult(_NAME, CheckStatus.OK)
        return CheckResult(_NAME, CheckStatus.DEGRADED, "The audit log was changed.")
