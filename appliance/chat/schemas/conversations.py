"""Conversations as they travel (docs/api.md, "Chat")."""

from datetime import datetime

from pydantic import BaseModel

from appliance.chat.model import Conversation
from appliance.chat.overseeing import OthersConversation


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
    local_only: bool
    deleted_at: datetime | None


class ConversationPage(BaseModel):
    """Part of the list of conversations."""

    items: list[ConversationOut]
    next_cursor: str | None


class OthersConversationOut(ConversationOut):
    """A conversation of somebody, for administrators."""

    user_id: str


class OthersConversationPage(BaseModel):
    """Part of the list of everybody's conversations."""

    items: list[OthersConversationOut]
    next_cursor: str | None


def others_conversation_out(other: OthersConversation) -> OthersConversationOut:
    """Return somebody's conversation as it travels."""
    out = conversation_out(other.conversation)
    return OthersConversationOut(**out.model_dump(), user_id=other.owner_id)


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
        local_only=conversation.local_only,
        deleted_at=conversation.deleted_at,
    )
