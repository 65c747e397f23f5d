import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from appliance.base.errors import TooLargeError, UnavailableError
from appliance.base.process.child import Child, ChildGoneError, ChildSpec
from appliance.base.process.exits import ChildExit
from tests.base.process.children import python_child
from tests.waiting import until

ECHO = """
import sys
for line in sys.stdin:
    sys.stdout.write(line)
    sys.stdout.flush()
"""


async def _all_of(child: Child) -> list[dict[str, object]]:
    return [message async for message in child.messages()]


async def test_messages_go_there_and_come_back():
    child = await Child.start(python_child(ECHO))

    await child.send({"text": "¿Qué tal? 😀", "n": 1})
    await child.send({"text": "two\nlines", "n": 2})
    replies = child.messages()
    first, second = await anext(replies), await anext(replies)

    assert (first, second) == ({"text": "¿Qué tal? 😀", "n": 1}, {"text": "two\nlines", "n": 2})
    assert await child.stop(grace_s=5) == ChildExit(0, None, "stopped with code 0")


async def test_a_child_that_closes_its_pipe_after_standard_input_ends_is_not_killed():
    child = await Child.start(python_child(ECHO + "print('{\"last\": true}')"))
    reading = asyncio.create_task(_all_of(child))

    ended = await child.stop(grace_s=5)

    assert ended.code == 0
    assert await reading == [{"last": True}]


async def test_a_program_that_is_not_there_is_reported():
    spec = ChildSpec(name="missing child", argv=("/nowhere/program",))

    with pytest.raises(UnavailableError, match="missing child could not be started: No such file"):
        await Child.start(spec)


async def test_the_child_sees_only_the_environment_that_it_is_given(monkeypatch):
    monkeypatch.setenv("NODO_SECRET", "do not tell")
    spec = python_child(
        "import json, os; print(json.dumps(dict(os.environ)))", LC_ALL="C.UTF-8", ONE="1"
    )
    child = await Child.start(spec)

    [environment] = await _all_of(child)
    await child.wait()

    assert environment == {"LC_ALL": "C.UTF-8", "ONE": "1", "NODO_PARENT_PID": str(os.getpid())}


async def test_a_crash_gives_its_code_and_ends_the_messages():
    child = await Child.start(python_child("print('{\"n\": 1}', flush=True); raise SystemExit(7)"))

    assert await _all_of(child) == [{"n": 1}]
    assert await child.wait() == ChildExit(7, None, "stopped with code 7")


async def test_a_killed_child_gives_its_signal():
    child = await Child.start(python_child("import time; time.sleep(60)"))

    os.kill(child.pid, signal.SIGSEGV)

    assert await child.wait() == ChildExit(None, 11, "killed by signal 11")
    assert await _all_of(child) == []


async def test_sending_to_a_child_that_is_gone_says_so():
    child = await Child.start(python_child("raise SystemExit(3)"))
    await child.wait()

    with pytest.raises(ChildGoneError, match="little child has ended: stopped with code 3"):
        await child.send({"n": 1})


async def test_sending_to_a_child_that_dies_meanwhile_says_so():
    # It never reads, so the pipe fills up and the sender waits.
    child = await Child.start(python_child("import time; time.sleep(60)"))
    sending = asyncio.create_task(child.send({"text": "x" * 4_000_000}))
    done, _ = await asyncio.wait([sending], timeout=0.2)
    assert not done

    child.kill()

    with pytest.raises(ChildGoneError):
        await sending
    await child.wait()


async def test_a_message_over_the_limit_is_refused_before_it_is_sent():
    child = await Child.start(python_child(ECHO))

    with pytest.raises(TooLargeError, match="8388608"):
        await child.send({"text": "x" * 8_388_608})

    await child.send({"still": "alive"})
    assert await anext(child.messages()) == {"still": "alive"}
    await child.stop(grace_s=5)


async def test_a_hanging_child_is_told_to_end_when_its_grace_is_over():
    child = await Child.start(python_child("import time; time.sleep(60)"))

    assert await child.stop(grace_s=0.05) == ChildExit(None, 15, "killed by signal 15")


async def test_a_child_that_ignores_sigterm_is_killed():
    source = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print('{"ready": true}', flush=True)
    time.sleep(60)
    """
    child = await Child.start(python_child(source))
    await anext(child.messages())

    ended = await child.stop(grace_s=0.05)

    assert ended == ChildExit(None, 9, "killed by signal 9")


async def test_a_stopped_child_is_killed_too():
    child = await Child.start(python_child("import time; time.sleep(60)"))
    os.kill(child.pid, signal.SIGSTOP)

    child.kill()

    assert (await child.wait()).signal == 9


async def test_grandchildren_end_with_the_child_and_do_not_hold_its_messages_open():
    # The grandchild keeps the pipes that it inherited.
    source = """
    import os, time
    grandchild = os.fork()
    if grandchild == 0:
        time.sleep(60)
    print('{"grandchild": %d}' % grandchild, flush=True)
    """
    child = await Child.start(python_child(source))

    [message] = await asyncio.wait_for(_all_of(child), 5)

    assert (await child.wait()).code == 0
    grandchild = int(str(message["grandchild"]))
    await until(lambda: not _is_running(grandchild))


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_garbage_and_huge_lines_are_left_out_and_counted(caplog):
    source = """
    import sys
    out = sys.stdout
    out.write('{"n": 1}\\nggml warning\\n[1]\\n' + '[' * 100000 + '\\n')
    out.write('"' + 'x' * 9000000 + '"\\n{"n": 2}\\n{"half')
    """
    child = await Child.start(python_child(source))

    assert await _all_of(child) == [{"n": 1}, {"n": 2}]
    assert child.ignored_lines == 4
    assert [record.message for record in caplog.records].count("child said no message") == 3
    await child.wait()


async def test_a_flood_on_standard_error_neither_blocks_the_child_nor_fills_the_log(caplog):
    caplog.set_level("INFO")
    source = """
    import sys
    sys.stderr.write('loading layer\\n' * 200000)
    sys.stderr.flush()
    print('{"done": true}')
    """
    child = await Child.start(python_child(source))

    assert await asyncio.wait_for(_all_of(child), 10) == [{"done": True}]
    await child.wait()
    await until(lambda: "child wrote too much" in caplog.messages)

    assert caplog.messages.count("child writes") <= 200
    assert caplog.records[-1].name.startswith("appliance.base.process")


async def test_its_use_of_processor_and_memory_is_known_until_it_is_gone():
    child = await Child.start(python_child("sum(range(30_000_000))\nimport time; time.sleep(60)"))

    await until(lambda: child.cpu_s() > 0.01)
    assert 1_000_000 < child.rss_bytes() < 200_000_000

    child.kill()
    await child.wait()
    assert (child.cpu_s(), child.rss_bytes()) == (0.0, 0)


async def test_a_stop_that_is_cancelled_still_kills_the_child():
    child = await Child.start(python_child("import time; time.sleep(60)"))
    stopping = asyncio.create_task(child.stop(grace_s=60))
    done, _ = await asyncio.wait([stopping], timeout=0.05)
    assert not done

    stopping.cancel()

    assert (await child.wait()).signal == 9


async def test_the_working_folder_is_as_given(tmp_path: Path):
    plain = python_child("import os, json; print(json.dumps({'cwd': os.getcwd()}))")
    child = await Child.start(ChildSpec(plain.name, plain.argv, plain.environment, tmp_path))

    assert await _all_of(child) == [{"cwd": str(tmp_path)}]
    await child.wait()
