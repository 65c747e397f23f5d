import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.jobs.retry import GiveUp, RetryAfter, RetryPolicy, decide, jitter_of

POLICY = RetryPolicy(max_attempts=5, first_pause_s=2, longest_pause_s=10)


@pytest.mark.parametrize(
    ("attempt", "jitter", "expected"),
    [
        (1, 0.0, RetryAfter(2)),  # 2 * 2 ** 0
        (2, 0.0, RetryAfter(4)),  # 2 * 2 ** 1
        (3, 0.5, RetryAfter(6)),  # 8, less a quarter
        (4, 1.0, RetryAfter(5)),  # capped at 10, less half
        (5, 0.0, GiveUp()),
        (6, 0.0, GiveUp()),
    ],
)
def test_pauses_double_up_to_the_longest_then_it_is_given_up(attempt, jitter, expected):
    assert decide(POLICY, attempt=attempt, jitter=jitter) == expected


@given(
    attempt=st.integers(min_value=1, max_value=10**6), jitter=st.floats(min_value=0, max_value=1)
)
def test_a_pause_is_always_within_its_bounds(attempt: int, jitter: float):
    decision = decide(RetryPolicy(10**7, 1, 300), attempt=attempt, jitter=jitter)

    assert isinstance(decision, RetryAfter)
    assert 0.5 <= decision.pause_s <= 300


@given(job_id=st.uuids().map(str), attempt=st.integers(min_value=1))
def test_the_jitter_of_a_job_is_a_share_and_the_same_every_time(job_id: str, attempt: int):
    assert 0 <= jitter_of(job_id, attempt) == jitter_of(job_id, attempt) <= 1


def test_jobs_that_failed_together_come_back_apart():
    jitters = {round(jitter_of(f"job-{number}", 1), 1) for number in range(100)}

    assert len(jitters) >= 10
