from pathlib import Path

import pytest
from sqlalchemy import inspect

from appliance.base.database.opening import open_postgresql, open_sqlite
from tests.databases import migrated
from tests.faults.killing import Program
from tests.faults.migrating_program import STEPS
from tests.waiting import until_now

_ALL = ["one_0", "one_1", "one_2", "one_3", "schema_steps", "two_0", "two_1", "two_2", "two_3"]


def _tables(where: str) -> list[str]:
    database = (
        open_postgresql(where) if where.startswith("postgresql:") else open_sqlite(Path(where))
    )
    found = database.read_now(lambda connection: sorted(inspect(connection).get_table_names()))
    database.close()
    return found


def _killed_after(where: str, statements: int) -> bool:
    """Return whether the migration was done before it could be killed."""
    with Program("tests.faults.migrating_program", where) as program:
        for _ in range(statements):
            if program.line() == "done":
                return True
            program.go_on()
        return program.line() == "done"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_migration_that_is_killed_anywhere_has_done_nothing_and_can_be_done_again(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
):
    where = str(tmp_path / "nodo.db")
    if kind == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    done, found = False, []
    statements = 0

    while not done:
        done = _killed_after(where, statements)
        found.append(_tables(where))
        statements += 5

    assert len(found) > 3
    assert [tables for tables in found[:-1] if tables != []] == []
    assert found[-1] == _ALL


def test_the_migration_is_killed_with_statements_done(tmp_path: Path):
    # The negative control: the killed program had made tables, in a transaction of its own.
    where = str(tmp_path / "nodo.db")

    with Program("tests.faults.migrating_program", where) as program:
        for _ in range(12):
            assert program.line() == "statement"
            program.go_on()
        until_now(lambda: Path(f"{where}-wal").exists() or Path(where).exists())

    assert _tables(where) == []
    database = migrated(open_sqlite(Path(where)), STEPS)
    database.close()
    assert _tables(where) == _ALL
