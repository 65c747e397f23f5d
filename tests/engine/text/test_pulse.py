import os
import signal
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.pulse import Pulse, Vitals, vitals_of
from tests.waiting import until_now


def _vitals(cpu_s: float = 0.0, *, read_bytes: int = 0, is_stopped: bool = False) -> Vitals:
    return Vitals(cpu_s, read_bytes, is_stopped)


BEGUN = Pulse(heard_s=100.0, worked_s=100.0, vitals=_vitals())


def test_a_child_that_speaks_does_not_hang():
    assert not BEGUN.after_words(110.0).hangs(113.0)


def test_a_child_that_neither_speaks_nor_works_hangs_after_three_and_a_half_seconds():
    pulse = BEGUN.after_look(_vitals(), 103.5)

    assert not pulse.hangs(103.4)
    assert pulse.hangs(103.5)


def test_a_child_that_computes_in_silence_works_on():
    pulse = BEGUN
    for second in range(60):
        pulse = pulse.after_look(_vitals(cpu_s=second * 0.9), 100.0 + second)

    assert not pulse.hangs(160.0)


def test_crumbs_of_work_on_a_busy_box_add_up():
    pulse = BEGUN
    for look in range(40):
        pulse = pulse.after_look(_vitals(cpu_s=look * 0.005), 100.0 + look * 0.5)

    assert not pulse.hangs(120.0)


def test_a_child_that_reads_its_file_from_a_slow_disk_works():
    pulse = BEGUN.after_look(_vitals(read_bytes=1 << 20), 103.4)

    assert not pulse.hangs(104.0)


def test_work_of_long_ago_is_no_sign_of_life():
    # It computed ten seconds, then fell into a deadlock.
    pulse = BEGUN.after_look(_vitals(cpu_s=10.0), 110.0)
    pulse = pulse.after_look(_vitals(cpu_s=10.0), 113.6)

    assert pulse.hangs(113.6)


def test_a_stopped_child_hangs_though_it_worked_a_moment_ago():
    pulse = BEGUN.after_look(_vitals(cpu_s=1.0), 103.0).after_look(
        _vitals(cpu_s=1.0, is_stopped=True), 103.6
    )

    assert pulse.hangs(103.6)


def test_even_a_busy_child_must_speak_within_ninety_seconds():
    pulse = BEGUN.after_look(_vitals(cpu_s=89.0), 189.9)

    assert not pulse.hangs(189.9)
    assert pulse.hangs(190.0)


@given(
    silent_s=st.floats(min_value=0, max_value=3.49),
    cpu_s=st.floats(min_value=0, max_value=1e6),
    is_stopped=st.booleans(),
)
def test_nobody_is_given_up_within_three_and_a_half_seconds(
    silent_s: float, cpu_s: float, *, is_stopped: bool
):
    pulse = BEGUN.after_look(_vitals(cpu_s, is_stopped=is_stopped), 100.0 + silent_s)

    assert not pulse.hangs(100.0 + silent_s)


def test_the_vitals_of_a_process_tell_work_and_standstill():
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        until_now(lambda: (v := vitals_of(process.pid)) is not None and v.cpu_s > 0.05)
        os.kill(process.pid, signal.SIGSTOP)
        until_now(lambda: (v := vitals_of(process.pid)) is not None and v.is_stopped)
    finally:
        process.kill()
        process.wait()

    assert vitals_of(process.pid) is None
