"""The supervisor with children that crash, hang, refuse and talk nonsense."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from appliance.base.errors import ConflictError, EngineUnavailableError, TooManyRequestsError
from appliance.base.process.child import ChildSpec
from appliance.engine.text.model import Loading, Piece, Queued, Reading, Writing
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.residency import Residency
from tests.engine.text.engines import (
    Heard,
    answered,
    asked,
    at_work,
    listen,
    ready,
    scripted,
    scripted_parts,
)
from tests.engine.text.tiny_gguf import TinyGguf, with_facts, words
from tests.waiting import until


def _code(heard: Heard) -> str:
    assert heard.error is not None, heard.events
    return heard.error.code


async def test_an_answer_comes_through_a_well_behaved_child(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        heard = await answered(engine, asked("answer"))

    assert heard.events[:2] == [Reading(0, 8, 0), Writing()]
    assert (heard.text, heard.is_finished) == ("Well, yes.", True)


async def test_who_asks_while_the_model_loads_sees_it_and_is_answered(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path, "slowly")) as engine:
        heard = await answered(engine, asked("answer"))

    assert heard.has(Loading)
    assert heard.is_finished


async def test_a_crash_ends_started_answers_with_a_word_and_the_others_are_answered(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        waiting = Heard()
        listening = asyncio.create_task(listen(engine, asked("wait"), waiting))
        await until(lambda: waiting.has(Queued))
        first_pid = engine.process_id
        started_s = time.monotonic()

        broken = await answered(engine, asked("crash"))

        assert time.monotonic() - started_s < 5
        assert _code(broken) == "engine_stopped"
        assert "killed by signal 9" in str(broken.error)
        assert broken.text == "Well, "
        await until(lambda: engine.process_id not in {None, first_pid}, what="a new process")
        await until(lambda: waiting.events.count(Queued(1, 2.5)) == 2, what="asking it again")
        listening.cancel()


async def test_after_a_crash_a_new_process_answers(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await answered(engine, asked("crash"))

        heard = await answered(engine, asked("answer"))

    assert heard.is_finished


async def test_three_crashes_in_a_row_make_the_model_bad_until_it_is_chosen_again(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        for _ in range(3):
            assert _code(await answered(engine, asked("crash"))) == "engine_stopped"
        await until(lambda: engine.state().status is EngineStatus.FAILED)

        refused = await answered(engine, asked("answer"))
        assert _code(refused) == "engine_failed"
        assert "stopped the engine 3 times" in str(refused.error)
        assert engine.state().model == "tiny"
        assert engine.process_id is None

        await engine.choose("tiny")
        assert (await answered(engine, asked("answer"))).is_finished


async def test_a_bad_model_stays_bad_after_the_server_was_started_again(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path, "crash")) as engine:
        await until(lambda: engine.state().status is EngineStatus.FAILED)

    async with at_work(scripted_parts(tmp_path, "crash")) as engine:
        await until(lambda: engine.state().status is EngineStatus.FAILED)
        assert "Choose it again" in engine.state().detail
        assert engine.process_id is None


async def test_an_answer_between_crashes_forgives_them(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        for _ in range(3):
            await answered(engine, asked("crash"))
            await answered(engine, asked("crash"))
            assert (await answered(engine, asked("answer"))).is_finished

        assert engine.state().status is EngineStatus.READY


async def test_a_model_that_crashes_while_loading_is_given_up_and_waiting_people_hear_it(
    tmp_path: Path,
):
    async with at_work(scripted_parts(tmp_path, "crash")) as engine:
        heard = await answered(engine, asked("answer"))

    assert _code(heard) == "engine_failed"
    assert "Tiny" not in str(heard.error)
    assert "tiny stopped the engine 3 times" in str(heard.error)


async def test_a_deadlocked_child_is_found_though_it_worked_before(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        assert (await answered(engine, asked("answer"))).is_finished
        started_s = time.monotonic()

        heard = await answered(engine, asked("hang"))

        assert time.monotonic() - started_s < 5
        assert _code(heard) == "engine_stopped"
        assert "did not answer any more" in str(heard.error)


async def test_a_child_that_hangs_while_loading_is_started_again(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path, "hang")) as engine:
        await until(lambda: engine.state().status is EngineStatus.LOADING)
        first_pid = engine.process_id

        await until(lambda: engine.process_id not in {None, first_pid}, within_s=8)


async def test_a_child_that_computes_in_silence_is_left_alone(tmp_path: Path):
    # The negative control of the two before: six seconds of silence, but of work.
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        pid = engine.process_id

        heard = await asyncio.wait_for(answered(engine, asked("work")), 60)

        assert heard.is_finished
        assert engine.process_id == pid


async def test_a_reader_who_takes_his_time_does_not_look_like_a_hang(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        pid = engine.process_id
        events = engine.generate(asked("answer"))
        await anext(events)
        await until(lambda: not engine.state().running)
        started_s = time.monotonic()
        await until(lambda: time.monotonic() - started_s > 4.5, within_s=6)

        rest = [event async for event in events]

        assert Piece("Well, yes.") in rest
        assert engine.process_id == pid


async def test_a_child_that_exits_in_an_answer_is_told_with_its_code(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        heard = await answered(engine, asked("exit"))

    assert "stopped with code 3" in str(heard.error)


async def test_a_child_that_closes_its_pipe_is_ended_and_told_within_five_seconds(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        pid = engine.process_id
        started_s = time.monotonic()

        heard = await answered(engine, asked("close"))

        assert time.monotonic() - started_s < 5
        assert _code(heard) == "engine_stopped"
        await until(lambda: not psutil.pid_exists(pid or 0), within_s=10)


async def test_garbage_between_the_words_is_left_out(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        heard = await answered(engine, asked("prints"))

    assert (heard.text, heard.is_finished) == ("Well, yes.", True)


@pytest.mark.parametrize("number", range(7))
async def test_a_child_that_talks_nonsense_is_replaced(number: int, tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        heard = await answered(engine, asked(f"nonsense {number}"))
        again = await answered(engine, asked("answer"))

    assert "said what the engine never says" in str(heard.error)
    assert again.is_finished


async def test_a_child_that_floods_does_not_fill_our_memory(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        events = engine.generate(asked("flood"))
        async for event in events:
            if isinstance(event, Piece):
                break
        before_bytes = psutil.Process().memory_info().rss
        await until(lambda: engine.state().status is EngineStatus.RESTARTING, within_s=20)

        assert psutil.Process().memory_info().rss - before_bytes < 200 << 20
        with pytest.raises(EngineUnavailableError, match="never says"):
            async for _ in events:
                pass


async def test_a_refused_model_is_said_and_not_tried_again(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path, "refuse")) as engine:
        heard = await answered(engine, asked("answer"))

        assert (_code(heard), str(heard.error)) == ("engine_failed", "It is damaged. Get it.")
        assert engine.state().detail == "It is damaged. Get it."
        await until(lambda: engine.process_id is None)


async def test_a_child_without_memory_ends_in_a_sentence(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path, "full")) as engine:
        heard = await answered(engine, asked("answer"))

    assert _code(heard) == "engine_failed"
    assert "stopped the engine 3 times" in str(heard.error)


async def test_a_box_without_memory_is_tried_again_later(tmp_path: Path):
    free_bytes = [1 << 20]
    parts = replace(scripted_parts(tmp_path), available_bytes=lambda: free_bytes[0])
    async with at_work(parts) as engine:
        await until(lambda: engine.state().status is EngineStatus.FAILED)
        assert "of memory" in engine.state().detail

        free_bytes[0] = 8 << 30

        await ready(engine)


async def test_a_child_that_cannot_be_started_is_said(tmp_path: Path):
    spec = ChildSpec("text engine", ("/nowhere/python",))
    async with at_work(replace(scripted_parts(tmp_path), spec=spec)) as engine:
        await until(lambda: engine.state().status is EngineStatus.FAILED)

        assert (
            engine.state().detail == "text engine could not be started: No such file or directory."
        )


async def test_without_any_model_it_says_so(tmp_path: Path):
    parts = scripted_parts(tmp_path)
    (tmp_path / "tiny.gguf").unlink()
    async with at_work(parts) as engine:
        await until(lambda: engine.state().status is EngineStatus.NO_MODEL)

        assert _code(await answered(engine, asked("answer"))) == "no_model"


async def test_a_damaged_file_is_refused_and_another_may_be_chosen(tmp_path: Path):
    parts = scripted_parts(tmp_path)
    (tmp_path / "bad.gguf").write_bytes(TinyGguf().content()[:200])
    parts.record.choose("bad", "")
    async with at_work(parts) as engine:
        await until(lambda: engine.state().status is EngineStatus.FAILED)
        assert "cut short" in engine.state().detail

        await engine.choose("tiny")

        assert (await answered(engine, asked("answer"))).is_finished


async def test_the_queue_takes_sixty_four(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        waiting = [asyncio.create_task(answered(engine, asked("wait"))) for _ in range(64)]
        await until(lambda: engine.state().waiting == 64)

        with pytest.raises(TooManyRequestsError) as refusal:
            await anext(engine.generate(asked("answer")))
        assert refusal.value.fields == {"retry_after_s": 60}

        waiting[0].cancel()
        await until(lambda: engine.state().waiting == 63)
        assert (await answered(engine, asked("answer"))).is_finished
        for task in waiting:
            task.cancel()


async def test_choosing_a_model_ends_running_answers_with_a_word(tmp_path: Path):
    parts = scripted_parts(tmp_path)
    (tmp_path / "other.gguf").write_bytes(with_facts(general__name=words("Other")).content())
    async with at_work(parts) as engine:
        await engine.choose("tiny")
        await ready(engine)
        heard = Heard()
        listening = asyncio.create_task(listen(engine, asked("endless"), heard))
        await until(lambda: heard.has(Writing))

        await engine.choose("other")
        await asyncio.wait_for(listening, 5)
        after = await answered(engine, asked("answer"))

        assert _code(heard) == "model_changed"
        assert after.is_finished
        assert engine.state().model == "other"


async def test_a_choice_during_the_start_is_not_forgotten(tmp_path: Path):
    parts = scripted_parts(tmp_path, "slowly")
    (tmp_path / "other.gguf").write_bytes(TinyGguf().content())
    async with at_work(parts) as engine:
        for name in ("tiny", "other", "tiny", "other"):
            await engine.choose(name)
        await ready(engine)

        assert engine.state().model == "other"


async def test_a_choice_does_not_wait_for_the_pause_after_a_crash(tmp_path: Path):
    async def long_pause(seconds: float) -> None:
        # Looks at the child come often, restarts hardly ever.
        await asyncio.sleep(3600 if seconds == pause_after_first else 0.02)

    pause_after_first = 1.0
    parts = replace(scripted_parts(tmp_path), pause=long_pause)
    async with at_work(parts) as engine:
        await answered(engine, asked("crash"))
        await answered(engine, asked("crash"))
        await until(lambda: engine.state().status is EngineStatus.RESTARTING)

        await engine.choose("tiny")

        assert (await answered(engine, asked("answer"))).is_finished


async def test_shutting_down_tells_everybody_and_leaves_no_process(tmp_path: Path):
    heard, waiting = Heard(), Heard()
    async with at_work(scripted_parts(tmp_path)) as engine, asyncio.TaskGroup() as group:
        await ready(engine)
        pid = engine.process_id or 0
        group.create_task(listen(engine, asked("wait"), waiting))
        await until(lambda: waiting.has(Queued))
        listening = asyncio.create_task(listen(engine, asked("endless"), heard))
        await until(lambda: heard.has(Writing))
        await _stop(engine)

    await listening
    assert [_code(heard), _code(waiting)] == ["engine_stopped", "engine_stopped"]
    assert "shutting down" in str(heard.error)
    assert not psutil.pid_exists(pid)


async def _stop(engine: Residency) -> None:
    """Cancel the task that runs the engine, as the lifecycle does."""
    [running] = [t for t in asyncio.all_tasks() if getattr(t.get_coro(), "__name__", "") == "run"]
    running.cancel()
    await asyncio.wait([running])
    assert engine.process_id is None


async def test_after_the_shutdown_nobody_waits_for_ever(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        await _stop(engine)

        heard = await asyncio.wait_for(answered(engine, asked("answer")), 5)

    assert "shutting down" in str(heard.error)


async def test_the_same_request_id_may_be_used_twice_at_once(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)

        both = await asyncio.gather(*(answered(engine, asked("answer")) for _ in range(2)))

        assert [heard.text for heard in both] == ["Well, yes.", "Well, yes."]
        assert engine.state().running == 0


async def test_a_request_given_up_during_the_restart_is_not_asked_again(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        waiting = Heard()
        listening = asyncio.create_task(listen(engine, asked("wait"), waiting))
        await until(lambda: waiting.has(Queued))
        await answered(engine, asked("crash"))
        listening.cancel()
        await asyncio.wait([listening])

        assert (await answered(engine, asked("answer"))).is_finished
        assert engine.state().waiting == 0
        assert waiting.events.count(Queued(1, 2.5)) == 1


async def test_half_a_character_in_a_question_harms_nobody(tmp_path: Path):
    async with at_work(scripted_parts(tmp_path)) as engine:
        await answered(engine, asked("\ud800"))

        assert (await answered(engine, asked("answer"))).is_finished


async def test_choosing_a_file_that_is_no_model_leaves_the_current_one_at_work(tmp_path: Path):
    (tmp_path / "zzz.gguf").write_bytes(b"no model at all")
    async with at_work(scripted_parts(tmp_path)) as engine:
        await ready(engine)
        pid = engine.process_id

        with pytest.raises(Exception, match="is not a GGUF file") as refusal:
            await engine.choose("zzz")

        assert not isinstance(refusal.value, ConflictError)
        assert (await answered(engine, asked("answer"))).is_finished
        assert engine.process_id == pid


def test_the_scripted_child_is_started_without_our_environment():
    assert scripted().environment == {}
