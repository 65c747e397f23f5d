"""Several models on one box: who comes in, who goes, and what one of them does to the others."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from appliance.base.errors import ApplianceError, EngineUnavailableError, InvalidValueError
from appliance.base.process.child import ChildSpec
from appliance.engine.text.model import (
    EmbeddingRequest,
    Finished,
    Loading,
    TextRequest,
    Tool,
    Writing,
)
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.residency import Residency
from tests.engine.text.demo import REPOSITORY
from tests.engine.text.engines import (
    Heard,
    answered,
    asked,
    at_work,
    listen,
    ready,
    scripted_parts,
)
from tests.engine.text.tiny_gguf import TinyGguf
from tests.waiting import until

EMBEDS = REPOSITORY / "tests" / "fakes" / "engine_children" / "embedding.py"
# What the tiny model takes with one whole context: most of it llama.cpp's own buffers.
TINY_BYTES = 160_000_000


def parts_of(folder: Path, *names: str, how: str = "well", **changes: object) -> EngineParts:
    """Return parts with a scripted child; `tiny` is the owner's choice, beside these models."""
    parts = scripted_parts(folder, how)
    for name in names:
        (folder / f"{name}.gguf").write_bytes(TinyGguf().content())
    parts.record.choose("tiny", "")
    return replace(parts, **changes)  # type: ignore[arg-type]


def embedding_parts(folder: Path) -> EngineParts:
    return parts_of(folder, spec=ChildSpec("embedding", (sys.executable, "-S", str(EMBEDS))))


def asked_of(
    model: str, words: str = "answer", *, keep_alive_s: float | None = None
) -> TextRequest:
    return replace(asked(words), model=model, keep_alive_s=keep_alive_s)


def texts(*contents: str) -> EmbeddingRequest:
    return EmbeddingRequest("e", contents, "ana")


def names_of(engine: Residency) -> set[str]:
    return {resident.name for resident in engine.residents()}


