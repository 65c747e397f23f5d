from pathlib import Path

import pytest

from appliance.base.ballast import Ballast

_SIZE_BYTES = 3_000_000
_MUCH = 100 * _SIZE_BYTES


class Disk:
    """A disk with as much room as a test says."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "reserve"
        self.free = _MUCH

    def ballast(self) -> Ballast:
        return Ballast(self.file, size_bytes=_SIZE_BYTES, free_bytes=lambda _folder: self.free)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_the_reserve_takes_its_room_where_there_is_plenty(disk: Disk):
    ballast = disk.ballast()

    assert ballast.look()

    assert disk.file.stat().st_size == _SIZE_BYTES
    assert disk.file.stat().st_blocks * 512 >= _SIZE_BYTES
    assert not ballast.is_short


def test_a_whole_reserve_is_left_alone(disk: Disk):
    disk.ballast().look()
    made_ns = disk.file.stat().st_mtime_ns

    disk.ballast().look()

    assert disk.file.stat().st_mtime_ns == made_ns


def test_one_that_was_cut_off_is_made_whole(disk: Disk):
    disk.file.write_bytes(b"half")

    disk.ballast().look()

    assert disk.file.stat().st_size == _SIZE_BYTES


def test_on_a_full_disk_it_is_given_up_once(disk: Disk):
    ballast = disk.ballast()
    ballast.look()

    assert (ballast.give_up(), ballast.is_short) == (True, True)
    assert not disk.file.exists()
    assert (ballast.give_up(), ballast.is_short) == (False, True)


def test_a_disk_that_others_filled_is_noticed(disk: Disk):
    ballast = disk.ballast()
    ballast.look()
    disk.free = 4096

    ballast.look()

    assert (disk.file.exists(), ballast.is_short) == (False, True)


def test_it_is_made_again_only_when_there_is_room_to_spare(disk: Disk):
    ballast = disk.ballast()
    ballast.give_up()
    disk.free = ballast.needed_bytes - 1
    ballast.look()
    assert (disk.file.exists(), ballast.is_short) == (False, True)

    disk.free = ballast.needed_bytes
    ballast.look()

    assert (disk.file.exists(), ballast.is_short) == (True, False)


def test_a_restart_does_not_forget_that_it_is_gone(disk: Disk):
    disk.free = 2 * _SIZE_BYTES
    after_restart = disk.ballast()

    after_restart.look()

    assert after_restart.is_short


def test_before_a_start_it_is_given_up_only_on_a_full_disk(disk: Disk):
    disk.ballast().look()

    assert not disk.ballast().relieve()
    disk.free = 0
    assert disk.ballast().relieve()


@pytest.mark.parametrize("free", [_MUCH, 0])
def test_what_a_kill_left_half_written_takes_no_room_for_ever(disk: Disk, free: int):
    disk.ballast().look()
    left = disk.file.with_name("reserve.part")
    left.write_bytes(b"half")
    disk.free = free

    disk.ballast().look()

    assert not left.exists()


def test_a_reserve_that_cannot_be_written_leaves_nothing_behind(disk: Disk):
    disk.file.mkdir()

    assert not disk.ballast().look()

    assert list(disk.file.parent.iterdir()) == [disk.file]
