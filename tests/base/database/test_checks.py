import asyncio
import threading
from pathlib import Path

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.database.checks import DatabaseCheck
from appliance.base.database.database import Database
from appliance.base.database.opening import open_postgresql


async def test_a_database_that_answers_is_well(any_database: Database):
    assert await DatabaseCheck(any_database).check() == CheckResult("database", CheckStatus.OK)


async def test_a_database_that_does_not_answer_is_down(tmp_path: Path):
    database = open_postgresql(f"postgresql://nodo@/nodo?host={tmp_path}")

    result = await DatabaseCheck(database).check()

    assert (result.status, result.detail) == ("down", "The database server does not answer.")
    database.close()


async def test_a_database_that_is_slow_is_degraded(database: Database):
    may_end = threading.Event()
    readers = [database.read(lambda _: may_end.wait(5)) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for reader in readers:
            tasks.create_task(reader)
        await asyncio.sleep(0)
        result = await DatabaseCheck(database, within_s=0.05).check()
        may_end.set()

    assert (result.status, result.detail) == ("degraded", "no answer within 0.05 s")
