"""What was measured of a model: kept, used, and measured anew where it does not count any more."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.engine.text.calibration import Calibration, Calibrations, Repacking
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.residency import Residency
from appliance.engine.text.step_times import StepTimes
from tests.engine.text.engines import Heard, asked, at_work, listen, ready, scripted_parts
from tests.waiting import until

# Measured with 3B on two cores: repacked weights write quicker and read slower.
PLAIN = StepTimes(((1, 0.061), (256, 1.7)))
REPACKED = StepTimes(((1, 0.052), (256, 2.9)))
MUCH_QUICKER = StepTimes(((1, 0.03), (256, 1.8)))


def test_what_was_measured_is_known_after_a_restart(tmp_path: Path):
    file = tmp_path / "calibrations.json"
    Calibrations(file, box="this").note("3b:1", PLAIN, repacks=False)
    Calibrations(file, box="this").note("3b:1", REPACKED, repacks=True)

    assert Calibrations(file, box="this").of("3b:1") == Calibration(PLAIN, REPACKED)


def test_what_was_measured_elsewhere_or_of_another_file_does_not_count(tmp_path: Path):
    file = tmp_path / "calibrations.json"
    Calibrations(file, box="two threads").note("3b:1", PLAIN, repacks=False)

    assert Calibrations(file, box="four threads").of("3b:1") == Calibration()
    assert Calibrations(file, box="two threads").of("3b:2") == Calibration()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"3b:1|this": 7}', '{"3b:1|this": {"plain": [[1, -4]]}}']
)
def test_a_damaged_file_is_measured_anew(tmp_path: Path, content: str):
    file = tmp_path / "calibrations.json"
    file.write_text(content)

    known = Calibrations(file, box="this")

    assert known.of("3b:1") == Calibration()
    known.note("3b:1", PLAIN, repacks=False)
    assert Calibrations(file, box="this").of("3b:1").plain == PLAIN


def test_a_full_disk_keeps_what_was_measured_until_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    known = Calibrations(tmp_path / "nowhere" / "calibrations.json", box="this")
    known.note("3b:1", PLAIN, repacks=False)

    assert known.of("3b:1").plain == PLAIN
    assert "calibration not saved" in caplog.messages


@pytest.mark.parametrize(
    ("known", "wish", "repacks"),
    [
        (Calibration(PLAIN, REPACKED), Repacking.AUTO, False),
        (Calibration(PLAIN, MUCH_QUICKER), Repacking.AUTO, True),
        (Calibration(PLAIN, None), Repacking.AUTO, False),
        (Calibration(PLAIN, REPACKED), Repacking.ON, True),
        (Calibration(PLAIN, MUCH_QUICKER), Repacking.OFF, False),
        (Calibration(), Repacking.ON, True),
    ],
)
def test_the_quicker_way_for_a_typical_turn_is_taken_unless_the_owner_says_otherwise(
    known: Calibration, wish: Repacking, repacks: bool
):
    assert known.repacks(wish) is repacks


def _large_parts(folder: Path, how: str = "well", **wishes: Repacking) -> EngineParts:
    parts = scripted_parts(folder, how)
    # A hole of the size of a real model.
    os.truncate(folder / "tiny.gguf", 300 << 20)
    return replace(
        parts,
        wishes=replace(parts.wishes, **wishes),
        calibrations=Calibrations(folder / "calibrations.json", box="this"),
    )


async def _is_settled(engine: Residency, *, repacks: bool) -> None:
    def settled() -> bool:
        speed = engine.state().speed
        return (
            engine.state().status is EngineStatus.READY
            and speed is not None
            and speed.repacks is repacks
            and None not in (speed.turn_s, speed.turn_repacked_s)
        )

    await until(settled, within_s=20, what="measuring")


async def test_a_model_is_loaded_in_the_way_that_was_found_quicker_and_stays_so(tmp_path: Path):
    parts = _large_parts(tmp_path)
    async with at_work(parts) as engine:
        await _is_settled(engine, repacks=True)
        first = engine.process_id
    anew = Calibrations(tmp_path / "calibrations.json", box="this")
    async with at_work(replace(parts, calibrations=anew)) as engine:
        await ready(engine)
        assert engine.state().speed == anew.of(parts.shelf.model_named("tiny").mark).speed(
            repacks=True
        )
        assert engine.process_id != first


async def test_who_asks_during_the_trial_is_answered_and_it_is_tried_again_later(tmp_path: Path):
    parts = _large_parts(tmp_path, "stubborn")
    assert parts.calibrations is not None
    async with at_work(parts) as engine:
        await until(lambda: engine.state().speed is not None, within_s=20, what="measuring")
        before = engine.process_id
        for _ in range(3):
            await asyncio.sleep(0)
            heard = await listen(engine, asked("answer"), Heard())
            assert heard.is_finished
        assert engine.process_id == before
        speed = engine.state().speed
        assert speed is not None
        assert speed.turn_repacked_s is None


async def test_an_owner_who_wants_no_repacking_has_no_trial(tmp_path: Path):
    async with at_work(_large_parts(tmp_path, repacking=Repacking.OFF)) as engine:
        await until(lambda: engine.state().speed is not None, within_s=20, what="measuring")
        for _ in range(40):
            await asyncio.sleep(0.02)

        assert engine.state().speed.turn_repacked_s is None  # type: ignore[union-attr]
