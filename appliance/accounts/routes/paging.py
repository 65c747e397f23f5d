"""How lists of accounts are asked for in pages."""

import re
from typing import Annotated

from fastapi import Query

from appliance.base.errors import InvalidValueError

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=40)]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_DIGITS = 9


def id_cursor(cursor: str | None) -> str | None:
    """Return the id of the last thing of the page before.

    Raises:
        InvalidValueError: If it is not one of ours.
    """
    if cursor is not None and not _ID.fullmatch(cursor):
        raise _refusal()
    return cursor


def number_cursor(cursor: str | None) -> int | None:
    """Return the number of the last thing of the page before.

    Raises:
        InvalidValueError: If it is not one of ours.
    """
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > _MOST_DIGITS:
        raise _refusal()
    return int(cursor)


def _refusal() -> InvalidValueError:
    return InvalidValueError(
        "cursor is not one that this list gave out.",
        hint="Send next_cursor as it came, or leave the cursor away to begin anew.",
        field="cursor",
    )
