import pytest

from appliance.base.jobs.clock_jumps import ClockWatch
from tests.fakes.clock import ManualClock

YEAR_S = 365 * 86400.0
TO_1970_S = -1772442000.0


@pytest.mark.parametrize("jump_s", [-YEAR_S, -3600.0, -3.0, 3.0, 3600.0, YEAR_S, TO_1970_S])
def test_a_clock_that_was_set_is_noticed_once(clock: ManualClock, jump_s: float):
    watch = ClockWatch(clock)

    clock.advance(10)
    clock.jump(jump_s)

    assert watch.take_jump_s() == pytest.approx(jump_s, abs=0.001)
    assert watch.take_jump_s() == 0


def test_time_that_passes_is_no_jump(clock: ManualClock):
    watch = ClockWatch(clock)

    clock.advance(YEAR_S)

    assert watch.take_jump_s() == 0


def test_a_clock_that_is_slewed_is_left_alone(clock: ManualClock):
    watch = ClockWatch(clock)

    clock.advance(10)
    clock.jump(0.005)

    assert watch.take_jump_s() == 0
