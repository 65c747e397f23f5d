"""Which steps are measured, and which times count."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from appliance.engine.text.sequences import Sequences
from tests.engine.text.demo import why_not_real

if why_not_real():
    pytest.skip(why_not_real(), allow_module_level=True)

from appliance.engine.text.measuring import Measuring

if TYPE_CHECKING:
    from appliance.engine.text.llama import Llama
    from appliance.engine.text.step_times import StepTimes


@dataclass
class Unloaded:
    """What measuring wants of a model; nothing is computed."""

    threads: int = 2
    forgotten: list[int] = field(default_factory=list[int])

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        del text, special
        return [7]

    def forget(self, slot: int, from_position: int) -> bool:
        self.forgotten.append(slot + from_position)
        return True


class Box:
    """A box whose steps take the time and the processor time that a test says."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.told: list[StepTimes] = []
        self.sequences = Sequences(slot_count=2, room_tokens=1024, parallel=1)
        self.measuring = Measuring(
            cast("Llama", Unloaded()),
            self.sequences,
            most_rows=512,
            tell=self.told.append,
            processor_s=lambda: self.cpu_s,
        )

    def step(self, seconds_per_row: float, *, share: float = 1.0) -> int:
        rows = self.measuring.next_rows()
        if rows is None:
            return 0
        step_s = 0.05 + seconds_per_row * len(rows)
        self.cpu_s += 2 * share * step_s
        self.measuring.clear()
        self.measuring.note(step_s)
        return len(rows)


def test_each_count_is_measured_and_told_once():
    box = Box()
    while box.step(0.001):
        pass

    assert box.step(0.001) == 0
    [times] = box.told
    assert [rows for rows, _ in times.measured] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


def test_a_slow_box_leaves_the_large_counts_out():
    box = Box()
    while box.step(0.05):
        pass

    [times] = box.told
    assert times.measured[-1][0] < 256
    assert times.at(512) > 10


def test_a_step_in_which_others_had_the_processor_does_not_count():
    box = Box()
    warm_up = [box.step(0.001, share=0.3) for _ in range(2)]
    first = [box.step(0.1, share=0.3) for _ in range(5)]
    while box.step(0.001):
        pass

    assert {*warm_up, *first} == {1}
    assert box.told[0].at(1) < 0.06


def test_a_box_that_is_never_quiet_is_measured_all_the_same():
    box = Box()
    for _ in range(200):
        box.step(0.001, share=0.3)

    assert box.told


def test_without_room_nothing_is_measured():
    box = Box()
    for slot in box.sequences.slots:
        slot.tokens = [1]

    assert box.measuring.next_rows() is None
