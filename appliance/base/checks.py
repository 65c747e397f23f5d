"""Health checks: each part says how it is, in one word."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class CheckStatus(StrEnum):
    """How a part is, from good to bad."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class CheckResult:
    """What a check found. It is told to everybody, so it names no more than the part."""

    name: str
    status: CheckStatus


class Check(Protocol):
    """One part that can be asked how it is."""

    @property
    def name(self) -> str:
        """Return the part's name, such as `database`."""
        ...

    async def run(self) -> CheckResult:
        """Return how it is; must answer within two seconds and never raise."""
        ...
