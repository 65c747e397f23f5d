"""What clients send to the chat (docs/api.md, "Chat")."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.chat.model import (
    LONGEST_MESSAGE_CHARACTERS,
    LONGEST_TITLE_CHARACTERS,
    MOST_FILES_OF_A_QUESTION,
    AnswerOptions,
    Feedback,
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
    temporary: bool = Field(
        default=False, description="Begins a conversation that is in no list and goes after a day."
    )
    local_only: bool = Field(
        default=False, description="Begins a conversation of which nothing leaves the house."
    )
    files: list[Id] = Field(
        default_factory=list,
        max_length=MOST_FILES_OF_A_QUESTION,
        description="Ids of uploaded files that are read with the question.",
    )
    cut_files: bool = Field(
        default=False, description="Files that are too long for the model are cut, not refused."
    )


class SendBody(_Body):
    """A question whose whole answer is waited for."""

    content: MessageText
    audio_id: Id | None = Field(default=None, description="Not possible yet.")


class NewConversationBody(_Body):
    """A conversation to begin."""

    title: Title = ""


class ChangeBody(_Body):
    """What is to be different about a conversation."""

    title: Annotated[Title, _NotBlank] | None = None
    pinned: bool | None = None
    local_only: bool | None = None


class FeedbackBody(_Body):
    """What the reader of an answer thought of it; null takes it back."""

    # Not strict: JSON has no enums.
    rating: Annotated[Feedback, Field(strict=False)] | None
