import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import InvalidValueError, StorageFullError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.jobs.queue import ClaimedJob, JobQueue, count_jobs
from appliance.base.jobs.registry import JobKind, JobRefusedError
from appliance.base.jobs.worker import Worker, WorkerPace
from appliance.base.live.model import LiveEvent, ToRole
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.waiting import until

PACE = WorkerPace(lease_s=60, poll_s=30, database_pause_s=0.01)


class Notes:
    """A handler that notes what it is given, and can be held or made to fail."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.ended: list[int] = []
        self.cancelled: list[int] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.failures: list[Exception] = []

    async def __call__(self, payload: Mapping[str, object], attempt: int) -> None:
        n = int(str(payload["n"]))
        self.begun.append((n, attempt))
        if self.failures:
            raise self.failures.pop(0)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled.append(n)
            raise
        self.ended.append(n)


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(worker.run())
        yield
        assert await worker.stop()
        await running


async def _enqueue(store: Database, queue: JobQueue, n: int, kind: str = "note", **how) -> str:
    return await store.write(lambda tx: queue.enqueue(tx, kind, {"n": n}, **how))


async def _states(store: Database) -> dict[tuple[str, str], int]:
    return await store.read(count_jobs)


async def _is_empty(store: Database) -> None:
    # A finished handler is written down a moment later.
    async with asyncio.timeout(5):
        while await _states(store):
            await asyncio.sleep(0.005)


async def test_a_committed_job_is_done_and_gone(any_store: Database, queue: JobQueue, clock):
    notes = Notes()
    worker = Worker(any_store, queue, [JobKind("note", notes)], clock, pace=PACE)

    async with working(worker):
        await _enqueue(any_store, queue, 1)
        await until(lambda: notes.ended == [1])
        await _is_empty(any_store)

    assert notes.begun == [(1, 1)]


async def test_administrators_hear_what_becomes_of_a_job(store: Database, queue: JobQueue, clock):
    events, told, notes = Events(), list[LiveEvent](), Notes()
    events.subscribe(LiveEvent, told.append)
    notes.failures = [RuntimeError(), JobRefusedError("no")]
    kinds = [JobKind("note", notes, first_pause_s=60)]

    worker = Worker(store, queue, kinds, clock, pace=PACE, events=events)
    async with working(worker):
        job_id = await _enqueue(store, queue, 1)
        await until(lambda: len(told) == 2)
        clock.advance(60)
        worker.wake()
        await until(lambda: len(told) == 4)
        await _enqueue(store, queue, 2)
        await until(lambda: len(told) == 6)

    assert {(one.audience, one.event) for one in told} == {(ToRole(Role.ADMIN), "job")}
    states = [(one.data["state"], one.data["attempt"]) for one in told]
    assert states == [
        ("running", 1),
        ("waiting", 1),
        ("running", 2),
        ("failed", 2),
        ("running", 1),
        ("done", 1),
    ]
    assert told[0].data["id"] == job_id


async def test_jobs_that_were_there_before_the_start_are_done(
    store: Database, queue: JobQueue, clock
):
    notes = Notes()
    await _enqueue(store, queue, 1)

    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=PACE)):
        await until(lambda: notes.ended == [1])


async def test_each_kind_runs_as_many_beside_each_other_as_it_may(
    store: Database, queue: JobQueue, clock
):
    slow, quick = Notes(), Notes()
    slow.may_end.clear()
    kinds = [JobKind("slow", slow, concurrency=2), JobKind("quick", quick)]

    async with working(Worker(store, queue, kinds, clock, pace=PACE)):
        for n in range(4):
            await _enqueue(store, queue, n, "slow")
        await _enqueue(store, queue, 9, "quick")
        await until(lambda: quick.ended == [9])
        assert slow.begun == [(0, 1), (1, 1)]
        slow.may_end.set()
        await until(lambda: sorted(slow.ended) == [0, 1, 2, 3])


async def test_sixty_four_answers_run_at_once(store: Database, queue: JobQueue, clock):
    notes = Notes()
    notes.may_end.clear()
    kinds = [JobKind("note", notes, concurrency=64)]

    async with working(Worker(store, queue, kinds, clock, pace=PACE)):
        for n in range(70):
            await _enqueue(store, queue, n)
        await until(lambda: len(notes.begun) == 64)
        notes.may_end.set()
        await until(lambda: len(notes.ended) == 70)


async def test_a_failed_job_comes_back_after_its_pause(
    store: Database, queue: JobQueue, clock: ManualClock
):
    notes = Notes()
    notes.failures = [RuntimeError("secret words")]
    worker = Worker(store, queue, [JobKind("note", notes, first_pause_s=60)], clock, pace=PACE)

    async with working(worker):
        await _enqueue(store, queue, 1)
        await until(lambda: notes.begun == [(1, 1)])
        await until(lambda: not worker.is_running("00000000-0000-7000-8000-000000000001"))
        await _has_state(store, ("note", "waiting"))
        clock.advance(60)
        worker.wake()
        await until(lambda: notes.ended == [1])

    assert notes.begun == [(1, 1), (1, 2)]


async def _has_state(store: Database, kind_and_state: tuple[str, str]) -> None:
    async with asyncio.timeout(5):
        while kind_and_state not in await _states(store):
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("error", "max_attempts"),
    [(ValueError("secret words"), 1), (JobRefusedError("no such conversation"), 5)],
)
async def test_a_hopeless_job_is_kept_as_failed(
    store: Database, queue: JobQueue, clock, error: Exception, max_attempts: int
):
    notes = Notes()
    notes.failures = [error]
    kinds = [JobKind("note", notes, max_attempts=max_attempts)]

    async with working(Worker(store, queue, kinds, clock, pace=PACE)):
        await _enqueue(store, queue, 1)
        await _has_state(store, ("note", "failed"))

    assert notes.begun == [(1, 1)]


async def test_one_failing_job_does_not_hurt_the_others(store: Database, queue: JobQueue, clock):
    notes = Notes()
    notes.failures = [InvalidValueError("no")]

    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=PACE)):
        for n in range(3):
            await _enqueue(store, queue, n)
        await until(lambda: notes.ended == [1, 2])


async def test_stopping_cancels_handlers_and_gives_their_jobs_back_uncounted(
    any_store: Database, queue: JobQueue, clock
):
    notes = Notes()
    notes.may_end.clear()
    kinds = [JobKind("note", notes, concurrency=2, max_attempts=1)]
    async with working(Worker(any_store, queue, kinds, clock, pace=PACE)):
        await _enqueue(any_store, queue, 1)
        await _enqueue(any_store, queue, 2)
        await until(lambda: len(notes.begun) == 2)
    assert sorted(notes.cancelled) == [1, 2]
    assert await _states(any_store) == {("note", "waiting"): 2}

    notes.may_end.set()
    async with working(Worker(any_store, queue, kinds, clock, pace=PACE)):
        await until(lambda: sorted(notes.ended) == [1, 2])

    assert sorted(notes.begun) == [(1, 1), (1, 1), (2, 1), (2, 1)]


async def test_a_cancelled_worker_gives_its_jobs_back_too(store: Database, queue: JobQueue, clock):
    notes = Notes()
    notes.may_end.clear()
    worker = Worker(store, queue, [JobKind("note", notes)], clock, pace=PACE)
    running = asyncio.get_running_loop().create_task(worker.run())
    await _enqueue(store, queue, 1)
    await until(lambda: notes.begun == [(1, 1)])

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert notes.cancelled == [1]
    assert await _states(store) == {("note", "waiting"): 1}


async def test_a_handler_that_does_not_end_is_not_waited_for_for_ever(
    store: Database, queue: JobQueue, clock
):
    released = asyncio.Event()

    async def stubborn(payload: Mapping[str, object], attempt: int) -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    worker = Worker(store, queue, [JobKind("note", stubborn)], clock, pace=PACE)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        job_id = await _enqueue(store, queue, 1)
        await until(lambda: worker.is_running(job_id))

        assert not await worker.stop(within_s=0.05)
        released.set()


async def test_a_job_that_took_the_box_down_each_time_is_given_up(
    store: Database, queue: JobQueue, clock
):
    notes = Notes()
    await _enqueue(store, queue, 1)
    for _ in range(2):  # Two runs of the box that ended during the job.
        await store.write(lambda tx: queue.claim(tx, {"note": 1}, lease_s=60))
        await store.write(queue.reclaim_own)

    kinds = [JobKind("note", notes, max_attempts=2)]
    async with working(Worker(store, queue, kinds, clock, pace=PACE)):
        await _has_state(store, ("note", "failed"))

    assert notes.begun == []


async def _taken_by(other_box: JobQueue, store: Database, clock: ManualClock) -> ClaimedJob:
    def take(tx: Transaction) -> list[ClaimedJob]:
        clock.advance(1)
        other_box.free_expired(tx)
        return other_box.claim(tx, {"note": 1}, lease_s=60)

    [taken] = await store.write(take)
    return taken


async def test_a_job_whose_lease_was_lost_is_cancelled_and_not_written_down(
    store: Database, queue: JobQueue, clock: ManualClock, ids: CountingIds
):
    notes = Notes()
    notes.may_end.clear()
    pace = WorkerPace(lease_s=0.06, poll_s=30)
    other_box = JobQueue(clock, ids, owner="other box")

    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=pace)):
        await _enqueue(store, queue, 1)
        await until(lambda: notes.begun == [(1, 1)])
        taken = await _taken_by(other_box, store, clock)
        await until(lambda: notes.cancelled == [1])

    assert await store.write(lambda tx: other_box.complete(tx, taken))


async def test_jobs_of_a_box_that_died_are_taken_over(
    store: Database, queue: JobQueue, clock: ManualClock, ids: CountingIds
):
    notes = Notes()
    dead_box = JobQueue(clock, ids, owner="dead box")
    await _enqueue(store, queue, 1)
    await store.write(lambda tx: dead_box.claim(tx, {"note": 1}, lease_s=60))
    clock.advance(61)
    pace = WorkerPace(lease_s=0.06, poll_s=30)

    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=pace)):
        await until(lambda: notes.ended == [1])

    assert notes.begun == [(1, 2)]


async def test_kinds_nobody_knows_wait_and_are_named(
    store: Database, queue: JobQueue, clock, caplog
):
    await _enqueue(store, queue, 1, "from a newer version", run_at=clock.now())
    await _enqueue(store, queue, 2)
    notes = Notes()

    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=PACE)):
        await until(lambda: notes.ended == [2])
        await until(lambda: "jobs without a handler wait" in caplog.messages)

    assert await _states(store) == {("from a newer version", "waiting"): 1}


async def test_a_delayed_job_does_not_wait_for_the_poll(
    store: Database, queue: JobQueue, clock: ManualClock
):
    notes = Notes()
    async with working(Worker(store, queue, [JobKind("note", notes)], clock, pace=PACE)):
        await _enqueue(store, queue, 1, run_at=clock.now() + timedelta(milliseconds=50))
        await _enqueue(store, queue, 2)
        await until(lambda: notes.ended == [2])
        clock.advance(0.05)
        await until(lambda: notes.ended == [2, 1])


class FullDisk:
    """Stands in front of a database and refuses to write while it is full."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_full = False
        self.refused = 0

    async def read(self, work):
        return await self._database.read(work)

    async def write(self, work):
        if self.is_full:
            self.refused += 1
            raise StorageFullError("The disk is full: nothing was saved.")
        return await self._database.write(work)


