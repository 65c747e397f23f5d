"""How the box is: health for everybody, figures for administrators."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from appliance.base.checks import Check, CheckResult, CheckStatus, worst_of
from appliance.base.clock import Clock

_CHECK_LIMIT_S = 3.0
_FRESH_S = 1.0
# Without it nothing can be asked at all.
_VITAL = "database"


@dataclass(frozen=True)
class HealthReport:
    """The health of the whole: as bad as its worst part."""

    status: CheckStatus
    version: str
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True)
class SystemFacts:
    """What the box has and uses now."""

    version: str
    uptime_s: float
    web_rss_bytes: int
    engine_rss_bytes: int
    cpu_count: int
    memory_total_bytes: int
    memory_available_bytes: int
    disk_free_bytes: int


class Observing:
    """Looks at the box and its parts."""

    def __init__(
        self,
        *,
        version: str,
        clock: Clock,
        data_folder: Path,
        checks: Mapping[str, Check],
        engine_rss_bytes: Callable[[], int],
    ) -> None:
        self._version = version
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._data_folder = data_folder
        self._checks = dict(checks)
        self._engine_rss_bytes = engine_rss_bytes
        self._last: tuple[float, HealthReport] | None = None

    async def health(self) -> HealthReport:
        """Return the health, at most a second old; a check that does not answer counts as down.

        Everybody may ask, so asking often must not cost the box more than asking once.
        """
        now_s = self._clock.monotonic_s()
        if self._last is None or now_s - self._last[0] >= _FRESH_S:
            self._last = (now_s, await self._checked())
        return self._last[1]

    async def _checked(self) -> HealthReport:
        results = await asyncio.gather(*(_in_time(name, one) for name, one in self._checks.items()))
        whole = worst_of(results)
        if whole is CheckStatus.DOWN and not _is_down(results, _VITAL):
            # One part is down, but the pages still answer.
            whole = CheckStatus.DEGRADED
        return HealthReport(whole, self._version, tuple(results))

    async def system(self) -> SystemFacts:
        """Return what the box has and uses."""
        return await asyncio.to_thread(self._facts)

    def _facts(self) -> SystemFacts:
        memory = psutil.virtual_memory()
        return SystemFacts(
            version=self._version,
            uptime_s=round(self._clock.monotonic_s() - self._started_s, 1),
            web_rss_bytes=psutil.Process().memory_info().rss,
            engine_rss_bytes=self._engine_rss_bytes(),
            cpu_count=os.cpu_count() or 1,
            memory_total_bytes=memory.total,
            memory_available_bytes=memory.available,
            disk_free_bytes=shutil.disk_usage(self._data_folder).free,
        )


async def _in_time(name: str, one: Check) -> CheckResult:
    try:
        async with asyncio.timeout(_CHECK_LIMIT_S):
            return await one.check()
    except TimeoutError:
        return CheckResult(name, CheckStatus.DOWN)


def _is_down(results: Sequence[CheckResult], name: str) -> bool:
    return any(result.name == name and result.status is CheckStatus.DOWN for result in results)
