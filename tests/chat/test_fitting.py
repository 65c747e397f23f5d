"""Files fit whole, or are refused with the figures, or are cut fairly."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.chat.fitting import Room, fitted, shares_of
from appliance.chat.model import AttachedFile

FILE = AttachedFile(
    id="f", name="a.txt", media_type="text/plain", size_bytes=9, characters=4000, tokens=1000,
    tokens_estimated=False, is_cut=False,
)  # fmt: skip
ROOM = Room(context_tokens=2048, question_bytes=30)


def test_files_that_fit_are_read_whole() -> None:
    assert fitted([FILE], ROOM, may_cut=False) == (FILE,)


def test_files_that_do_not_fit_are_refused_with_the_figures() -> None:
    with pytest.raises(InvalidValueError) as refusal:
        fitted([FILE, FILE], ROOM, may_cut=False)

    assert refusal.value.code == "files_too_long"
    assert refusal.value.fields["tokens"] == 2080
    assert refusal.value.fields["limit_tokens"] == 1670


def test_files_that_may_be_cut_are_read_from_their_beginnings() -> None:
    short = replace(FILE, characters=400, tokens=100)
    long = replace(FILE, characters=40_000, tokens=10_000)

    assert fitted([long, short], ROOM, may_cut=True) == (
        replace(long, characters=5652, tokens=1413, tokens_estimated=True, is_cut=True),
        short,
    )


def test_while_the_context_is_unknown_nothing_is_refused() -> None:
    assert fitted([FILE] * 9, Room(context_tokens=0, question_bytes=9), may_cut=False)


def test_where_hardly_anything_would_be_left_cutting_is_no_offer() -> None:
    with pytest.raises(InvalidValueError):
        fitted([FILE], Room(context_tokens=256, question_bytes=30), may_cut=True)


@given(wanted=st.lists(st.integers(0, 10**6), min_size=1, max_size=10), limit=st.integers(0, 10**6))
def test_nobody_gets_more_than_wanted_and_together_not_more_than_there_is(
    wanted: list[int], limit: int
) -> None:
    shares = shares_of(wanted, limit)

    assert sum(shares) <= limit
    assert all(share <= want for share, want in zip(shares, wanted, strict=True))


@given(wanted=st.lists(st.integers(0, 10**6), min_size=1, max_size=10), limit=st.integers(0, 10**6))
def test_who_goes_short_gets_no_less_than_anybody_else(wanted: list[int], limit: int) -> None:
    shares = shares_of(wanted, limit)

    short = [share for share, want in zip(shares, wanted, strict=True) if share < want]
    assert all(share + len(wanted) >= max(shares) for share in short)


@given(
    tokens=st.lists(st.integers(1, 10**6), min_size=1, max_size=10), context=st.integers(1, 10**5)
)
def test_what_is_cut_fits(tokens: list[int], context: int) -> None:
    room = Room(context_tokens=context, question_bytes=100)
    files = [replace(FILE, tokens=count, characters=count * 4) for count in tokens]
    try:
        kept = fitted(files, room, may_cut=True)
    except InvalidValueError:
        return

    assert sum(file.tokens for file in kept) <= room.tokens
    assert all(file.characters > 0 for file in kept)
