"""The recurring work of operations."""

from collections.abc import Mapping

from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring
from appliance.operations.watching import DiskWatch

LOOK = "operations.look_at_disk"
RECURRING = (Recurring(LOOK, LOOK, every_s=600.0),)


def job_kinds(watch: DiskWatch) -> tuple[JobKind, ...]:
    """Return the kinds of jobs of operations."""

    async def look(_payload: Mapping[str, object], _attempt: int) -> None:
        await watch.look()

    return (JobKind(LOOK, look, max_attempts=1),)
