"""Migrates a database, telling each statement, so that it can be killed in the middle."""

import sys
from pathlib import Path

from alembic.operations import Operations
from sqlalchemy import Column, Integer, event
from sqlalchemy.engine import Engine

from appliance.base.database.migrations import Migration, migrate
from appliance.base.database.opening import open_postgresql, open_sqlite
from tests.fakes.clock import DEFAULT_START

STATEMENTS_PER_STEP = 4


def _step(name: str) -> Migration:
    def apply(operations: Operations) -> None:
        for number in range(STATEMENTS_PER_STEP):
            operations.create_table(f"{name}_{number}", Column("n", Integer, primary_key=True))

    return Migration(name, apply)


STEPS = (_step("one"), _step("two"))


def main() -> None:
    """Migrate the database whose file or address is the first argument."""
    where = sys.argv[1]
    server = where.startswith("postgresql:")
    database = open_postgresql(where) if server else open_sqlite(Path(where))

    def tell(*_: object) -> None:
        print("statement", flush=True)
        # Whoever wants to kill us does so before we are told to go on.
        sys.stdin.readline()

    event.listen(Engine, "after_cursor_execute", tell)
    migrate(database, STEPS, applied_at=DEFAULT_START, copy_to=None, sqlite_file=None)
    print("done", flush=True)


if __name__ == "__main__":
    main()
