"""What the health of a box is made of, besides its database and jobs: engine and disk."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from appliance.base.checks import CheckResult, CheckStatus
from appliance.engine.text.port import EngineStatus

_NEARLY_FULL_BYTES = 1 << 30
_FULL_BYTES = 64 << 20
_ENGINE, _DISK = "engine", "disk"
_ENGINE_DOWN = frozenset({EngineStatus.FAILED, EngineStatus.NO_MODEL})


class EngineCheck:
    """Whether somebody who asks now gets an answer."""

    def __init__(self, status: Callable[[], EngineStatus]) -> None:
        self._status = status

    async def check(self) -> CheckResult:
        """Return `ok` also while a model is being loaded: questions wait for it."""
        status = self._status()
        if status in _ENGINE_DOWN:
            return CheckResult(_ENGINE, CheckStatus.DOWN)
        if status is EngineStatus.RESTARTING:
            return CheckResult(_ENGINE, CheckStatus.DEGRADED)
        return CheckResult(_ENGINE, CheckStatus.OK)


class DiskCheck:
    """Whether there is room on the disk of the data folder."""

    def __init__(self, folder: Path, *, is_short: Callable[[], bool] = lambda: False) -> None:
        self._folder = folder
        self._is_short = is_short

    async def check(self) -> CheckResult:
        """Return `degraded` below 1 GiB, `down` below 64 MiB or while the reserve is in use."""
        if self._is_short():
            detail = "the disk is full: only signing in, stopping and deleting work"
            return CheckResult(_DISK, CheckStatus.DOWN, detail)
        free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        if free_bytes < _FULL_BYTES:
            return CheckResult(_DISK, CheckStatus.DOWN)
        if free_bytes < _NEARLY_FULL_BYTES:
            return CheckResult(_DISK, CheckStatus.DEGRADED)
        return CheckResult(_DISK, CheckStatus.OK)
