import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.providers.breaker import (
    LONGEST_S,
    NEW,
    Breaker,
    Standing,
    asked,
    failed,
    released,
    standing,
    succeeded,
    wait_s,
)


def _after(outcomes: str, *, every_s: float = 1.0) -> Breaker:
    breaker = NEW
    for number, outcome in enumerate(outcomes):
        turn = failed if outcome == "x" else succeeded
        breaker = turn(breaker, number * every_s)
    return breaker


@pytest.mark.parametrize("outcomes", ["", "xxxx", "oooxx", "ooooooooo"])
def test_few_or_rare_failures_leave_it_closed(outcomes: str):
    assert standing(_after(outcomes), 20) is Standing.CLOSED


@pytest.mark.parametrize("outcomes", ["xxxxx", "oooxxx", "xooxox"])
def test_half_of_five_calls_opens_it_for_thirty_seconds(outcomes: str):
    breaker = _after(outcomes)

    last_s = len(outcomes) - 1
    assert standing(breaker, last_s) is Standing.OPEN
    assert wait_s(breaker, last_s) == 30
    assert standing(breaker, last_s + 30) is Standing.HALF_OPEN


def test_failures_of_more_than_a_minute_ago_do_not_count():
    assert standing(_after("xxxxxxx", every_s=20), 121) is Standing.CLOSED


def test_one_may_try_while_it_is_half_open_and_the_others_wait():
    breaker = _after("xxxxx")

    probed = asked(breaker, 40)

    assert standing(probed, 40) is Standing.OPEN
    assert standing(released(probed), 40) is Standing.HALF_OPEN
    assert standing(succeeded(probed, 41), 41) is Standing.CLOSED


def test_a_probe_that_is_never_heard_of_again_closes_the_door_for_five_minutes_only():
    probed = asked(_after("xxxxx"), 40)

    assert standing(probed, 339) is Standing.OPEN
    assert standing(probed, 341) is Standing.HALF_OPEN


def test_each_failed_probe_doubles_the_pause_up_to_a_quarter_of_an_hour():
    breaker, now_s, pauses = _after("xxxxx"), 4.0, list[float]()
    for _ in range(7):
        pauses.append(wait_s(breaker, now_s))
        now_s += pauses[-1]
        breaker = failed(asked(breaker, now_s), now_s)

    assert pauses == [30, 60, 120, 240, 480, 900, 900]


def test_who_says_when_to_come_back_is_left_alone_until_then_at_once():
    breaker = failed(NEW, 100, rest_s=7)

    assert wait_s(breaker, 100) == 7
    assert standing(breaker, 107) is Standing.HALF_OPEN


def test_an_answer_after_a_pause_forgets_what_was_before():
    again = succeeded(asked(_after("xxxxx"), 60), 61)

    assert standing(failed(again, 62), 62) is Standing.CLOSED


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "good", "bad", "rest", "left"]), st.floats(0, 100)),
    max_size=60,
)


@given(steps=steps)
def test_nobody_waits_longer_than_a_quarter_of_an_hour(steps):
    breaker, now_s = NEW, 0.0
    for step, pause_s in steps:
        now_s += pause_s
        match step:
            case "ask":
                breaker = asked(breaker, now_s)
            case "good":
                breaker = succeeded(breaker, now_s)
            case "bad":
                breaker = failed(breaker, now_s)
            case "rest":
                breaker = failed(breaker, now_s, rest_s=pause_s * 1000)
            case _:
                breaker = released(breaker)
        assert 0 <= wait_s(breaker, now_s) <= LONGEST_S + 1e-6
        assert (wait_s(breaker, now_s) > 0) == (standing(breaker, now_s) is Standing.OPEN)
        assert len(breaker.calls) <= 20
