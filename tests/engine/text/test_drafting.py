"""Guesses come from what stood before, and only where computing them pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.drafting import MOST_GUESSED, Memory, Trust, worthwhile
from appliance.engine.text.step_times import StepTimes

tokens = st.lists(st.integers(0, 3), max_size=60)
CHEAP = StepTimes(((1, 0.050), (16, 0.055)))
# Measured with 3B on two threads, weights not repacked.
COMPUTE_BOUND = StepTimes(((1, 0.061), (2, 0.115), (4, 0.16), (8, 0.258), (16, 0.271)))
DEAR = StepTimes(((1, 0.05), (16, 0.80)))


@given(seen=tokens, most=st.integers(0, 20))
def test_a_guess_stood_there_after_the_same_tokens(seen: list[int], most: int):
    guess, alike = Memory(seen).guess(most)

    assert len(guess) <= most
    if alike:
        run = seen[-alike:]
        starts = range(len(seen) - alike)
        assert any(seen[i : i + alike] == run and seen[i + alike :][: len(guess)] == guess
                   for i in starts)  # fmt: skip
    else:
        assert guess == []


@given(first=tokens, more=tokens)
def test_what_is_remembered_bit_by_bit_is_what_is_remembered_at_once(
    first: list[int], more: list[int]
):
    grown = Memory(first)
    grown.extend(more)

    assert grown.guess(10) == Memory(first + more).guess(10)


def test_a_quotation_is_guessed_on():
    document = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert Memory([*document, 0, 2, 3, 4]).guess(4) == ([5, 6, 7, 8], 3)
    assert Memory([*document, 0, 9, 8, 7]).guess(4) == ([], 0)


@pytest.mark.parametrize(
    ("times", "chance", "count"),
    [
        (CHEAP, 0.5, 6),
        (CHEAP, 0.99, MOST_GUESSED),
        (CHEAP, 0.05, 0),
        (COMPUTE_BOUND, 0.6, 0),
        (COMPUTE_BOUND, 0.95, MOST_GUESSED),
        (DEAR, 0.99, 0),
    ],
)
def test_as_many_are_computed_as_pay(times: StepTimes, chance: float, count: int):
    found = worthwhile(times, rows=1, guessed=MOST_GUESSED, chance=chance)

    assert found == count


@given(chance=st.floats(0, 1), guessed=st.integers(0, 40), rows=st.integers(1, 8))
def test_never_more_than_there_are(chance: float, guessed: int, rows: int):
    assert (
        0
        <= worthwhile(CHEAP, rows=rows, guessed=guessed, chance=chance)
        <= min(guessed, MOST_GUESSED)
    )


def test_wrong_guesses_end_the_guessing_and_it_is_tried_again_much_later():
    trust = Trust()
    assert worthwhile(CHEAP, rows=1, guessed=8, chance=trust.chance(3)) > 0
    wrong = 0
    while worthwhile(CHEAP, rows=1, guessed=8, chance=trust.chance(3)):
        trust = trust.after_guess(guessed=8, right=0)
        wrong += 1
        assert wrong < 60

    pauses = 0
    while not worthwhile(CHEAP, rows=1, guessed=8, chance=trust.chance(3)):
        trust = trust.after_none()
        pauses += 1
    assert pauses >= 1
    assert pauses < 1000


def test_right_guesses_are_trusted_more_than_long_runs():
    trust = Trust()
    for _ in range(5):
        trust = trust.after_guess(guessed=8, right=8)

    assert trust.chance(3) > 0.9 > Trust().chance(3)


@given(outcomes=st.lists(st.tuples(st.integers(1, 15), st.integers(0, 15)), max_size=30))
def test_a_chance_is_always_a_chance(outcomes: list[tuple[int, int]]):
    trust = Trust()
    for guessed, right in outcomes:
        trust = trust.after_guess(guessed=guessed, right=min(guessed, right)).after_none()
        assert 0 <= trust.chance(3) <= 1
