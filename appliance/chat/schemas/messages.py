"""Messages as they travel (docs/api.md, "Chat")."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from appliance.chat.endings import problem_data, timings_data, usage_data
from appliance.chat.model import AttachedFile, Feedback, Message, MessageState


class AttachedFileOut(BaseModel):
    """A file of a question as it travels."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    state: Literal["ready"]
    characters: int
    tokens: int
    tokens_estimated: bool
    is_cut: bool


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
    provider: str | None
    provider_name: str
    cached: bool
    fallback_reason: str
    cost_eur: float | None
    feedback: Feedback | None
    read_from: str | None
    files: list[AttachedFileOut]
    created_at: datetime


class MessagePage(BaseModel):
    """Part of a conversation, oldest first."""

    items: list[MessageOut]
    next_cursor: str | None


class StoppedOut(BaseModel):
    """Whether the answer was stopped by this request."""

    stopped: bool


def _file_out(file: AttachedFile) -> AttachedFileOut:
    return AttachedFileOut(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        state="ready",
        characters=file.characters,
        tokens=file.tokens,
        tokens_estimated=file.tokens_estimated,
        is_cut=file.is_cut,
    )


def message_out(message: Message) -> MessageOut:
    """Return the message as it travels."""
    problem, origin = message.problem, message.origin
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
        provider=None if origin is None else origin.provider,
        provider_name="" if origin is None else origin.name,
        cached=origin is not None and origin.is_cached,
        fallback_reason="" if origin is None else origin.reason,
        cost_eur=None if origin is None else origin.cost_eur,
        feedback=message.feedback,
        read_from=message.read_from,
        files=[_file_out(file) for file in message.files],
        created_at=message.created_at,
    )
