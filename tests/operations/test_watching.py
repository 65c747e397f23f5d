"""Who hears of a disk that fills up, and how often."""

from appliance.base.checks import CheckResult, CheckStatus
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from appliance.operations.watching import DiskWatch
from tests.fakes.clock import ManualClock


class _Disk:
    def __init__(self) -> None:
        self.status = CheckStatus.OK

    async def check(self) -> CheckResult:
        return CheckResult("disk", self.status)


async def test_administrators_hear_of_it_once_an_hour_and_when_it_gets_worse(
    clock: ManualClock,
) -> None:
    disk, events, told = _Disk(), Events(), list[LiveEvent]()
    events.subscribe(LiveEvent, told.append)
    watch = DiskWatch(disk, events, clock)

    await watch.look()
    assert told == []

    disk.status = CheckStatus.DEGRADED
    await watch.look()
    await watch.look()
    assert told == [LiveEvent(ToRole(Role.ADMIN), "notice", {"code": "disk_nearly_full"})]

    disk.status = CheckStatus.DOWN
    await watch.look()
    clock.advance(3600)
    await watch.look()
    assert [one.data["code"] for one in told] == ["disk_nearly_full", "disk_full", "disk_full"]


async def test_a_disk_with_room_again_is_news_when_it_fills_up_once_more(
    clock: ManualClock,
) -> None:
    disk, events, told = _Disk(), Events(), list[LiveEvent]()
    events.subscribe(LiveEvent, told.append)
    watch = DiskWatch(disk, events, clock)

    for status in (CheckStatus.DEGRADED, CheckStatus.OK, CheckStatus.DEGRADED):
        disk.status = status
        await watch.look()

    assert len(told) == 2
