"""How much is read in a step while nobody else waits."""

from appliance.engine.text.pace import Pace
from appliance.engine.text.step_times import StepTimes

# A box that reads the quicker, the more it reads at once: 8, 16, 20 and 22 tokens a second.
SLOW = StepTimes(((1, 0.125), (16, 1.0), (64, 3.2), (128, 5.8), (256, 11.6)))


def test_alone_a_slow_box_reads_in_steps_that_are_nearly_as_quick_as_they_get():
    assert Pace(most_rows=512, times=SLOW).rows(writers=0) == 128


def test_beside_writers_or_after_an_interruption_its_steps_stay_short():
    pace = Pace(most_rows=512, times=SLOW)

    assert pace.rows(writers=2) < 32
    assert pace.rows(writers=0, is_hurried=True) < 32


def test_a_step_alone_is_never_longer_than_ten_seconds():
    crawling = StepTimes(((1, 1.0), (16, 9.0), (128, 60.0)))

    assert Pace(most_rows=512, times=crawling).rows(writers=0) <= 16 + 2
