from pathlib import Path

import pytest
from sqlalchemy import select

from appliance.base.database.database import Database
from appliance.base.database.soundness import Soundness
from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.tables import FAILED, jobs
from appliance.base.jobs.upkeep import Upkeep, job_kinds
from tests.fakes.clock import ManualClock

_DAY_S = 86_400


@pytest.fixture
def upkeep(any_store: Database, queue: JobQueue, clock: ManualClock, tmp_path: Path) -> Upkeep:
    soundness = Soundness(tmp_path / "nodo.db", clock)
    return Upkeep(database=any_store, queue=queue, soundness=soundness, clock=clock)


def _give_up(store: Database, queue: JobQueue, kind: str, count: int = 1) -> None:
    def fail(tx: Transaction) -> None:
        for _ in range(count):
            queue.enqueue(tx, kind, {})
        for job in queue.claim(tx, {kind: count}, lease_s=60):
            queue.give_up(tx, job, error="nothing helped")

    store.write_now(fail)


def _failed(store: Database, kind: str) -> list[str]:
    query = select(jobs.c.id).where((jobs.c.state == FAILED) & (jobs.c.kind == kind))
    return list(store.read_now(lambda connection: connection.execute(query).scalars().all()))


async def test_given_up_jobs_are_forgotten_after_a_month(
    any_store: Database, queue: JobQueue, clock: ManualClock, upkeep: Upkeep
):
    _give_up(any_store, queue, "old")
    clock.advance(2 * _DAY_S)
    _give_up(any_store, queue, "new")
    clock.advance(29 * _DAY_S)

    assert await upkeep.forget_failed() == 1

    assert (len(_failed(any_store, "old")), len(_failed(any_store, "new"))) == (0, 1)


async def test_of_a_kind_that_fails_all_the_time_the_newest_hundred_are_kept(
    any_store: Database, queue: JobQueue, upkeep: Upkeep
):
    _give_up(any_store, queue, "noisy", 130)
    _give_up(any_store, queue, "quiet", 3)
    newest = sorted(_failed(any_store, "noisy"))[-100:]

    assert await upkeep.forget_failed() == 30

    assert sorted(_failed(any_store, "noisy")) == newest
    assert len(_failed(any_store, "quiet")) == 3


async def test_jobs_that_wait_or_run_are_never_forgotten(
    any_store: Database, queue: JobQueue, clock: ManualClock, upkeep: Upkeep
):
    any_store.write_now(lambda tx: queue.enqueue(tx, "note", {"n": 1}))
    any_store.write_now(lambda tx: queue.claim(tx, {"note": 1}, lease_s=60))
    any_store.write_now(lambda tx: queue.enqueue(tx, "note", {"n": 2}))
    clock.advance(400 * _DAY_S)

    assert await upkeep.forget_failed() == 0


async def test_both_are_kinds_of_jobs_that_may_run_again(upkeep: Upkeep):
    for kind in job_kinds(upkeep):
        await kind.handler({}, 1)
        await kind.handler({}, 2)
