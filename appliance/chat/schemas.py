"""The chat's shapes on the wire (docs/api.md, "Chat")."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.chat.endings import problem_data, timings_data, usage_data
from appliance.chat.model import (
    LONGEST_MESSAGE_CHARACTERS,
    LONGEST_TITLE_CHARACTERS,
    AnswerOptions,
    Conversation,
    Message,
    MessageState,
    without_stray_code_units,
)

_MOST_SEED = 2**32 - 1


def _not_blank(text: str) -> str:
    # Characters that only steer (zero width, right to left) are as good as none.
    if not any(c.isprintable() and not c.isspace() for c in text):
        raise ValueError("it must have at least one character that can be seen")
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


_Cleaned = AfterValidator(without_stray_code_units)
_NotBlank = AfterValidator(_not_blank)
_OneLine = AfterValidator(_one_line)

Id = Annotated[str, Field(min_length=1, max_length=36), _Cleaned]
MessageText = Annotated[str, Field(max_length=LONGEST_MESSAGE_CHARACTERS), _Cleaned, _NotBlank]
Title = Annotated[str, Field(max_length=LONGEST_TITLE_CHARACTERS), _Cleaned, _OneLine]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class OptionsBody(_Body):
    """How the answer is to be written."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_k: int | None = Field(default=None, ge=0, le=1000)
    max_tokens: int | None = Field(default=None, ge=1, le=8192)
    seed: int | None = Field(default=None, ge=0, le=_MOST_SEED)

    def as_options(self) -> AnswerOptions:
        """Return the options as the chat knows them."""
        return AnswerOptions(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            max_tokens=self.max_tokens,
            seed=self.seed,
        )


class QuestionBody(_Body):
    """A question."""

    message: MessageText
    conversation_id: Id | None = None
    parent_id: Id | None = Field(
        default=None,
        description="The answer to follow; null begins a new branch, absent follows the newest.",
    )
    options: OptionsBody | None = None


class NewConversationBody(_Body):
    """A conversation to begin."""

    title: Title = ""


class RenameBody(_Body):
    """A new title."""

    title: Annotated[Title, _NotBlank]


class ConversationOut(BaseModel):
    """A conversation as it travels."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    writing: bool


class ConversationPage(BaseModel):
    """Part of the list of conversations."""

    items: list[ConversationOut]
    next_cursor: str | None


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
    created_at: datetime


class MessagePage(BaseModel):
    """Part of a conversation, oldest first."""

    items: list[MessageOut]
    next_cursor: str | None


class StoppedOut(BaseModel):
    """Whether the answer was stopped by this request."""

    stopped: bool


def conversation_out(conversation: Conversation) -> ConversationOut:
    """Return the conversation as it travels."""
    return ConversationOut(
        id=conversation.id,
        title=conversation.title,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        writing=conversation.writing,
    )


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
        created_at=message.created_at,
    )
