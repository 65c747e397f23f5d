import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.database.database import Database
from appliance.base.database.opening import open_sqlite
from appliance.base.errors import StorageFullError
from tests.base.database.small_tables import add, count, create

_DISK_BYTES = 3 * 1024 * 1024
_NAME = "x" * 50_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 3 MB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def store(small_disk: Path) -> Iterator[Database]:
    """Give a database on the small file system."""
    opened = open_sqlite(small_disk / "nodo.db")
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
    small_disk: Path, store: Database
):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 1024 * 1024)
    written = _fill(store)
    with pytest.raises(StorageFullError):
        await store.write(lambda tx: add(tx, _NAME))

    ballast.unlink()
    await store.write(lambda tx: add(tx, _NAME))

    assert await store.read(count) == written + 1
    check = store.read_now(lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar_one())
    assert check == "ok"


def test_the_same_writing_fits_on_a_larger_disk(tmp_path: Path):
    # The negative control: it is the disk that refuses, not the amount.
    opened = open_sqlite(tmp_path / "nodo.db")
    opened.write_now(create)

    for _ in range(80):
        opened.write_now(lambda tx: add(tx, _NAME))

    assert opened.read_now(count) == 80
    opened.close()
