import subprocess
import sys

import psutil
import pytest

from appliance.base.process.child import Child, ChildSpec
from tests.base.process.children import REPOSITORY
from tests.waiting import until_now

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel call is Linux's")

# A parent that starts a child, tells its pid, and waits to be killed.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-c", sys.argv[1]],
    env={"NODO_PARENT_PID": str(os.getpid())}, stdout=subprocess.PIPE, start_new_session=True,
)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
LOYAL_CHILD = """
import time
from appliance.base.process.guard import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
DISLOYAL_CHILD = LOYAL_CHILD.replace("die_with_parent()\n", "")


def _child_after_its_parent_was_killed(source: str) -> psutil.Process:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, source], stdout=subprocess.PIPE, cwd=REPOSITORY
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    return child


def _is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_child_dies_when_its_parent_is_killed():
    child = _child_after_its_parent_was_killed(LOYAL_CHILD)

    until_now(lambda: _is_gone(child))


def test_a_child_without_the_guard_lives_on():
    # The negative control: without it the test above would prove nothing.
    child = _child_after_its_parent_was_killed(DISLOYAL_CHILD)

    assert not _is_gone(child)
    child.kill()


async def _run(source: str) -> tuple[list[dict[str, object]], int | None]:
    spec = ChildSpec("guarded child", (sys.executable, "-c", source), {}, REPOSITORY)
    child = await Child.start(spec)
    messages = [message async for message in child.messages()]
    return messages, (await child.wait()).code


async def test_a_child_whose_parent_is_gone_already_ends_at_once():
    source = """
from appliance.base.process.guard import die_with_parent
os.environ["NODO_PARENT_PID"] = "999999999"
die_with_parent()
"""

    assert await _run(source) == ([], 1)


@linux_only
async def test_the_guards_hold_in_the_child():
    source = """
import json, resource
from pathlib import Path
from appliance.base.process import guard
guard.die_with_parent()
guard.raise_oom_score()
guard.no_core_dumps()
guard.no_new_privileges()
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps({
    "oom_score": int(Path("/proc/self/oom_score_adj").read_text()),
    "core_bytes": resource.getrlimit(resource.RLIMIT_CORE),
    "no_new_privileges": status["NoNewPrivs"],
}))
"""

    messages, code = await _run(source)

    assert messages == [{"oom_score": 800, "core_bytes": [0, 0], "no_new_privileges": "1"}]
    assert code == 0
