import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.base.database.database import Database
from appliance.base.jobs.queue import JobQueue, count_jobs
from appliance.base.jobs.schedule import Recurring, Schedule
from appliance.base.jobs.triggers import At, Every
from tests.fakes.clock import ManualClock
from tests.waiting import until

MINUTELY = Recurring("tidy", "tidy.up", every_s=60)
OFTEN = Recurring("tidy", "tidy.up", every_s=0.05)


@asynccontextmanager
async def running(schedule: Schedule) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(schedule.run())
        await until(lambda: schedule.next_run_at("tidy") is not None)
        yield
        task.cancel()


def _put_off(schedule: Schedule, by: timedelta) -> None:
    # What setting the clock looks like from the scheduler, which reads the computer's own clock:
    # its next time lies further away.
    planned = schedule._scheduler.get_job("tidy")
    assert planned is not None
    planned.modify(next_run_time=planned.next_run_time + by)


async def _count(store: Database) -> int:
    return sum((await store.read(count_jobs)).values())


async def _one_job(store: Database) -> None:
    async with asyncio.timeout(5):
        while await _count(store) != 1:
            await asyncio.sleep(0.005)


async def test_a_recurring_job_is_enqueued_once_until_it_is_done(
    store: Database, queue: JobQueue, clock: ManualClock
):
    schedule = Schedule(store, queue, clock, [OFTEN])

    async with running(schedule):
        await _one_job(store)
        first_time = schedule.next_run_at("tidy")
        await until(lambda: schedule.next_run_at("tidy") != first_time)
        assert await _count(store) == 1
        [job] = await store.write(lambda tx: queue.claim(tx, {"tidy.up": 9}, lease_s=60))
        await store.write(lambda tx: queue.complete(tx, job))
        await _one_job(store)


async def test_after_the_clock_was_set_back_jobs_come_again(
    store: Database, queue: JobQueue, clock: ManualClock
):
    schedule = Schedule(store, queue, clock, [OFTEN])

    async with running(schedule):
        _put_off(schedule, timedelta(days=365))
        clock.jump(-365 * 86400)
        await schedule.look_at_clock()

        await _one_job(store)


async def test_without_the_watch_they_would_not(
    store: Database, queue: JobQueue, clock: ManualClock
):
    # The negative control of the test above.
    schedule = Schedule(store, queue, clock, [OFTEN])

    async with running(schedule):
        _put_off(schedule, timedelta(days=365))
        await schedule.look_at_clock()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await _one_job(store)


async def test_a_year_that_was_skipped_makes_one_job_and_costs_nothing(
    store: Database, queue: JobQueue, clock: ManualClock
):
    schedule = Schedule(store, queue, clock, [Recurring("tidy", "tidy.up", every_s=1)])

    async with running(schedule):
        loop = asyncio.get_running_loop()
        before_s = loop.time()
        _put_off(schedule, timedelta(days=-365))
        schedule._scheduler.wakeup()
        await _one_job(store)
        assert loop.time() - before_s < 1


def test_every_so_often_counts_from_now():
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    trigger = Every(60)

    assert trigger.get_next_fire_time(None, now) == now + timedelta(seconds=60)
    long_ago = now - timedelta(days=365)
    assert trigger.get_next_fire_time(long_ago, now) == now + timedelta(seconds=60)


def test_a_time_of_day_is_that_of_the_boxs_zone_in_summer_and_winter():
    trigger = At("30 3 * * *", ZoneInfo("Europe/Madrid"))

    winter = trigger.get_next_fire_time(None, datetime(2026, 1, 10, 12, 0, tzinfo=UTC))
    summer = trigger.get_next_fire_time(winter, datetime(2026, 7, 10, 12, 0, tzinfo=UTC))

    assert winter == datetime(2026, 1, 11, 2, 30, tzinfo=UTC)
    assert summer == datetime(2026, 7, 11, 1, 30, tzinfo=UTC)


def test_a_time_of_day_does_not_fire_twice_at_the_same_instant():
    trigger = At("0 3 * * *", UTC)
    fired = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

    assert trigger.get_next_fire_time(fired, fired) == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("how", [{}, {"every_s": 1, "cron": "* * * * *"}])
def test_a_recurring_job_has_one_rhythm(how):
    with pytest.raises(ValueError, match="either every_s or cron"):
        Recurring("tidy", "tidy.up", **how)


def test_two_recurring_jobs_of_the_same_name_are_refused(
    store: Database, queue: JobQueue, clock: ManualClock
):
    with pytest.raises(ValueError, match="same name"):
        Schedule(store, queue, clock, [MINUTELY, MINUTELY])
