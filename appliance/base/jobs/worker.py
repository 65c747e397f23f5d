"""Doing the jobs: several kinds beside each other, given back when the box stops."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ApplianceError, StorageFullError, UnavailableError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.jobs.queue import ClaimedJob, JobQueue, count_jobs, next_due
from appliance.base.jobs.registry import JobKind, JobRefusedError, by_name
from appliance.base.jobs.retry import GiveUp, RetryAfter, RetryDecision, decide, jitter_of
from appliance.base.jobs.tables import FAILED, RUNNING, WAITING
from appliance.base.live.model import LiveEvent, ToRole

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerPace:
    """How often the worker looks.

    Attributes:
        lease_s: Other boxes may take a job after so long without a sign of life.
        poll_s: Longest time between two looks into the table, when nobody wakes the worker.
        database_pause_s: Pause before the database is asked again after it failed.
    """

    lease_s: float = 60.0
    poll_s: float = 5.0
    database_pause_s: float = 1.0


@dataclass(frozen=True)
class _Done:
    pass


@dataclass(frozen=True)
class _Stopped:
    pass


@dataclass(frozen=True)
class _Failed:
    decision: RetryDecision
    error: str


_Outcome = _Done | _Stopped | _Failed


class Worker:
    """Takes jobs and runs their handlers, until it is stopped; one per process."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        kinds: Sequence[JobKind],
        clock: Clock,
        *,
        pace: WorkerPace | None = None,
        events: Events | None = None,
    ) -> None:
        self._database = database
        self._queue = queue
        self._kinds = by_name(kinds)
        self._clock = clock
        self._pace = pace or WorkerPace()
        self._events = events or Events()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._stopping = False
        self._finished = asyncio.Event()
        self._taken: dict[str, int] = dict.fromkeys(self._kinds, 0)
        # Whose handlers run now; a job that is only being written down is not in it any more.
        self._running: dict[str, tuple[ClaimedJob, asyncio.Task[None]]] = {}
        queue.wakes(self.wake)

    def wake(self) -> None:
        """Look for jobs now; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Work until `stop`, or until cancelled, which gives running jobs back just the same."""
        self._loop = asyncio.get_running_loop()
        try:
            # Shielded: a cancelled worker still has to write down what it was doing.
            await asyncio.shield(self._work_until_stopped())
        except asyncio.CancelledError:
            self._begin_to_stop()
            await self._finished.wait()
            raise

    async def stop(self, *, within_s: float = 10.0) -> bool:
        """Return whether all handlers ended in time; their jobs are given back, not counted."""
        self._begin_to_stop()
        if self._loop is None:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._finished.wait()
        return self._finished.is_set()

    def is_running(self, job_id: str) -> bool:
        """Return whether the handler of this job runs now."""
        return job_id in self._running

    async def _work_until_stopped(self) -> None:
        try:
            await self._persistently(self._begin)
            async with asyncio.TaskGroup() as tasks:
                renewing = tasks.create_task(self._renew_leases())
                while not self._stopping:
                    await self._look(tasks)
                renewing.cancel()
        finally:
            self._finished.set()

    def _begin(self, tx: Transaction) -> None:
        reclaimed = self._queue.reclaim_own(tx)
        if reclaimed:
            log.warning("jobs of an earlier run begin again", extra={"jobs": reclaimed})
        unknown = {kind for kind, _state in count_jobs(tx.connection)} - set(self._kinds)
        if unknown:
            log.warning("jobs without a handler wait", extra={"kinds": sorted(unknown)})

    def _begin_to_stop(self) -> None:
        self._stopping = True
        self._woken.set()
        for _job, task in self._running.values():
            task.cancel()

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        self._woken.clear()
        free = self._free_places()
        try:
            claimed = await self._claim(free)
            idle_s = 0.0 if claimed else await self._idle_s(free)
        except (UnavailableError, StorageFullError) as error:
            log.warning("jobs cannot be taken", extra={"code": error.code})
            claimed, idle_s = [], self._pace.database_pause_s
        for job in claimed:
            self._taken[job.kind] += 1
            tasks.create_task(self._do(job), name=f"{job.kind} {job.job_id}")
        if not claimed:
            await self._sleep(idle_s)

    def _free_places(self) -> dict[str, int]:
        places = {name: kind.concurrency - self._taken[name] for name, kind in self._kinds.items()}
        return {name: count for name, count in places.items() if count > 0}

    async def _claim(self, free: dict[str, int]) -> list[ClaimedJob]:
        if not free:
            return []
        lease_s = self._pace.lease_s
        return await self._database.write(lambda tx: self._queue.claim(tx, free, lease_s=lease_s))

    async def _idle_s(self, free: dict[str, int]) -> float:
        due = await self._database.read(lambda connection: next_due(connection, free))
        left_s = (due - self._clock.now()).total_seconds() if due else self._pace.poll_s
        return min(max(left_s, 0.0), self._pace.poll_s)

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _do(self, job: ClaimedJob) -> None:
        outcome = await self._outcome(job)
        try:
            await self._settle(job, outcome)
        except Exception:  # A fault of ours with one job; the others go on, a restart heals it.
            log.exception("outcome of a job could not be written down", extra=_facts(job))
        finally:
            was_full = self._taken[job.kind] >= self._kinds[job.kind].concurrency
            self._taken[job.kind] -= 1
            # Others of this kind can only be waiting if there was no place for them.
            if was_full:
                self._woken.set()

    async def _outcome(self, job: ClaimedJob) -> _Outcome:
        kind = self._kinds[job.kind]
        if self._stopping:
            return _Stopped()
        if job.attempt > kind.max_attempts:
            log.error("job given up, the box stopped during each attempt", extra=_facts(job))
            return _Failed(GiveUp(), "the box stopped during each attempt")
        task = asyncio.current_task()
        if task is not None:
            self._running[job.job_id] = (job, task)
        self._tell(job, RUNNING)
        try:
            await kind.handler(job.payload, job.attempt)
        except asyncio.CancelledError:
            # Ours to answer: the job is given back, then this task ends by itself.
            return _Stopped()
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, no other job fails.
            return _failure(kind, job, error)
        finally:
            self._running.pop(job.job_id, None)
        return _Done()

    async def _settle(self, job: ClaimedJob, outcome: _Outcome) -> None:
        def write_down(tx: Transaction) -> bool:
            match outcome:
                case _Done():
                    return self._queue.complete(tx, job)
                case _Stopped():
                    return self._queue.give_back(tx, job)
                case _Failed(RetryAfter(pause_s), error):
                    return self._queue.retry_later(tx, job, pause_s=pause_s, error=error)
                case _Failed(_, error):
                    return self._queue.give_up(tx, job, error=error)

        if await self._persistently(write_down):
            self._tell(job, _state_after(outcome))
        else:
            log.warning("job belongs to somebody else now", extra=_facts(job))

    def _tell(self, job: ClaimedJob, state: str) -> None:
        data = {"id": job.job_id, "kind": job.kind, "state": state, "attempt": job.attempt}
        self._events.publish(LiveEvent(ToRole(Role.ADMIN), "job", data))

    async def _persistently(self, work: Callable[[Transaction], T]) -> T:
        while True:
            try:
                return await self._database.write(work)
            except (UnavailableError, StorageFullError) as error:
                # The disk may have room again, the server may come back: until then the job
                # stays ours. If the box stops first, the job runs again after the next start.
                log.warning("jobs cannot be written down", extra={"code": error.code})
                if self._stopping:
                    raise
                await asyncio.sleep(self._pace.database_pause_s)

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._pace.lease_s / 3)
            await self._renew([job for job, _task in self._running.values()])

    async def _renew(self, held: list[ClaimedJob]) -> None:
        def renew(tx: Transaction) -> set[str]:
            if self._queue.free_expired(tx):
                tx.after_commit(self._woken.set)
            return self._queue.renew(tx, held, lease_s=self._pace.lease_s)

        try:
            kept = await self._database.write(renew)
        except (UnavailableError, StorageFullError) as error:
            log.warning("leases cannot be renewed", extra={"code": error.code})
            return
        for job in held:
            # The token too: meanwhile the same job may have ended and begun anew.
            running = self._running.get(job.job_id)
            if job.job_id not in kept and running is not None and running[0] == job:
                log.warning("lease of a job was lost", extra=_facts(job))
                running[1].cancel()


def _failure(kind: JobKind, job: ClaimedJob, error: Exception) -> _Failed:
    decision: RetryDecision = GiveUp()
    if not isinstance(error, JobRefusedError):
        jitter = jitter_of(job.job_id, job.attempt)
        decision = decide(kind.retry, attempt=job.attempt, jitter=jitter)
    if isinstance(decision, RetryAfter):
        facts = {**_facts(job), "pause_s": decision.pause_s}
        log.warning("job failed and is tried again", extra=facts, exc_info=error)
    else:
        log.error("job given up", extra=_facts(job), exc_info=error)
    # Of foreign errors only the name: their texts may hold people's words.
    text = f": {error.message}" if isinstance(error, ApplianceError) else ""
    return _Failed(decision, f"{type(error).__name__}{text}")


def _state_after(outcome: _Outcome) -> str:
    match outcome:
        case _Done():
            return "done"
        case _Failed(GiveUp()):
            return FAILED
        case _:
            return WAITING


def _facts(job: ClaimedJob) -> dict[str, object]:
    return {"job_id": job.job_id, "kind": job.kind, "attempt": job.attempt}