async def test_an_outcome_is_written_down_when_the_disk_has_room_again(
    store: Database, queue: JobQueue, clock
):
    disk = FullDisk(store)
    notes = Notes()
    notes.may_end.clear()
    worker = Worker(disk, queue, [JobKind("note", notes)], clock, pace=PACE)  # pyright: ignore[reportArgumentType]

    async with working(worker):
        await _enqueue(store, queue, 1)
        await until(lambda: notes.begun == [(1, 1)])
        disk.is_full = True
        notes.may_end.set()
        await until(lambda: disk.refused >= 3)
        disk.is_full = False
        await _is_empty(store)

    assert notes.begun == [(1, 1)]


async def test_a_full_disk_does_not_keep_the_worker_from_stopping(
    store: Database, queue: JobQueue, clock
):
    disk = FullDisk(store)
    notes = Notes()
    notes.may_end.clear()
    worker = Worker(disk, queue, [JobKind("note", notes)], clock, pace=PACE)  # pyright: ignore[reportArgumentType]

    async with working(worker):
        await _enqueue(store, queue, 1)
        await until(lambda: notes.begun == [(1, 1)])
        disk.is_full = True

    assert notes.cancelled == [1]
    assert await _states(store) == {("note", "running"): 1}


async def test_two_kinds_of_the_same_name_are_refused(store: Database, queue: JobQueue, clock):
    kind = JobKind("note", Notes())

    with pytest.raises(ValueError, match="note, note"):
        Worker(store, queue, [kind, kind], clock)
