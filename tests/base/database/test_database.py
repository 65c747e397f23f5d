import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import InvalidValueError, UnavailableError
from tests.base.database.small_tables import add, count, create, dogs, names, people


async def test_what_is_written_can_be_read(any_store: Database):
    await any_store.write(lambda tx: add(tx, "Ana", "Íñigo"))

    assert await any_store.read(names) == ["Ana", "Íñigo"]


async def test_a_failed_unit_of_work_leaves_nothing(any_store: Database):
    def fail(tx: Transaction) -> None:
        add(tx, "Ana")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await any_store.write(fail)

    assert await any_store.read(names) == []


async def test_actions_follow_the_commit_on_the_event_loop(any_store: Database):
    seen: list[tuple[list[str], int]] = []

    def look() -> None:
        seen.append((any_store.read_now(names), threading.get_ident()))

    def work(tx: Transaction) -> None:
        add(tx, "Ana")
        tx.after_commit(look)

    await any_store.write(work)
    await asyncio.sleep(0)

    assert seen == [(["Ana"], threading.get_ident())]


async def test_no_action_follows_a_rollback(any_store: Database):
    seen: list[str] = []

    def fail(tx: Transaction) -> None:
        tx.after_commit(lambda: seen.append("told"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await any_store.write(fail)
    await asyncio.sleep(0)

    assert seen == []


def test_a_failing_action_does_not_make_a_commit_look_failed(any_store: Database, caplog):
    seen: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    def work(tx: Transaction) -> str:
        add(tx, "Ana")
        tx.after_commit(fail)
        tx.after_commit(lambda: seen.append("told"))
        return "written"

    assert any_store.write_now(work) == "written"
    assert seen == ["told"]
    assert "an action after a commit failed" in caplog.messages


async def test_a_caller_that_is_cancelled_leaves_its_transaction_whole(any_store: Database):
    begun, may_end = threading.Event(), threading.Event()

    def work(tx: Transaction) -> None:
        add(tx, "Ana")
        begun.set()
        may_end.wait(5)
        add(tx, "Bea")

    loop = asyncio.get_running_loop()
    writing = loop.create_task(any_store.write(work))
    await loop.run_in_executor(None, begun.wait, 5)

    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await any_store.read(names) == []
    may_end.set()

    async with asyncio.timeout(5):
        while await any_store.read(names) != ["Ana", "Bea"]:
            await asyncio.sleep(0.005)


async def test_a_reader_cannot_write(any_store: Database):
    def write(connection: Connection) -> None:
        connection.execute(people.insert().values(name="Ana"))

    with pytest.raises((UnavailableError, DBAPIError)):
        await any_store.read(write)

    assert await any_store.read(names) == []


def test_a_unit_of_reading_sees_one_state(any_store: Database):
    def look_twice(connection: Connection) -> tuple[int, int]:
        before = count(connection)
        with ThreadPoolExecutor(1) as other:
            other.submit(any_store.write_now, lambda tx: add(tx, "Ana")).result()
        return before, count(connection)

    assert any_store.read_now(look_twice) == (0, 0)
    assert any_store.read_now(count) == 1


def test_foreign_keys_are_held(any_store: Database):
    with pytest.raises(IntegrityError):
        any_store.write_now(lambda tx: tx.connection.execute(dogs.insert().values(person_id=99)))


async def test_twenty_writers_at_once_lose_nothing(any_store: Database):
    def add_one(number: int) -> None:
        any_store.write_now(lambda tx: add(tx, str(number)))

    with ThreadPoolExecutor(20) as writers:
        list(writers.map(add_one, range(100)))

    assert sorted(any_store.read_now(names), key=int) == [str(number) for number in range(100)]


async def test_reading_goes_on_while_somebody_writes(any_store: Database):
    begun, may_end = threading.Event(), threading.Event()

    def work(tx: Transaction) -> None:
        add(tx, "Ana")
        begun.set()
        may_end.wait(5)

    loop = asyncio.get_running_loop()
    writing = loop.create_task(any_store.write(work))
    await loop.run_in_executor(None, begun.wait, 5)

    seen = await asyncio.wait_for(any_store.read(names), 2)
    may_end.set()
    await writing

    assert (seen, await any_store.read(names)) == ([], ["Ana"])


async def test_closing_waits_for_what_is_being_written(tmp_path, store: Database):
    writing = asyncio.get_running_loop().create_task(store.write(lambda tx: add(tx, "Ana")))
    await asyncio.sleep(0)

    await asyncio.get_running_loop().run_in_executor(None, store.close)

    await writing


async def test_the_text_of_a_failure_holds_no_values(any_store: Database):
    # It goes into the log, with its traceback.
    def fail(tx: Transaction) -> None:
        tx.connection.execute(dogs.insert().values(id=1, person_id="canary"))

    with pytest.raises(DBAPIError) as failed:
        await any_store.write(fail)

    told = str(failed.value).replace(str(failed.value.orig), "")
    assert "canary" not in told
    assert "INSERT INTO dogs" in told


async def test_a_character_that_postgresql_does_not_keep_is_a_refused_value(
    postgresql_database: Database,
):
    await postgresql_database.write(create)

    with pytest.raises(InvalidValueError, match="NUL"):
        await postgresql_database.read(
            lambda connection: connection.execute(people.select().where(people.c.name == "a\0"))
        )
