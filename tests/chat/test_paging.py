"""Cursors come back as they were given out, and nothing else is taken."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.chat.paging import (
    ActivityCursor,
    activity_cursor_of,
    activity_cursor_text,
    position_cursor_of,
    position_cursor_text,
)

instants = st.datetimes(timezones=st.just(UTC))


@given(at=instants, conversation_id=st.uuids().map(str))
def test_an_activity_cursor_comes_back_as_it_was(at: datetime, conversation_id: str) -> None:
    cursor = ActivityCursor(at, conversation_id)

    assert activity_cursor_of(activity_cursor_text(cursor)) == cursor


@given(position=st.integers(-(10**9), 10**9))
def test_a_position_cursor_comes_back_as_it_was(position: int) -> None:
    assert position_cursor_of(position_cursor_text(position)) == position


@given(text=st.text(max_size=300))
def test_whatever_is_sent_as_a_cursor_is_refused_with_its_field(text: str) -> None:
    for parse in (activity_cursor_of, position_cursor_of):
        with pytest.raises(InvalidValueError) as refusal:
            parse(text)
        assert refusal.value.fields == {"field": "cursor"}


@pytest.mark.parametrize(
    "inside",
    [
        "[]",
        "{}",
        "[-9007199254740992]",
        '["x"]',
        "[1,2]",
        "[true]",
        "[false]",
        "1e999",
        '["2026-01-01T00:00:00","a"]',
        '["0001-01-01T00:00:00+23:00","a"]',
        "[" * 90,
    ],
)
def test_a_made_up_cursor_is_refused(inside: str) -> None:
    text = base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")

    with pytest.raises(InvalidValueError):
        position_cursor_of(text)
    with pytest.raises(InvalidValueError):
        activity_cursor_of(text)
