from datetime import timedelta

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.database.database import Database
from appliance.base.jobs.checks import JobsCheck
from appliance.base.jobs.queue import JobQueue
from tests.fakes.clock import ManualClock


async def test_jobs_that_wait_too_long_are_noticed(
    any_store: Database, queue: JobQueue, clock: ManualClock
):
    check = JobsCheck(any_store, clock)
    later = clock.now() + timedelta(hours=1)
    await any_store.write(lambda tx: queue.enqueue(tx, "note", {}))
    await any_store.write(lambda tx: queue.enqueue(tx, "note", {}, run_at=later))
    assert await check.check() == CheckResult("jobs", CheckStatus.OK)

    clock.advance(301)
    assert await check.check() == CheckResult("jobs", CheckStatus.DEGRADED, "1 jobs wait too long")

    await any_store.write(lambda tx: queue.claim(tx, {"note": 1}, lease_s=60))
    assert (await check.check()).status == CheckStatus.OK
