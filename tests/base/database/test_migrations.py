from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, inspect, select

from appliance.base.database.database import Database
from appliance.base.database.migrations import Migration, migrate, schema_steps
from appliance.base.database.opening import open_sqlite
from appliance.base.errors import ConflictError, StorageFullError
from tests.fakes.clock import DEFAULT_START

numbers = Table("numbers", MetaData(), Column("n", Integer, primary_key=True))


def _make(operations) -> None:
    operations.create_table("numbers", Column("n", Integer, primary_key=True))


def _fill(operations) -> None:
    operations.bulk_insert(numbers, [{"n": 7}])


def _fail(operations) -> None:
    operations.create_table("half", Column("n", Integer, primary_key=True))
    raise ZeroDivisionError


MAKE, FILL, FAIL = Migration("make", _make), Migration("fill", _fill), Migration("fail", _fail)


def _migrate(database: Database, *steps: Migration, copy_to=None, file=None) -> int:
    return migrate(database, steps, applied_at=DEFAULT_START, copy_to=copy_to, sqlite_file=file)


def _content(database: Database) -> tuple[list[str], list[int]]:
    def read(connection) -> tuple[list[str], list[int]]:
        return (
            sorted(inspect(connection).get_table_names()),
            list(connection.execute(select(numbers.c.n)).scalars()),
        )

    return database.read_now(read)


def _steps(database: Database) -> list[tuple[int, str]]:
    query = select(schema_steps.c.number, schema_steps.c.name).order_by(schema_steps.c.number)
    return [tuple(row) for row in database.read_now(lambda c: c.execute(query).all())]


def test_steps_are_applied_once(any_database: Database):
    assert _migrate(any_database, MAKE, FILL) == 2
    assert _migrate(any_database, MAKE, FILL) == 0

    assert _content(any_database) == (["numbers", "schema_steps"], [7])


def test_a_slice_may_add_a_step_before_those_of_another_slice(any_database: Database):
    later = Migration("accounts 2", lambda operations: None)
    _migrate(any_database, MAKE, FILL)

    assert _migrate(any_database, MAKE, later, FILL) == 1
    assert _steps(any_database) == [(1, "make"), (2, "fill"), (3, "accounts 2")]


def test_a_failing_step_leaves_nothing_of_any_step(any_database: Database):
    _migrate(any_database, MAKE)

    with pytest.raises(ZeroDivisionError):
        _migrate(any_database, MAKE, FILL, FAIL)

    assert _content(any_database) == (["numbers", "schema_steps"], [])
    assert _steps(any_database) == [(1, "make")]


def test_a_newer_database_is_refused_and_named(any_database: Database):
    _migrate(any_database, MAKE, FILL)

    with pytest.raises(ConflictError, match="newer version of Nodo \\(step 'fill'\\)") as refused:
        _migrate(any_database, MAKE)

    assert refused.value.code == "database_too_new"


def test_two_steps_of_the_same_name_are_refused(database: Database):
    with pytest.raises(ValueError, match="same name"):
        _migrate(database, MAKE, MAKE)


def test_the_file_is_copied_before_it_is_changed(tmp_path: Path, database: Database):
    file, copies = tmp_path / "nodo.db", tmp_path / "backups"
    copies.mkdir()
    _migrate(database, MAKE, copy_to=copies, file=file)
    assert list(copies.iterdir()) == []

    _migrate(database, MAKE, FILL, copy_to=copies, file=file)

    assert [copy.name for copy in copies.iterdir()] == ["before-step-2.db"]
    copied = open_sqlite(copies / "before-step-2.db")
    assert _content(copied) == (["numbers", "schema_steps"], [])
    copied.close()


def test_without_room_for_the_copy_nothing_is_changed(tmp_path: Path, database: Database):
    file = tmp_path / "nodo.db"
    _migrate(database, MAKE, copy_to=tmp_path, file=file)
    huge = tmp_path / "huge.db"
    with huge.open("wb") as written:
        written.truncate(2**43)  # A hole: it takes no space.

    with pytest.raises(StorageFullError, match="no room"):
        _migrate(database, MAKE, FILL, copy_to=tmp_path, file=huge)

    assert _content(database) == (["numbers", "schema_steps"], [])
