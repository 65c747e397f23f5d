"""Conversations as they travel (docs/api.md, "Chat")."""

from datetime import datetime

from pydantic import BaseModel

from appliance.chat.model import Conversation


class ConversationOut(BaseModel):
    """A conversation as it travels."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    writing: bool
    pinned: bool
    unread: bool
    temporary: bool
    deleted_at: datetime | None


class ConversationPage(BaseModel):
    """Part of the list of conversations."""

    items: list[ConversationOut]
    next_cursor: str | None


def conversation_out(conversation: Conversation) -> ConversationOut:
    """Return the conversation as it travels."""
    return ConversationOut(
        id=conversation.id,
        title=conversation.title,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        writing=conversation.writing,
        pinned=conversation.pinned,
        unread=conversation.unread,
        temporary=conversation.temporary,
        deleted_at=conversation.deleted_at,
    )
