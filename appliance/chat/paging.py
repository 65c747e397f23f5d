"""Cursors of lists: opaque to clients, checked when they come back."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.base.errors import InvalidValueError
from appliance.chat.model import without_stray_code_units

_LONGEST_CURSOR = 200
_LARGEST_POSITION = 2**53


@dataclass(frozen=True)
class ActivityCursor:
    """The last conversation of a page.

    Attributes:
        at: When something happened in it last, or when it was deleted.
        conversation_id: Which one.
        pinned: Whether it stands among the pinned ones.
    """

    at: datetime
    conversation_id: str
    pinned: bool = False


def activity_cursor_text(cursor: ActivityCursor) -> str:
    """Return the cursor as clients carry it."""
    return _encoded([cursor.at.isoformat(), cursor.conversation_id, cursor.pinned])


def activity_cursor_of(text: str) -> ActivityCursor:
    """Return the cursor that `activity_cursor_text` wrote.

    Raises:
        InvalidValueError: If it is not one of ours.
    """
    match _decoded(text):
        case [str(instant), str(conversation_id), bool(pinned)]:
            at = _instant_of(instant)
            # Only UTC: moving another zone's first or last hours to UTC would leave the calendar.
            if at.utcoffset() == timedelta(0):
                return ActivityCursor(at, without_stray_code_units(conversation_id), pinned)
        case _:
            pass
    raise _refusal()


def position_cursor_text(position: int) -> str:
    """Return the position of a page's oldest message as clients carry it."""
    return _encoded([position])


def position_cursor_of(text: str) -> int:
    """Return the position that `position_cursor_text` wrote.

    Raises:
        InvalidValueError: If it is not one of ours.
    """
    match _decoded(text):
        case [int(position)] if (
            not isinstance(position, bool) and -_LARGEST_POSITION < position < _LARGEST_POSITION
        ):
            return int(position)
        case _:
            raise _refusal()


def _encoded(values: list[str | int]) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str) -> object:
    if not 0 < len(text) <= _LONGEST_CURSOR or not text.isascii():
        raise _refusal()
    try:
        padded = text + "=" * (-len(text) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _refusal() from error


def _instant_of(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _refusal() from error


def _refusal() -> InvalidValueError:
    return InvalidValueError(
        "cursor is not one that this list gave out.",
        hint="Send next_cursor as it came, or leave the cursor away to begin anew.",
        field="cursor",
    )
