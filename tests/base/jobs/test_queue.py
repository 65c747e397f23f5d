import threading
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, RowMapping, select

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import ClaimedJob, JobQueue, count_jobs, next_due
from appliance.base.jobs.tables import jobs
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds


def _enqueue(store: Database, queue: JobQueue, n: int, **how) -> str:
    return store.write_now(lambda tx: queue.enqueue(tx, "note", {"n": n}, **how))


def _claim(store: Database, queue: JobQueue, count: int = 10) -> list[ClaimedJob]:
    return store.write_now(lambda tx: queue.claim(tx, {"note": count}, lease_s=60))


def _numbers(claimed: list[ClaimedJob]) -> list[object]:
    return [job.payload["n"] for job in claimed]


def _row(store: Database, job_id: str) -> RowMapping:
    return store.read_now(
        lambda connection: (
            connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().one()
        )
    )


def test_the_migrated_table_is_the_described_one(any_store: Database):
    described = MetaData(naming_convention=jobs.metadata.naming_convention)
    jobs.to_metadata(described)

    def differences(tx: Transaction) -> list[object]:
        options = {"include_name": lambda name, kind, _: kind != "table" or name == "jobs"}
        return compare_metadata(MigrationContext.configure(tx.connection, opts=options), described)

    assert any_store.write_now(differences) == []


def test_a_job_is_there_only_if_its_transaction_commits(any_store: Database, queue: JobQueue):
    woken: list[str] = []
    queue.wakes(lambda: woken.append("woken"))

    def fail(tx: Transaction) -> None:
        queue.enqueue(tx, "note", {"n": 1})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        any_store.write_now(fail)
    assert (_claim(any_store, queue), woken) == ([], [])

    _enqueue(any_store, queue, 2)
    assert (_numbers(_claim(any_store, queue)), woken) == ([2], ["woken"])


def test_urgent_jobs_go_first_then_older_ones(any_store: Database, queue: JobQueue):
    for n, priority in enumerate([0, 5, 0, 5]):
        _enqueue(any_store, queue, n, priority=priority)

    assert _numbers(_claim(any_store, queue, 3)) == [1, 3, 0]
    assert _numbers(_claim(any_store, queue, 3)) == [2]


def test_a_job_waits_for_its_time(any_store: Database, queue: JobQueue, clock: ManualClock):
    _enqueue(any_store, queue, 1, run_at=clock.now() + timedelta(seconds=30))

    assert _claim(any_store, queue) == []
    due = any_store.read_now(lambda connection: next_due(connection, {"note"}))
    assert due == clock.now() + timedelta(seconds=30)
    clock.advance(30)
    assert _numbers(_claim(any_store, queue)) == [1]


def test_an_unfinished_job_with_the_same_key_is_not_made_again(
    any_store: Database, queue: JobQueue
):
    first = _enqueue(any_store, queue, 1, unique_key="k")
    assert _enqueue(any_store, queue, 2, unique_key="k") == first
    assert _enqueue(any_store, queue, 3, unique_key="other") != first

    running = _claim(any_store, queue)
    assert _numbers(running) == [1, 3]
    assert _enqueue(any_store, queue, 4, unique_key="k") == first

    any_store.write_now(lambda tx: queue.complete(tx, running[0]))
    assert _enqueue(any_store, queue, 5, unique_key="k") != first


def test_a_failed_job_does_not_block_its_key(any_store: Database, queue: JobQueue):
    first = _enqueue(any_store, queue, 1, unique_key="k")
    [job] = _claim(any_store, queue)
    any_store.write_now(lambda tx: queue.give_up(tx, job, error="no"))

    assert _enqueue(any_store, queue, 2, unique_key="k") != first
    assert any_store.read_now(count_jobs) == {("note", "failed"): 1, ("note", "waiting"): 1}


def test_a_job_is_completed_once(any_store: Database, queue: JobQueue):
    _enqueue(any_store, queue, 1)
    [job] = _claim(any_store, queue)

    assert any_store.write_now(lambda tx: queue.complete(tx, job))
    assert not any_store.write_now(lambda tx: queue.complete(tx, job))
    assert any_store.read_now(count_jobs) == {}


