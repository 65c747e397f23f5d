"""What Nodo's health is made of: the database, the engine, the disk."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.database.database import Database
from appliance.base.errors import ApplianceError
from appliance.engine.text.port import EngineStatus

_NEARLY_FULL_BYTES = 1 << 30
_FULL_BYTES = 64 << 20
_ENGINE_DOWN = frozenset({EngineStatus.FAILED, EngineStatus.NO_MODEL})


class DatabaseCheck:
    """Whether the database answers."""

    name = "database"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> CheckResult:
        """Return `down` if a question to it fails."""
        try:
            await self._database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        except ApplianceError:
            return CheckResult(self.name, CheckStatus.DOWN)
        return CheckResult(self.name, CheckStatus.OK)


class EngineCheck:
    """Whether somebody who asks now gets an answer."""

    name = "engine"

    def __init__(self, status: Callable[[], EngineStatus]) -> None:
        self._status = status

    async def run(self) -> CheckResult:
        """Return `ok` also while a model is being loaded: questions wait for it."""
        status = self._status()
        if status in _ENGINE_DOWN:
            return CheckResult(self.name, CheckStatus.DOWN)
        if status is EngineStatus.RESTARTING:
            return CheckResult(self.name, CheckStatus.DEGRADED)
        return CheckResult(self.name, CheckStatus.OK)


class DiskCheck:
    """Whether there is room on the disk of the data folder."""

    name = "disk"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def run(self) -> CheckResult:
        """Return `degraded` below 1 GiB, `down` below 64 MiB."""
        free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        if free_bytes < _FULL_BYTES:
            return CheckResult(self.name, CheckStatus.DOWN)
        if free_bytes < _NEARLY_FULL_BYTES:
            return CheckResult(self.name, CheckStatus.DEGRADED)
        return CheckResult(self.name, CheckStatus.OK)
