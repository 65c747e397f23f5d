"""Whether a provider needs a person."""

from collections.abc import Callable

from appliance.base.checks import CheckResult, CheckStatus
from appliance.engine.providers.model import Fault, Roster
from appliance.engine.providers.standings import Standings


class ProvidersCheck:
    """Asks how those are who may answer beside this box's own engine."""

    def __init__(self, roster: Callable[[], Roster], standings: Standings) -> None:
        self._roster = roster
        self._standings = standings

    async def check(self) -> CheckResult:
        """Return `degraded` while one of them needs a person."""
        wrong = [
            provider.name
            for provider in self._roster().providers
            if provider.is_enabled
            and self._standings.doing(provider).last_fault == Fault.CONFIG.value
        ]
        if not wrong:
            return CheckResult("providers", CheckStatus.OK)
        detail = f"Key, address or model are not right: {', '.join(wrong)}."
        return CheckResult("providers", CheckStatus.DEGRADED, detail)
