"""Uploads on a disk that gets full in the middle: nothing is acknowledged, nothing is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.errors import StorageFullError
from appliance.files.blobs import Blobs
from tests.fakes.ids import CountingIds
from tests.faults.disks import small_disk

_DISK_BYTES = 3 << 20
_CHUNK = b"x" * 100_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", _DISK_BYTES) as folder:
        yield folder


async def _written(blobs: Blobs, chunks: int) -> str:
    async with blobs.writing() as blob:
        for _ in range(chunks):
            await blob.write(_CHUNK)
        await blob.keep()
    return blob.name


async def test_an_upload_that_fills_the_disk_is_named_and_leaves_nothing(disk: Path) -> None:
    blobs = Blobs(disk / "files", CountingIds(), reserve_bytes=0)
    await blobs.prepare()

    with pytest.raises(StorageFullError):
        await _written(blobs, 50)

    assert list((disk / "files").iterdir()) == []
    # There is room again for one that fits.
    name = await _written(blobs, 10)
    assert blobs.path_of(name).stat().st_size == 1_000_000


async def test_the_same_upload_fits_on_a_larger_disk(tmp_path: Path) -> None:
    # The negative control: it is the disk that refuses, not the amount.
    blobs = Blobs(tmp_path / "files", CountingIds(), reserve_bytes=0)
    await blobs.prepare()

    name = await _written(blobs, 50)

    assert blobs.path_of(name).stat().st_size == 5_000_000
    assert [path.name for path in (tmp_path / "files").iterdir()] == [name]
