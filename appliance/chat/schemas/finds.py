"""What a search found, as it travels (docs/api.md, "Chat")."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from appliance.chat.searching import Find


class FragmentOut(BaseModel):
    """A piece of a snippet."""

    text: str
    hit: bool


class FindOut(BaseModel):
    """A place in which all that was looked for stands; without a message it is the title."""

    conversation_id: str
    conversation_title: str
    message_id: str | None
    role: Literal["user", "assistant"] | None
    created_at: datetime
    snippet: list[FragmentOut]


class FindPage(BaseModel):
    """Part of what was found, the newest first.

    `is_complete` is false while texts from before the search existed are still being indexed.
    """

    items: list[FindOut]
    next_cursor: str | None
    is_complete: bool


def find_out(find: Find) -> FindOut:
    """Return the find as it travels."""
    return FindOut(
        conversation_id=find.conversation_id,
        conversation_title=find.conversation_title,
        message_id=find.message_id,
        role=None if find.role is None else find.role.value,
        created_at=find.created_at,
        snippet=[FragmentOut(text=part.text, hit=part.hit) for part in find.snippet],
    )