async def test_a_model_that_is_asked_for_comes_in_and_answers_under_its_name(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other")) as engine:
        heard = await answered(engine, asked_of("other"))

        assert heard.has(Loading)
        end = heard.events[-1]
        assert isinstance(end, Finished)
        assert end.model == "other"
        assert end.load_s > 0
        assert names_of(engine) == {"tiny", "other"}
        assert engine.state().model == "tiny"


async def test_finding_a_model_that_is_there_takes_a_moment_that_is_told(tmp_path: Path):
    async with at_work(parts_of(tmp_path)) as engine:
        await ready(engine)

        end = (await answered(engine, asked("answer"))).events[-1]

        assert isinstance(end, Finished)
        assert 0 < end.load_s < 1


async def test_many_who_ask_for_a_model_at_once_wait_for_one_process(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other", how="slowly")) as engine:
        everybody = await asyncio.gather(*(answered(engine, asked_of("other")) for _ in range(5)))

        assert all(heard.is_finished for heard in everybody)
        assert len([one for one in engine.residents() if one.name == "other"]) == 1


async def test_a_model_leaves_after_its_time_and_the_chosen_one_stays(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other", keep_alive_s=None)) as engine:
        await ready(engine)
        assert (await answered(engine, asked_of("other", keep_alive_s=0.05))).is_finished

        await until(lambda: names_of(engine) == {"tiny"}, what="leaving")


async def test_a_model_that_is_to_leave_at_once_finishes_its_answers_first(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other")) as engine:
        writing = Heard()
        listening = asyncio.create_task(listen(engine, asked_of("other", "endless"), writing))
        await until(lambda: writing.has(Writing))

        leaving = asyncio.create_task(engine.unload("other"))
        await answered(engine, asked_of("tiny"))
        assert not leaving.done()
        assert "other" in names_of(engine)

        listening.cancel()
        await asyncio.wait_for(leaving, 5)
        assert "other" not in names_of(engine)


async def test_who_asks_while_a_model_is_to_leave_does_not_keep_it(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other")) as engine:
        writing = Heard()
        listening = asyncio.create_task(listen(engine, asked_of("other", "endless"), writing))
        await until(lambda: writing.has(Writing))

        leaving = asyncio.create_task(engine.unload("other"))
        await answered(engine, asked_of("tiny"))
        assert (await answered(engine, asked_of("other", keep_alive_s=-1))).is_finished
        listening.cancel()

        await asyncio.wait_for(leaving, 5)
        assert names_of(engine) == {"tiny"}


async def test_the_chosen_model_can_be_unloaded_and_comes_back_with_the_next_question(
    tmp_path: Path,
):
    async with at_work(parts_of(tmp_path)) as engine:
        await ready(engine)
        pid = engine.process_id or 0

        await engine.unload("tiny")

        assert not psutil.pid_exists(pid)
        assert (engine.state().status, engine.state().model) == (EngineStatus.UNLOADED, "tiny")
        assert (await answered(engine, asked("answer"))).is_finished


async def test_the_one_used_longest_ago_gives_its_room_to_another(tmp_path: Path):
    parts = parts_of(tmp_path, "a", "b", "c", memory_bytes=3 * TINY_BYTES + 1000)
    async with at_work(parts) as engine:
        for name in ("tiny", "a", "b", "a", "c"):
            assert (await answered(engine, asked_of(name))).is_finished

        assert names_of(engine) == {"tiny", "a", "c"}


async def test_a_box_full_of_models_in_use_refuses_another_with_numbers(tmp_path: Path):
    parts = parts_of(tmp_path, "other", memory_bytes=TINY_BYTES + 1000)
    async with at_work(parts) as engine:
        writing = Heard()
        listening = asyncio.create_task(listen(engine, asked("endless"), writing))
        await until(lambda: writing.has(Writing))

        with pytest.raises(EngineUnavailableError) as refusal:
            await engine.load("other")

        assert refusal.value.code == "not_enough_memory"
        assert "GB are free" in refusal.value.message
        await until(lambda: names_of(engine) == {"tiny"})
        assert not writing.error
        listening.cancel()


async def test_there_is_room_again_once_the_others_are_idle(tmp_path: Path):
    # The negative control of the one before.
    parts = parts_of(tmp_path, "other", memory_bytes=TINY_BYTES + 1000)
    async with at_work(parts) as engine:
        assert (await answered(engine, asked("answer"))).is_finished

        assert (await engine.load("other")).name == "other"

        assert names_of(engine) == {"other"}
        assert engine.state().status is EngineStatus.UNLOADED


async def test_a_model_that_crashes_leaves_the_others_alone(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other")) as engine:
        writing = Heard()
        listening = asyncio.create_task(listen(engine, asked("endless"), writing))
        await until(lambda: writing.has(Writing))
        pid = engine.process_id

        broken = await answered(engine, asked_of("other", "crash"))

        assert broken.error is not None
        assert broken.error.code == "engine_stopped"
        assert engine.process_id == pid
        assert not listening.done()
        listening.cancel()


async def test_a_model_that_cannot_be_loaded_says_why_and_takes_no_seat(tmp_path: Path):
    parts = parts_of(tmp_path)
    (tmp_path / "bad.gguf").write_bytes(TinyGguf().content()[:200])
    async with at_work(parts) as engine:
        with pytest.raises(ApplianceError) as said:
            await engine.load("bad")

        assert "cut short" in str(said.value)
        await until(lambda: names_of(engine) == {"tiny"})


async def test_a_name_that_is_not_here_is_told_at_once(tmp_path: Path):
    async with at_work(parts_of(tmp_path)) as engine:
        heard = await answered(engine, asked_of("nobody"))

    assert heard.error is not None
    assert heard.error.code == "model_not_found"


@pytest.mark.parametrize("size", [3_000_000, 1_000_000])
async def test_a_request_that_no_pipe_takes_is_refused_and_the_box_goes_on(
    tmp_path: Path, size: int
):
    async with at_work(parts_of(tmp_path)) as engine:
        await ready(engine)
        tools = tuple(Tool(f"f{number}", "x" * size, {"a": "\ud800"}) for number in range(3))
        heard = await answered(engine, replace(asked("answer"), tools=tools))

        assert heard.is_finished == (size == 1_000_000)
        assert (await answered(engine, asked("answer"))).is_finished


async def test_tokens_that_no_pipe_takes_are_refused_and_the_box_goes_on(tmp_path: Path):
    async with at_work(parts_of(tmp_path)) as engine:
        await ready(engine)
        with pytest.raises(InvalidValueError) as refusal:
            await engine.text_of([10**100] * 100_000)

        assert refusal.value.code == "unknown_token"
        assert (await answered(engine, asked("answer"))).is_finished


async def test_shutting_down_ends_every_process(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other")) as engine:
        await answered(engine, asked_of("other"))
        await ready(engine)
        # Other tests of this run may have servers of their own.
        ours = psutil.Process().children()
        children = [child for child in ours if "scripted.py" in " ".join(child.cmdline())]
        assert len(children) == 2

    await until(lambda: not any(child.is_running() for child in children))


async def test_vectors_come_from_a_process_beside_the_one_that_writes(tmp_path: Path):
    async with at_work(embedding_parts(tmp_path)) as engine:
        writing = Heard()
        listening = asyncio.create_task(listen(engine, asked("endless"), writing))
        await until(lambda: engine.state().running == 1)

        embeddings = await engine.embed(texts("una", "casa"))

        assert len(embeddings.vectors) == 2
        assert [one.is_for_embeddings for one in engine.residents()] == [False, True]
        listening.cancel()


@pytest.mark.parametrize("deed", ["crash", "hang", "nonsense"])
async def test_a_process_that_fails_while_it_embeds_is_told_and_replaced(tmp_path: Path, deed: str):
    async with at_work(embedding_parts(tmp_path)) as engine:
        with pytest.raises(EngineUnavailableError):
            await asyncio.wait_for(engine.embed(texts("una", deed)), 10)

        again = await asyncio.wait_for(engine.embed(texts("una")), 10)

        assert len(again.vectors) == 1


async def test_a_process_that_is_killed_while_it_loads_is_started_again(tmp_path: Path):
    async with at_work(parts_of(tmp_path, "other", how="slowly")) as engine:
        loading = asyncio.create_task(engine.load("tiny"))
        await until(lambda: engine.state().status is EngineStatus.LOADING)
        first = engine.process_id or 0
        os.kill(first, signal.SIGKILL)

        resident = await asyncio.wait_for(loading, 10)

        assert resident.state.status is EngineStatus.READY
        assert engine.process_id != first
