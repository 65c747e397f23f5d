"""Whether the parts of the box work: what every part answers when it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class CheckStatus(StrEnum):
    """How a part is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class CheckResult:
    """One part's answer.

    Attributes:
        name: Which part, such as `database`; shown without sign-in.
        status: How it is.
        detail: One sentence for administrators when something is wrong, else empty.
    """

    name: str
    status: CheckStatus
    detail: str = ""


class Check(Protocol):
    """Asks one part how it is; quick, and without raising."""

    async def check(self) -> CheckResult:
        """Return how the part is right now."""
        ...


def worst_of(results: Sequence[CheckResult]) -> CheckStatus:
    """Return how the box is as a whole; it is ok if nothing is wrong with any part."""
    order = list(CheckStatus)
    return max((result.status for result in results), key=order.index, default=CheckStatus.OK)
