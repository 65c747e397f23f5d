import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.base.database.database import Database
from appliance.base.database.opening import open_sqlite
from appliance.base.database.soundness import Soundness
from appliance.base.errors import DatabaseDamagedError
from tests.base.database.small_tables import add, create
from tests.fakes.clock import ManualClock

_PAGE_BYTES = 4096
_WEEK_S = 7 * 86_400


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nodo.db"


def _run(file: Path, clock: ManualClock, *, is_killed: bool = False) -> None:
    """Do what a run of the box does with its database: open, check, write, close."""
    soundness = Soundness(file, clock)
    database = open_sqlite(file)
    try:
        soundness.refuse_damaged(database)
        database.write_now(create)
        database.write_now(lambda tx: add(tx, *("person" * 50 for _ in range(200))))
    finally:
        database.close()
    if not is_killed:
        soundness.leave_mark(database)


def _damage_unseen(file: Path) -> None:
    """Overwrite pages, and let the file look as if nobody had touched it."""
    before = file.stat()
    with file.open("r+b") as written:
        written.seek(5 * _PAGE_BYTES)
        written.write(b"\xa5" * 3 * _PAGE_BYTES)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _is_read_through(file: Path, clock: ManualClock) -> bool:
    """Return whether the next start reads the file through: only then it sees the damage."""
    _damage_unseen(file)
    soundness = Soundness(file, clock)
    database = open_sqlite(file)
    try:
        soundness.refuse_damaged(database)
    except DatabaseDamagedError:
        return True
    finally:
        database.close()
    return False


def test_after_a_clean_end_the_file_is_not_read_through(file: Path, clock: ManualClock):
    _run(file, clock)

    assert not _is_read_through(file, clock)


def test_after_a_crash_it_is(file: Path, clock: ManualClock):
    _run(file, clock)
    _run(file, clock, is_killed=True)

    assert _is_read_through(file, clock)


@pytest.mark.parametrize(
    ("passes_s", "is_read"), [(_WEEK_S - 1, False), (_WEEK_S, True), (-3600, True)]
)
def test_it_is_read_weekly_and_when_nobody_knows_how_long_it_has_been(
    file: Path, clock: ManualClock, passes_s: float, is_read: bool
):
    _run(file, clock)
    clock.jump(passes_s)

    assert _is_read_through(file, clock) == is_read


def test_clean_ends_do_not_put_the_weekly_reading_off(file: Path, clock: ManualClock):
    for _ in range(3):
        _run(file, clock)
        clock.jump(timedelta(days=3).total_seconds())

    assert _is_read_through(file, clock)


def _touch(file: Path) -> None:
    os.utime(file)


def _leave_a_log(file: Path) -> None:
    file.with_name("nodo.db-wal").write_bytes(b"not taken in")


def _garble_the_mark(file: Path) -> None:
    file.with_name("nodo.db.sound").write_text('["2026"]', encoding="utf-8")


@pytest.mark.parametrize("change", [_touch, _leave_a_log, _garble_the_mark])
def test_a_file_that_somebody_touched_meanwhile_is_read_through(
    file: Path, clock: ManualClock, change: Callable[[Path], None]
):
    _run(file, clock)
    change(file)

    assert _is_read_through(file, clock)


def test_a_run_that_came_upon_damage_leaves_no_mark(file: Path, clock: ManualClock):
    _run(file, clock)
    soundness = Soundness(file, clock)
    database = open_sqlite(file)
    soundness.refuse_damaged(database)
    database.note_damage()
    database.close()
    soundness.leave_mark(database)

    assert not file.with_name("nodo.db.sound").exists()


async def test_a_box_that_runs_on_reads_its_file_through_too(file: Path, clock: ManualClock):
    _run(file, clock)
    _damage_unseen(file)
    soundness = Soundness(file, clock)
    database = open_sqlite(file)
    soundness.refuse_damaged(database)

    damage = await soundness.read_through(database)

    assert damage is not None
    assert database.has_found_damage
    database.close()


async def test_what_was_read_while_running_counts_for_the_week(file: Path, clock: ManualClock):
    _run(file, clock)
    soundness = Soundness(file, clock)
    database = open_sqlite(file)
    soundness.refuse_damaged(database)
    clock.jump(_WEEK_S - 1)
    assert await soundness.read_through(database) is None
    database.close()
    soundness.leave_mark(database)
    clock.jump(_WEEK_S - 1)

    assert not _is_read_through(file, clock)


async def test_postgresql_looks_after_itself(
    postgresql_database: Database, file: Path, clock: ManualClock
):
    soundness = Soundness(file, clock)

    soundness.refuse_damaged(postgresql_database)
    assert await soundness.read_through(postgresql_database) is None
    soundness.leave_mark(postgresql_database)

    assert not file.with_name("nodo.db.sound").exists()
