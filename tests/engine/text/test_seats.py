from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.seats import Sitter, who_leaves

sitters = st.builds(
    Sitter,
    number=st.just(0),
    holds_bytes=st.integers(0, 100),
    used_s=st.integers(0, 9).map(float),
    is_in_use=st.booleans(),
    is_kept=st.booleans(),
)
rooms = st.lists(sitters, max_size=8).map(
    lambda some: [
        Sitter(i, s.holds_bytes, s.used_s, s.is_in_use, s.is_kept) for i, s in enumerate(some)
    ]
)


def idle(number: int, holds_bytes: int, used_s: float, *, is_kept: bool = False) -> Sitter:
    return Sitter(number, holds_bytes, used_s, is_in_use=False, is_kept=is_kept)


def test_nobody_leaves_while_there_is_room():
    assert who_leaves([idle(0, 10, 1.0)], missing_bytes=0) == []


def test_who_was_used_longest_ago_leaves_first_and_the_kept_one_last():
    room = [idle(0, 10, 1.0, is_kept=True), idle(1, 10, 3.0), idle(2, 10, 2.0)]

    assert who_leaves(room, missing_bytes=1) == [2]
    assert who_leaves(room, missing_bytes=15) == [2, 1]
    assert who_leaves(room, missing_bytes=25) == [2, 1, 0]


def test_nobody_leaves_for_what_does_not_fit_anyway():
    assert who_leaves([idle(0, 10, 1.0)], missing_bytes=11) is None


@given(room=rooms, missing_bytes=st.integers(-10, 300))
def test_whoever_is_in_use_stays(room: list[Sitter], missing_bytes: int):
    leaving = who_leaves(room, missing_bytes=missing_bytes) or []

    assert not any(room[number].is_in_use for number in leaving)


@given(room=rooms, missing_bytes=st.integers(-10, 300))
def test_what_leaves_is_enough_and_the_last_one_was_needed(room: list[Sitter], missing_bytes: int):
    leaving = who_leaves(room, missing_bytes=missing_bytes)
    free = sum(s.holds_bytes for s in room if not s.is_in_use)
    if leaving is None:
        assert free < missing_bytes
        return
    given_bytes = [room[number].holds_bytes for number in leaving]
    assert sum(given_bytes) >= missing_bytes
    assert not given_bytes or sum(given_bytes[:-1]) < missing_bytes
