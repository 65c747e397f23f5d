from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.ballast import Ballast
from appliance.base.database.database import Database
from appliance.base.database.opening import open_sqlite
from appliance.base.errors import StorageFullError
from tests.base.database.small_tables import add, count, create
from tests.faults.disks import small_disk

_DISK_BYTES = 5 * 1024 * 1024
_NAME = "x" * 50_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 5 MB."""
    with small_disk(tmp_path / "disk", _DISK_BYTES) as folder:
        yield folder


@pytest.fixture
def store(disk: Path) -> Iterator[Database]:
    """Give a database on the small file system."""
    opened = open_sqlite(disk / "nodo.db")
    opened.write_now(create)
    yield opened
    opened.close()


def _fill(store: Database) -> int:
    """Return how many people were written before the disk was full."""
    for written in range(1000):
        try:
            store.write_now(lambda tx: add(tx, _NAME))
        except StorageFullError:
            return written
    raise AssertionError("the disk did not get full")


def test_a_full_disk_is_named_and_nothing_acknowledged_is_lost(store: Database):
    written = _fill(store)

    assert written > 5
    assert store.read_now(count) == written


async def test_when_there_is_room_again_writing_goes_on_without_a_restart(
    disk: Path, store: Database
):
    ballast = disk / "ballast"
    ballast.write_bytes(b"0" * 1024 * 1024)
    written = _fill(store)
    with pytest.raises(StorageFullError):
        await store.write(lambda tx: add(tx, _NAME))

    ballast.unlink()
    await store.write(lambda tx: add(tx, _NAME))

    assert await store.read(count) == written + 1
    check = store.read_now(lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar_one())
    assert check == "ok"


async def test_what_was_kept_in_reserve_is_given_up_and_the_work_is_done_after_all(
    disk: Path, store: Database
):
    reserve = Ballast(disk / "reserve", size_bytes=1024 * 1024)
    assert reserve.look() is True
    reserve_file_bytes = (disk / "reserve").stat().st_size
    written = _fill(store)
    store.when_full(reserve.give_up)

    await store.write(lambda tx: add(tx, _NAME))

    assert reserve_file_bytes == 1024 * 1024
    assert reserve.is_short
    assert await store.read(count) == written + 1


async def test_without_anything_left_to_give_up_it_is_refused(store: Database):
    _fill(store)
    store.when_full(lambda: False)

    with pytest.raises(StorageFullError):
        await store.write(lambda tx: add(tx, _NAME))


def test_the_same_writing_fits_on_a_larger_disk(tmp_path: Path):
    # The negative control: it is the disk that refuses, not the amount.
    opened = open_sqlite(tmp_path / "nodo.db")
    opened.write_now(create)

    for _ in range(120):
        opened.write_now(lambda tx: add(tx, _NAME))

    assert opened.read_now(count) == 120
    opened.close()
