from pathlib import Path

import pytest

from appliance.base.checks import CheckResult, CheckStatus
from appliance.engine.text.port import EngineStatus
from appliance.operations.checks import DiskCheck, EngineCheck
from appliance.operations.observing import Observing
from tests.fakes.clock import ManualClock


class Part:
    """A part of the box that says what the test wants."""

    def __init__(self, name: str, status: CheckStatus) -> None:
        self._result = CheckResult(name, status, "a secret detail")
        self.asked = 0

    async def check(self) -> CheckResult:
        self.asked += 1
        return self._result


def observing(clock: ManualClock, folder: Path, **parts: CheckStatus) -> Observing:
    return Observing(
        version="1.2.3",
        clock=clock,
        data_folder=folder,
        checks={name: Part(name, status) for name, status in parts.items()},
        engine_rss_bytes=lambda: 42,
    )


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ({"database": CheckStatus.OK, "engine": CheckStatus.OK}, CheckStatus.OK),
        ({"database": CheckStatus.OK, "disk": CheckStatus.DEGRADED}, CheckStatus.DEGRADED),
        ({"database": CheckStatus.OK, "engine": CheckStatus.DOWN}, CheckStatus.DEGRADED),
        ({"database": CheckStatus.DOWN, "engine": CheckStatus.OK}, CheckStatus.DOWN),
    ],
    ids=["all well", "disk nearly full", "no engine: pages still answer", "no database"],
)
async def test_the_whole_is_as_well_as_its_parts_let_it(
    clock: ManualClock, tmp_path: Path, parts: dict[str, CheckStatus], whole: CheckStatus
) -> None:
    report = await observing(clock, tmp_path, **parts).health()

    assert report.status is whole
    assert {result.name for result in report.checks} == set(parts)


async def test_health_is_looked_at_once_a_second_however_often_it_is_asked(
    clock: ManualClock, tmp_path: Path
) -> None:
    part = Part("database", CheckStatus.OK)
    box = Observing(
        version="1.2.3",
        clock=clock,
        data_folder=tmp_path,
        checks={"database": part},
        engine_rss_bytes=lambda: 0,
    )
    for _ in range(5):
        await box.health()
    clock.advance(1)
    await box.health()

    assert part.asked == 2


async def test_uptime_and_memory_are_told(clock: ManualClock, tmp_path: Path) -> None:
    box = observing(clock, tmp_path)
    clock.advance(90)

    facts = await box.system()

    assert facts.uptime_s == 90
    assert facts.engine_rss_bytes == 42
    assert facts.web_rss_bytes > 0


@pytest.mark.parametrize(
    ("engine", "status"),
    [
        (EngineStatus.READY, CheckStatus.OK),
        (EngineStatus.LOADING, CheckStatus.OK),
        (EngineStatus.RESTARTING, CheckStatus.DEGRADED),
        (EngineStatus.NO_MODEL, CheckStatus.DOWN),
        (EngineStatus.FAILED, CheckStatus.DOWN),
    ],
)
async def test_the_engine_is_as_well_as_the_next_question_will_find_it(
    engine: EngineStatus, status: CheckStatus
) -> None:
    result = await EngineCheck(lambda: engine).check()

    assert result.status is status


async def test_a_disk_with_room_is_well(tmp_path: Path) -> None:
    assert (await DiskCheck(tmp_path).check()).name == "disk"
