"""Times and durations as Ollama writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.model_api.ollama.wire import keep_alive_s, nanoseconds, told_time


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        (0, 0.0),
        ("0", 0.0),
        (90, 90.0),
        (-1, -1.0),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (".5s", 0.5),
        ("250ms", 0.25),
        ("-1m", -1.0),
        (1e300, 3.0e9),
    ],
)
def test_how_long_a_model_stays_is_seconds_or_gos_durations(
    value: float | str | None, seconds: float | None
) -> None:
    assert keep_alive_s(value) == seconds


@given(text=st.text(max_size=30))
def test_a_text_is_a_duration_or_is_refused(text: str) -> None:
    try:
        seconds = keep_alive_s(text)
    except InvalidValueError:
        return
    assert seconds is not None
    assert seconds == -1.0 or 0.0 <= seconds <= 3.0e9


def test_a_duration_is_never_nothing() -> None:
    assert (nanoseconds(0.0), nanoseconds(1.5)) == (1, 1_500_000_000)


def test_a_moment_is_told_in_utc() -> None:
    madrid = timezone(timedelta(hours=2))
    assert told_time(datetime(2026, 7, 1, 12, tzinfo=madrid)) == "2026-07-01T10:00:00.000000Z"
    assert told_time(datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=UTC)) == "2026-07-01T12:00:00.000005Z"
