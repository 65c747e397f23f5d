"""How Ollama writes times, durations and lines.

Source:
    Go's `time.ParseDuration` and `time.RFC3339Nano`; Ollama 0.33, `api/types.go`, `Duration`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from appliance.base.errors import InvalidValueError
from appliance.model_api.framing import encoded

NDJSON = "application/x-ndjson"
JSON = "application/json; charset=utf-8"
# `expires_at` of a model that stays: clients only know dates.
FOR_EVER = "2318-01-01T00:00:00Z"
_NANOSECONDS = 1_000_000_000
_SECONDS_OF_UNITS: Mapping[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_DURATION = re.compile(
    r"[+-]?(?:0|(?:(?:\d{1,12}\.?\d{0,9}|\.\d{1,9})(?:ns|us|µs|μs|ms|s|m|h)){1,9})"
)
_PART = re.compile(r"(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)")
_MOST_SECONDS = 3.0e9


def nanoseconds(seconds: float) -> int:
    """Return a duration as it is told; never 0, which clients would not see at all."""
    return max(1, round(seconds * _NANOSECONDS))


def told_time(moment: datetime) -> str:
    """Return a moment as Ollama's clients read it: UTC, with a `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def keep_alive_s(value: float | str | None) -> float | None:
    """Return how long a model stays, in seconds: negative for ever, 0 not at all.

    Args:
        value: Seconds, or a duration such as `5m` or `1h30m`; None leaves it as it is.

    Raises:
        InvalidValueError: If the text is no duration.
    """
    if value is None:
        return None
    seconds = _seconds(value) if isinstance(value, str) else value
    return -1.0 if seconds < 0 else min(seconds, _MOST_SECONDS)


def _seconds(text: str) -> float:
    if not _DURATION.fullmatch(text):
        raise InvalidValueError(f'time: invalid duration "{text[:40]}"', field="keep_alive")
    total_s = sum(float(number) * _SECONDS_OF_UNITS[unit] for number, unit in _PART.findall(text))
    return -total_s if text.startswith("-") else total_s


def line(values: Mapping[str, object]) -> bytes:
    """Return one line of a stream."""
    return encoded(values) + b"\n"
