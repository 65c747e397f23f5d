"""Messages as they travel (docs/api.md, "Chat")."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from appliance.chat.endings import problem_data, timings_data, usage_data
from appliance.chat.model import Feedback, Message, MessageState


class MessageOut(BaseModel):
    """A message as it travels."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    state: MessageState
    finish_reason: str | None
    error: dict[str, object] | None
    model: str | None
    usage: dict[str, object] | None
    timings: dict[str, object] | None
    cached: bool
    feedback: Feedback | None
    read_from: str | None
    created_at: datetime


class MessagePage(BaseModel):
    """Part of a conversation, oldest first."""

    items: list[MessageOut]
    next_cursor: str | None


class StoppedOut(BaseModel):
    """Whether the answer was stopped by this request."""

    stopped: bool


def message_out(message: Message) -> MessageOut:
    """Return the message as it travels."""
    problem = message.problem
    return MessageOut(
        id=message.id,
        conversation_id=message.conversation_id,
        parent_id=message.parent_id,
        role=message.role.value,
        content=message.content,
        state=message.state,
        finish_reason=message.finish_reason,
        error=None if problem is None else problem_data(problem, request_id=message.id),
        model=message.model,
        usage=usage_data(message),
        timings=timings_data(message),
        cached=False,
        feedback=message.feedback,
        read_from=message.read_from,
        created_at=message.created_at,
    )
