import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from appliance.base.errors import ConflictError, SettingError
from appliance.base.instance import Instance, Runtime, find_running
from tests.base.process.children import REPOSITORY

HOLDER = """
import sys, time
from pathlib import Path
from appliance.base.instance import Instance
instance = Instance.claim(Path(sys.argv[1]))
instance.announce(host="127.0.0.1", port=8001)
print("holding", flush=True)
time.sleep(60)
"""

HOLDER_WITH_CHILD = """
import subprocess, sys, time
from pathlib import Path
from appliance.base.instance import Instance
instance = Instance.claim(Path(sys.argv[1]))
child = subprocess.Popen(
    [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"],
    close_fds=False, stdout=subprocess.PIPE,
)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def _holder(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, cwd=REPOSITORY
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"holding\n"
    process.stdout.close()
    return process


def test_a_second_start_is_told_where_the_first_one_is(tmp_path: Path):
    holder = _holder(tmp_path)

    with pytest.raises(ConflictError) as refused:
        Instance.claim(tmp_path)

    holder.kill()
    holder.wait()
    assert refused.value.message == (
        f"Nodo runs already on this data folder as process {holder.pid} at http://127.0.0.1:8001."
    )
    assert refused.value.code == "already_running"


def test_a_killed_process_frees_the_folder(tmp_path: Path):
    holder = _holder(tmp_path)
    holder.kill()
    holder.wait()
    assert find_running(tmp_path) == Runtime(holder.pid, "127.0.0.1", 8001)

    instance = Instance.claim(tmp_path)

    assert find_running(tmp_path) == Runtime(os.getpid())
    instance.release()


def test_a_child_that_outlives_a_killed_process_does_not_keep_the_folder(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER_WITH_CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as holder:
        assert holder.stdout is not None
        child = psutil.Process(int(holder.stdout.readline()))
        holder.kill()

        holder.wait()
        Instance.claim(tmp_path).release()

        assert child.is_running()
        child.kill()


def test_after_the_release_nothing_tells_of_a_running_program(tmp_path: Path):
    instance = Instance.claim(tmp_path)
    instance.announce(host="127.0.0.1", port=8001)

    instance.release()
    instance.release()

    assert find_running(tmp_path) is None


def test_the_same_process_cannot_claim_twice_either(tmp_path: Path):
    instance = Instance.claim(tmp_path)

    with pytest.raises(ConflictError, match=f"as process {os.getpid()}\\."):
        Instance.claim(tmp_path)

    instance.release()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"pid": "x", "host": "", "port": 1}', '{"pid": 1, "port": null}']
)
def test_a_broken_note_tells_nothing(tmp_path: Path, content: str):
    (tmp_path / "runtime.json").write_text(content)

    assert find_running(tmp_path) is None


def test_the_note_can_be_read_by_scripts(tmp_path: Path):
    instance = Instance.claim(tmp_path)
    instance.announce(host="127.0.0.1", port=8765)

    told = json.loads((tmp_path / "runtime.json").read_text())

    assert told == {"pid": os.getpid(), "host": "127.0.0.1", "port": 8765}
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    instance.release()


@pytest.mark.parametrize("name", ["lock", "runtime.json.part"])
def test_a_file_that_cannot_be_written_is_named_in_one_sentence_and_keeps_no_lock(
    tmp_path: Path, name: str
) -> None:
    # A folder in its place: that stops root too.
    (tmp_path / name).mkdir()

    with pytest.raises(SettingError) as refused:
        Instance.claim(tmp_path)

    (tmp_path / name).rmdir()
    assert str(tmp_path / name.removesuffix(".part")) in refused.value.message
    Instance.claim(tmp_path).release()
