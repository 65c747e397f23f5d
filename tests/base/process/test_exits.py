from pathlib import Path

import pytest

from appliance.base.process.exits import ChildExit, count_memory_kills, exit_of


@pytest.mark.parametrize(
    ("returncode", "out_of_memory", "expected"),
    [
        (0, False, ChildExit(0, None, "stopped with code 0")),
        (1, True, ChildExit(1, None, "stopped with code 1")),
        (-11, False, ChildExit(None, 11, "killed by signal 11")),
        (-9, True, ChildExit(None, 9, "killed by signal 9; the system was out of memory")),
    ],
)
def test_the_end_is_told_from_the_return_code(
    returncode: int, out_of_memory: bool, expected: ChildExit
):
    assert exit_of(returncode, out_of_memory=out_of_memory) == expected


def test_the_kernels_count_of_memory_kills_is_read(tmp_path: Path):
    vmstat = tmp_path / "vmstat"
    vmstat.write_text("nr_free_pages 12\noom_kill_x 9\noom_kill 3\n")

    assert count_memory_kills(vmstat) == 3


def test_without_that_count_nothing_is_claimed(tmp_path: Path):
    assert count_memory_kills(tmp_path / "missing") == 0
