from hypothesis import given
from hypothesis import strategies as st

from appliance.base.process.restart import Restarts, after_failure, pause_s


def test_pauses_double_from_half_a_second_to_thirty():
    pauses = [pause_s(Restarts(failures)) for failures in range(9)]

    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_healthy_run_begins_the_count_anew():
    assert after_failure(Restarts(6), ran_s=60.0) == Restarts(1)
    assert after_failure(Restarts(6), ran_s=59.9) == Restarts(7)


@given(failures=st.integers(min_value=1, max_value=10**9))
def test_no_pause_is_shorter_than_the_one_before(failures: int):
    assert 0.5 <= pause_s(Restarts(failures)) <= pause_s(Restarts(failures + 1)) <= 30.0
