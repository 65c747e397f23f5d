import random
from pathlib import Path

import pytest

from appliance.base.database.damage import damage_of, refuse_damaged
from appliance.base.database.database import Database
from appliance.base.database.migrations import migrate
from appliance.base.database.opening import open_sqlite
from appliance.base.errors import DatabaseDamagedError
from tests.base.database.small_tables import add, count, create
from tests.base.database.test_migrations import MAKE
from tests.fakes.clock import DEFAULT_START

_PAGE_BYTES = 4096


def _filled(file: Path) -> None:
    database = open_sqlite(file)
    database.write_now(create)
    database.write_now(lambda tx: add(tx, *(f"person {number}" * 20 for number in range(500))))
    database.close()


def _refused(file: Path) -> DatabaseDamagedError:
    database = open_sqlite(file)
    with pytest.raises(DatabaseDamagedError) as refused:
        refuse_damaged(database)
    database.close()
    return refused.value


def test_a_sound_file_is_accepted(tmp_path: Path):
    # Also the negative control of the tests below.
    _filled(tmp_path / "nodo.db")
    database = open_sqlite(tmp_path / "nodo.db")

    refuse_damaged(database)

    assert database.read_now(damage_of) is None
    assert database.read_now(count) == 500
    database.close()


def test_postgresql_looks_after_itself(postgresql_database: Database):
    refuse_damaged(postgresql_database)


def test_pages_that_were_overwritten_are_found(tmp_path: Path):
    file = tmp_path / "nodo.db"
    _filled(file)
    noise = random.Random(7)
    with file.open("r+b") as written:
        written.seek(5 * _PAGE_BYTES)
        written.write(noise.randbytes(3 * _PAGE_BYTES))

    error = _refused(file)

    assert error.message.startswith("The database file is damaged: ")
    assert "backups" in error.hint
    assert file.stat().st_size > 5 * _PAGE_BYTES


@pytest.mark.parametrize("left_bytes", [2 * _PAGE_BYTES, 5000, 100])
def test_a_file_that_was_cut_off_is_found(tmp_path: Path, left_bytes: int):
    file = tmp_path / "nodo.db"
    _filled(file)
    with file.open("r+b") as written:
        written.truncate(left_bytes)

    assert "damaged" in _refused(file).message


def test_a_file_that_is_no_database_is_found(tmp_path: Path):
    file = tmp_path / "nodo.db"
    file.write_bytes(b"this was a database once" * 1000)

    assert "not a database" in _refused(file).message
    assert file.read_bytes()[:24] == b"this was a database once"


def _after_a_first_start(file: Path) -> None:
    database = open_sqlite(file)
    migrate(database, [MAKE], applied_at=DEFAULT_START, copy_to=None, sqlite_file=file)
    database.close()


def test_a_database_that_vanished_is_not_made_anew_silently(tmp_path: Path):
    file = tmp_path / "nodo.db"
    _after_a_first_start(file)
    file.unlink()

    with pytest.raises(DatabaseDamagedError, match=r"nodo\.db is gone"):
        open_sqlite(file)

    assert not file.exists()


def test_a_database_that_is_empty_now_is_refused(tmp_path: Path):
    file = tmp_path / "nodo.db"
    _after_a_first_start(file)
    file.write_bytes(b"")

    with pytest.raises(DatabaseDamagedError, match=r"nodo\.db is empty") as refused:
        open_sqlite(file)

    assert "nodo.db.made" in refused.value.hint


def test_whoever_deletes_the_mark_too_begins_anew(tmp_path: Path):
    file = tmp_path / "nodo.db"
    _after_a_first_start(file)
    file.unlink()
    (tmp_path / "nodo.db.made").unlink()

    _after_a_first_start(file)

    assert file.exists()