def test_a_job_that_is_given_back_has_lost_no_attempt(any_store: Database, queue: JobQueue):
    _enqueue(any_store, queue, 1)
    [first] = _claim(any_store, queue)
    any_store.write_now(lambda tx: queue.give_back(tx, first))

    [second] = _claim(any_store, queue)

    assert (first.attempt, second.attempt) == (1, 1)
    assert not any_store.write_now(lambda tx: queue.complete(tx, first))


def test_a_job_that_is_tried_again_waits_and_says_why(
    any_store: Database, queue: JobQueue, clock: ManualClock
):
    job_id = _enqueue(any_store, queue, 1)
    [job] = _claim(any_store, queue)
    any_store.write_now(lambda tx: queue.retry_later(tx, job, pause_s=5, error="x" * 900))

    assert _claim(any_store, queue) == []
    assert _row(any_store, job_id)["last_error"] == "x" * 500
    clock.advance(5)
    assert _claim(any_store, queue)[0].attempt == 2


def test_a_lease_that_ran_out_is_taken_by_another_box_only(
    any_store: Database, queue: JobQueue, clock: ManualClock, ids: CountingIds
):
    other_box = JobQueue(clock, ids, owner="other box")
    _enqueue(any_store, queue, 1)
    [job] = _claim(any_store, queue)

    clock.advance(59)
    assert any_store.write_now(other_box.free_expired) == 0
    clock.advance(2)
    assert any_store.write_now(queue.free_expired) == 0
    assert any_store.write_now(other_box.free_expired) == 1
    [taken] = _claim(any_store, other_box)

    assert (taken.job_id, taken.attempt) == (job.job_id, 2)
    assert not any_store.write_now(lambda tx: queue.complete(tx, job))


def test_a_renewed_lease_is_kept(
    any_store: Database, queue: JobQueue, clock: ManualClock, ids: CountingIds
):
    _enqueue(any_store, queue, 1)
    [job] = _claim(any_store, queue)
    lost = ClaimedJob("gone", "note", {}, 1, job.token)

    clock.advance(50)
    kept = any_store.write_now(lambda tx: queue.renew(tx, [job, lost], lease_s=60))
    clock.advance(50)

    assert kept == {job.job_id}
    assert any_store.write_now(JobQueue(clock, ids, owner="other box").free_expired) == 0


def test_at_the_start_jobs_of_the_dead_process_wait_again(
    any_store: Database, queue: JobQueue, clock: ManualClock, ids: CountingIds
):
    _enqueue(any_store, queue, 1)
    _enqueue(any_store, queue, 2)
    _claim(any_store, queue, 1)
    _claim(any_store, JobQueue(clock, ids, owner="other box"), 1)

    assert any_store.write_now(queue.reclaim_own) == 1
    again = _claim(any_store, queue)

    assert [(job.payload["n"], job.attempt) for job in again] == [(1, 2)]


@pytest.mark.parametrize("jump_s", [-365 * 86400.0, -3600.0, 3600.0])
def test_pauses_stay_as_long_when_the_clock_jumps_but_appointments_do_not_move(
    any_store: Database, queue: JobQueue, clock: ManualClock, jump_s: float
):
    retried = _enqueue(any_store, queue, 1)
    [job] = _claim(any_store, queue)
    any_store.write_now(lambda tx: queue.retry_later(tx, job, pause_s=5, error=""))
    appointment = clock.now() + timedelta(days=2)
    appointed = _enqueue(any_store, queue, 2, run_at=appointment)

    clock.jump(jump_s)
    any_store.write_now(lambda tx: queue.shift_pauses(tx, jump_s=jump_s))

    assert _row(any_store, retried)["run_at"] == clock.now() + timedelta(seconds=5)
    assert _row(any_store, appointed)["run_at"] == appointment


def test_many_claimers_at_once_never_get_the_same_job(
    any_store: Database, clock: ManualClock, ids: CountingIds
):
    queues = [JobQueue(clock, ids, owner=f"box {number}") for number in range(4)]
    for n in range(200):
        _enqueue(any_store, queues[0], n)
    claimed: list[int] = []

    def take(queue: JobQueue) -> None:
        while found := _claim(any_store, queue, 7):
            claimed.extend(int(str(number)) for number in _numbers(found))

    threads = [threading.Thread(target=take, args=(queue,)) for queue in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == list(range(200))


def test_many_callers_at_once_make_one_job_of_a_key(any_store: Database, queue: JobQueue):
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(_enqueue(any_store, queue, 1, unique_key="k")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(made), len(set(made))) == (8, 1)
