"""The supervisor with the real worker: killed, stopped, without its library, without its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from appliance.boot.engine_process import engine_process
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.model import Finished, FinishReason, Piece, Queued, Sampling, Writing
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.residency import Residency
from tests.engine.text.demo import DEMO_FILE, REPOSITORY, why_not_real
from tests.engine.text.engines import Heard, answered, asked, at_work, listen, ready, real_parts
from tests.engine.text.tiny_gguf import TinyGguf, with_facts, words
from tests.waiting import until, until_now

pytestmark = pytest.mark.skipif(bool(why_not_real()), reason=why_not_real() or "it is here")

TALK = Sampling(temperature=1.5, top_k=0, top_p=1.0, seed=1, max_tokens=900)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Residency]:
    async with at_work(real_parts(tmp_path, parallel=1)) as engine:
        await ready(engine)
        yield engine


def _pid(engine: Residency) -> int:
    assert engine.process_id is not None
    return engine.process_id


async def _one_running(engine: Residency) -> tuple[Heard, asyncio.Task[Heard]]:
    """Return a long answer in the middle of its text; the child is stopped."""
    for seed in range(20):
        running = Heard()
        request = replace(asked("Hola"), sampling=replace(TALK, seed=seed))
        task = asyncio.create_task(listen(engine, request, running))
        await until(lambda here=running: here.has(Writing))
        os.kill(_pid(engine), signal.SIGSTOP)
        await _everything_heard(engine)
        if not running.is_finished:
            return running, task
        # The model was quicker than we.
        os.kill(_pid(engine), signal.SIGCONT)
    raise AssertionError("every answer ended at once")


async def _everything_heard(engine: Residency) -> None:
    """Return when the child stands still and its last words are read."""
    child = psutil.Process(_pid(engine))
    await until(lambda: child.status() == psutil.STATUS_STOPPED)
    for _ in range(50):
        await asyncio.sleep(0)


async def _one_running_and_one_waiting(
    engine: Residency,
) -> tuple[asyncio.Task[Heard], asyncio.Task[Heard]]:
    """Return a long answer in the middle of its text, and one behind it; the child is stopped."""
    _, first = await _one_running(engine)
    second = asyncio.create_task(answered(engine, asked("Hola", user="luis")))
    await until(lambda: engine.state().waiting == 1)
    return first, second


async def test_a_killed_engine_ends_the_running_answer_and_the_waiting_one_is_answered(
    engine: Residency,
):
    first, second = await _one_running_and_one_waiting(engine)
    pid = _pid(engine)
    killed_s = time.monotonic()

    os.kill(pid, signal.SIGKILL)
    broken = await asyncio.wait_for(first, 5)
    whole = await asyncio.wait_for(second, 20)

    assert time.monotonic() - killed_s < 20
    assert broken.error is not None
    assert (broken.error.code, broken.error.status) == ("engine_stopped", 503)
    assert broken.text
    assert whole.is_finished
    assert _pid(engine) != pid


async def test_a_stopped_engine_is_found_told_within_five_seconds_and_replaced(
    engine: Residency,
):
    stopped_s = time.monotonic()
    first, second = await _one_running_and_one_waiting(engine)

    broken = await asyncio.wait_for(first, 10)
    told_s = time.monotonic() - stopped_s

    assert told_s < 5
    assert "did not answer any more" in str(broken.error)
    assert (await asyncio.wait_for(second, 20)).is_finished


async def test_an_engine_that_is_stopped_only_for_a_moment_goes_on(engine: Residency):
    # The negative control: a hiccup is no hang.
    first, second = await _one_running_and_one_waiting(engine)
    pid = _pid(engine)
    started_s = time.monotonic()
    await until(lambda: time.monotonic() - started_s > 1.5)

    os.kill(pid, signal.SIGCONT)

    assert (await asyncio.wait_for(first, 30)).is_finished
    assert (await asyncio.wait_for(second, 30)).is_finished
    assert _pid(engine) == pid


async def test_an_idle_engine_that_was_stopped_is_replaced_when_somebody_asks(
    engine: Residency,
):
    os.kill(_pid(engine), signal.SIGSTOP)

    heard = await asyncio.wait_for(answered(engine, asked("Hola")), 20)

    assert heard.is_finished


async def test_every_killed_answer_of_many_ends_and_the_engine_recovers(tmp_path: Path):
    async with at_work(real_parts(tmp_path)) as engine:
        for round_number in range(5):
            await ready(engine)
            listeners = [Heard() for _ in range(6)]
            tasks = [
                asyncio.create_task(
                    listen(engine, replace(asked("Hola", user=f"u{n}"), sampling=TALK), heard)
                )
                for n, heard in enumerate(listeners)
            ]
            await until(lambda here=listeners: any(h.has(Writing) for h in here))
            os.kill(_pid(engine), signal.SIGKILL)
            done, pending = await asyncio.wait(tasks, timeout=30)

            assert not pending
            assert len(done) == 6
            errors = {h.error.code for h in listeners if h.error is not None}
            assert errors == {"engine_stopped"}, round_number
            assert (await answered(engine, asked("Hola"))).is_finished


async def test_a_stopped_answer_leaves_the_processor_idle(engine: Residency):
    events = engine.generate(replace(asked("Hola"), sampling=TALK))
    async for event in events:
        if isinstance(event, Piece):
            break
    await events.aclose()  # type: ignore[attr-defined]

    process = psutil.Process(_pid(engine))
    await until(lambda: _cpu_within(process, 0.3) < 0.1)
    assert (await answered(engine, asked("Hola"))).is_finished


def _cpu_within(process: psutil.Process, seconds: float) -> float:
    """Return the processor seconds that the process uses in the next `seconds`."""
    before = sum(process.cpu_times()[:2])
    end_s = time.monotonic() + seconds
    until_now(lambda: time.monotonic() >= end_s)
    return sum(process.cpu_times()[:2]) - before


async def test_without_its_library_the_engine_says_what_to_install(tmp_path: Path):
    shadow = tmp_path / "llama_cpp"
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise ImportError('no such library')")
    spec = engine_process(os.environ)
    # The working folder comes first on the path of `python -m`.
    async with at_work(replace(real_parts(tmp_path), spec=replace(spec, cwd=tmp_path))) as engine:
        heard = await asyncio.wait_for(answered(engine, asked("Hola")), 20)
        state = engine.state()

    assert heard.error is not None
    assert heard.error.code == "engine_failed"
    assert "llama-cpp-python cannot be loaded (no such library)" in state.detail
    assert "pip install llama-cpp-python" in state.detail
    assert state.status is EngineStatus.FAILED


async def test_a_library_of_another_version_is_said_too(tmp_path: Path):
    (tmp_path / "llama_cpp.py").write_text("version = 0")
    spec = replace(engine_process(os.environ), cwd=tmp_path)
    async with at_work(replace(real_parts(tmp_path), spec=spec)) as engine:
        heard = await asyncio.wait_for(answered(engine, asked("Hola")), 20)

    assert "This version of llama-cpp-python has no llama_model_load_from_file" in str(heard.error)
    assert "requirements-llama.lock" in str(heard.error)


# Right for our eyes, wrong for llama.cpp: each must end in the child.
FOR_LLAMA_ONLY = {
    "no tensors of a model": TinyGguf(),
    "no words": with_facts(tokenizer__ggml__model=words("gpt2")),
    "unknown tokeniser": with_facts(tokenizer__ggml__model=words("no such tokeniser")),
    "another architecture's facts": with_facts(general__architecture=words("qwen2")),
    "cut vocabulary": with_facts(tokenizer__ggml__model=words("llama")),
}


@pytest.mark.parametrize("name", FOR_LLAMA_ONLY)
async def test_a_file_that_llama_refuses_ends_in_a_sentence_and_another_can_be_chosen(
    name: str, tmp_path: Path
):
    (tmp_path / "hostile.gguf").write_bytes(FOR_LLAMA_ONLY[name].content())
    shelf = ModelLibrary(folder=tmp_path, demo_file=DEMO_FILE)
    (tmp_path / "tiny.gguf").unlink(missing_ok=True)
    parts = replace(real_parts(tmp_path), shelf=shelf)
    (tmp_path / "tiny.gguf").unlink()
    async with at_work(parts) as engine:
        await engine.choose("hostile")
        heard = await asyncio.wait_for(answered(engine, asked("Hola")), 30)
        assert heard.error is not None
        assert engine.state().status is EngineStatus.FAILED

        await engine.choose("nodo-demo")

        assert (await answered(engine, asked("Hola"))).is_finished


async def test_the_child_sees_no_secret_and_gets_its_spin_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JWT_SECRET", "canary-secret-1")
    monkeypatch.setenv("NODO_DATABASE_URL", "postgresql://user:canary-secret-2@host/db")
    monkeypatch.setenv("AEMET_API_KEY", "canary-secret-3")
    async with at_work(real_parts(tmp_path)) as engine:
        await ready(engine)
        environment = _environment(_pid(engine))
        memory_limit = _data_limit(_pid(engine))

    assert b"canary" not in environment
    assert b"GOMP_SPINCOUNT=1000" in environment
    assert 0 < memory_limit < 2 << 30


def _environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def _data_limit(pid: int) -> int:
    limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    [line] = [line for line in limits if line.startswith("Max data size")]
    return int(line.split()[3])


@pytest.mark.parametrize("threads", [1, 2])
async def test_the_engine_computes_with_as_many_threads_as_it_is_told(threads: int, tmp_path: Path):
    parts = replace(real_parts(tmp_path), wishes=EngineWishes(1024, 2, threads))
    async with at_work(parts) as engine:
        await ready(engine)
        assert (await answered(engine, asked("Hola"))).is_finished
        running = psutil.Process(_pid(engine)).num_threads()

    # Beside them: the one that listens for orders, and the one that counts tokens.
    assert running == threads + 2


PARENT = """
import asyncio, os, sys
from pathlib import Path
from tests.engine.text.engines import at_work, ready, real_parts

