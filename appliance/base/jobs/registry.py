"""The kinds of jobs that there are: an explicit list, put together at start."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from appliance.base.errors import ApplianceError
from appliance.base.jobs.retry import RetryPolicy

JobHandler = Callable[[Mapping[str, object], int], Awaitable[None]]


class JobRefusedError(ApplianceError):
    """Raised by a handler when trying again would not help: the job is given up at once."""

    code = "job_refused"


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Attributes:
        name: Such as `chat.answer`.
        handler: Does the job, given its payload and the attempt (from 1). After a crash it may
            run again for a job that it had done, so it must find that out by itself. When it is
            cancelled, the box stops: the job is given back and the attempt is not counted.
        concurrency: How many jobs of this kind run beside each other.
        max_attempts: The job is given up after so many attempts; at least 1. An attempt that a
            crash of the box cut short counts.
        first_pause_s: Longest pause after the first failure; it doubles with each further one.
        longest_pause_s: No pause is longer.
    """

    name: str
    handler: JobHandler
    concurrency: int = 1
    max_attempts: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0

    @property
    def retry(self) -> RetryPolicy:
        """Return what happens when the handler raises."""
        return RetryPolicy(self.max_attempts, self.first_pause_s, self.longest_pause_s)


def by_name(kinds: Sequence[JobKind]) -> dict[str, JobKind]:
    """Return the kinds by their names.

    Raises:
        ValueError: If two kinds have the same name.
    """
    named = {kind.name: kind for kind in kinds}
    if len(named) != len(kinds):
        names = sorted(kind.name for kind in kinds)
        raise ValueError(f"two kinds of jobs have the same name: {', '.join(names)}")
    return named
