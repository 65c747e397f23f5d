"""What was read stays with the box: over restarts, and no longer than it may."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.engine.text.calibration import Calibrations
from appliance.engine.text.model import Finished
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.residency import Residency
from appliance.engine.text.tuning import PrefixPlace
from tests.engine.text.demo import why_not_real
from tests.engine.text.engines import answered, asked, at_work, ready, real_parts
from tests.faults.disks import fill, small_disk
from tests.waiting import until

pytestmark = pytest.mark.skipif(bool(why_not_real()), reason=why_not_real())

DOCUMENT = "uno dos tres cuatro cinco seis siete ocho nueve diez " * 40


def _parts(folder: Path) -> EngineParts:
    place = PrefixPlace(folder / "prefixes", 64 << 20, mark="")
    return replace(real_parts(folder), prefixes=place)


def _files(folder: Path) -> list[Path]:
    return list((folder / "prefixes").glob("*.kv"))


async def _cached(engine: Residency, words: str, *, user: str = "ana") -> int:
    heard = await answered(engine, asked(words, user=user, max_tokens=4))
    [end] = [event for event in heard.events if isinstance(event, Finished)]
    return end.cached_tokens


async def test_a_prepared_document_is_there_after_a_restart(tmp_path: Path):
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        await engine.prepare(asked(DOCUMENT))
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        hers = await _cached(engine, DOCUMENT + "¿Qué dice?")
        his = await _cached(engine, DOCUMENT + "¿Qué dice?", user="luis")

    assert hers > 300
    assert his == 0


async def test_a_conversation_is_there_after_an_orderly_stop(tmp_path: Path):
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        assert await _cached(engine, DOCUMENT) == 0
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)

        assert await _cached(engine, DOCUMENT) > 300


async def test_a_conversation_that_stays_in_memory_is_not_there_after_a_stop(tmp_path: Path):
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        await answered(engine, replace(asked(DOCUMENT), stays_in_memory=True))
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)

        assert await _cached(engine, DOCUMENT) == 0


async def test_what_was_prepared_leaves_the_disk_with_a_question_that_stays_in_memory(
    tmp_path: Path,
):
    question = replace(asked(DOCUMENT + "¿Qué dice?"), stays_in_memory=True)
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        await engine.prepare(asked(DOCUMENT))
        await until(lambda: _files(tmp_path), what="the file")
        heard = await answered(engine, question)

        assert _files(tmp_path) == []
    [end] = [event for event in heard.events if isinstance(event, Finished)]
    assert end.cached_tokens > 300
    assert _files(tmp_path) == []


async def test_what_goes_on_differently_stays_on_disk_beside_a_question_that_stays_in_memory(
    tmp_path: Path,
):
    question = replace(asked(DOCUMENT + "¿Qué dice?"), stays_in_memory=True)
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        await engine.prepare(asked(DOCUMENT + "Y luego " + "once doce trece " * 20))
        await until(lambda: _files(tmp_path), what="the file")
        await answered(engine, question)

        assert len(_files(tmp_path)) == 1


async def test_without_a_place_nothing_is_kept(tmp_path: Path):
    parts = replace(_parts(tmp_path), prefixes=None)
    async with at_work(parts) as engine:
        await ready(engine)
        await engine.prepare(asked(DOCUMENT))
    async with at_work(parts) as engine:
        await ready(engine)

        assert await _cached(engine, DOCUMENT) == 0
    assert not (tmp_path / "prefixes").exists()


async def test_who_is_forgotten_leaves_nothing_in_the_cache_or_on_disk(tmp_path: Path):
    async with at_work(_parts(tmp_path)) as engine:
        await ready(engine)
        await engine.prepare(asked(DOCUMENT))
        await until(lambda: list((tmp_path / "prefixes").glob("*.kv")), what="the file")
        engine.forget("ana")

        assert list((tmp_path / "prefixes").glob("*.kv")) == []
        assert await _cached(engine, DOCUMENT) == 0


async def test_a_model_is_measured_before_anybody_asks(tmp_path: Path):
    calibrations = Calibrations(tmp_path / "calibrations.json", box="this")
    async with at_work(replace(real_parts(tmp_path), calibrations=calibrations)) as engine:
        await until(lambda: engine.state().speed, within_s=30, what="measuring")

    speed = engine.state().speed
    anew = Calibrations(tmp_path / "calibrations.json", box="this")
    async with at_work(replace(real_parts(tmp_path), calibrations=anew)) as engine:
        await ready(engine)
        assert engine.state().speed == speed is not None


async def test_a_full_disk_costs_the_file_and_the_engine_goes_on(tmp_path: Path):
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        parts = replace(
            _parts(tmp_path), prefixes=PrefixPlace(disk / "prefixes", 64 << 20, mark="")
        )
        fill(disk / "ballast")
        async with at_work(parts) as engine:
            await ready(engine)
            await engine.prepare(asked(DOCUMENT))

            # In memory it is there all the same, and the process is the same one.
            pid = engine.process_id
            assert await _cached(engine, DOCUMENT + "¿Qué dice?") > 300
            assert engine.process_id == pid
        assert list((disk / "prefixes").glob("*")) == []