async def main():
    async with at_work(real_parts(Path(sys.argv[1]))) as engine:
        await ready(engine)
        print(engine.process_id, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_the_engine_ends_when_the_server_is_killed(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, cwd=REPOSITORY
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()

    until_now(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


async def test_the_event_loop_stays_quick_while_the_engine_writes(tmp_path: Path):
    async with at_work(real_parts(tmp_path)) as engine:
        await ready(engine)
        listeners = [Heard() for _ in range(4)]
        tasks = [
            asyncio.create_task(
                listen(engine, replace(asked("Hola", user=f"u{n}"), sampling=TALK), heard)
            )
            for n, heard in enumerate(listeners)
        ]
        await until(lambda: all(heard.has(Writing) for heard in listeners))
        turns = 0
        while not all(task.done() for task in tasks) and turns < 200:
            await asyncio.sleep(0)
            turns += 1
        loop = asyncio.get_running_loop()
        gaps: list[float] = []
        while not all(task.done() for task in tasks):
            before_s = loop.time()
            await asyncio.sleep(0.001)
            gaps.append(loop.time() - before_s)
        ends = [heard.events[-1] for heard in listeners]

    assert all(isinstance(end, Finished) for end in ends)
    # Half of the turns of the loop take less than 20 ms, though two cores are shared by all.
    assert not gaps or sorted(gaps)[len(gaps) // 2] < 0.02


async def test_choosing_while_answers_run_brings_the_model_back(engine: Residency):
    heard, listening = await _one_running(engine)

    await engine.choose("nodo-demo")
    await asyncio.wait_for(listening, 5)
    again = await asyncio.wait_for(answered(engine, asked("Hola")), 20)

    assert heard.error is not None
    assert heard.error.code == "model_changed"
    assert again.is_finished


async def test_who_waits_gets_a_place_and_an_answer(engine: Residency):
    heard = [Heard() for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(heard):
            request = asked("Hola", user=f"u{number}", request_id=f"r{number}")
            group.create_task(listen(engine, request, one))

    assert all(one.is_finished for one in heard)
    assert heard[2].has(Queued)
    end = heard[2].events[-1]
    assert isinstance(end, Finished)
    assert end.reason in {FinishReason.STOP, FinishReason.LENGTH}
