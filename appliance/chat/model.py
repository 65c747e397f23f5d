"""Words of the chat: conversations, their messages as a tree, and what limits them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from appliance.engine.text.model import FinishReason, Origin

T = TypeVar("T")

LONGEST_MESSAGE_CHARACTERS = 100_000
LONGEST_TITLE_CHARACTERS = 200
MOST_FILES_OF_A_QUESTION = 10
# One is written while the others wait: a person who asks more has lost sight of them.
MOST_UNFINISHED_ANSWERS = 3
_HALF_PAIR = re.compile("[\ud800-\udfff]")


class MessageRole(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How far a message is; questions are always `DONE`."""

    QUEUED = "queued"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_unfinished(self) -> bool:
        """Return whether more may come."""
        return self in UNFINISHED


class Feedback(StrEnum):
    """What the reader of an answer thought of it."""

    UP = "up"
    DOWN = "down"


UNFINISHED = (MessageState.QUEUED, MessageState.WRITING)


@dataclass(frozen=True)
class Problem:
    """Why there is no (whole) answer, for people and for programs.

    Attributes:
        status: HTTP status that it would have as an answer.
        code: Stable name.
        detail: What happened.
        hint: What to do about it; may be empty.
    """

    status: int
    code: str
    detail: str
    hint: str


@dataclass(frozen=True)
class Timings:
    """Where the seconds of an answer went.

    Attributes:
        queued_s: Seconds waited before reading began.
        reading_s: Seconds from then to the first token.
        writing_s: Seconds from the first token to the last.
    """

    queued_s: float
    reading_s: float
    writing_s: float


@dataclass(frozen=True)
class AnswerOptions:
    """How an answer is to be written, where the asker said so; None leaves it to the engine.

    Attributes:
        temperature: 0 to 2.
        top_p: 0 to 1.
        top_k: 0 to 1000.
        max_tokens: 1 to 8192.
        seed: Start of the random numbers.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Conversation:
    """A conversation of one person.

    Attributes:
        id: Its id.
        title: At most 200 characters; empty until the first question of an unnamed one.
        title_is_automatic: Whether Nodo made the title; a person's own is never overwritten.
        created_at: When it began.
        updated_at: When something was last asked or answered in it.
        writing: Whether an answer in it is unfinished.
        pinned: Whether it stands above the others.
        unread: Whether an answer ended in it that its owner has not looked at.
        temporary: Whether it is in no list and no search, and goes after a day.
        deleted_at: When it was thrown into the bin; None while it is not there.
        local_only: Whether nothing of it may leave the house, whatever the box allows.
    """

    id: str
    title: str
    title_is_automatic: bool
    created_at: datetime
    updated_at: datetime
    writing: bool
    pinned: bool = False
    unread: bool = False
    temporary: bool = False
    deleted_at: datetime | None = None
    local_only: bool = False


@dataclass(frozen=True)
class AttachedFile:
    """A file that belongs to a question; the model reads it before the question's text.

    Attributes:
        id: Its id, among all files.
        name: As people see it.
        media_type: What it is.
        size_bytes: Of the file itself.
        characters: So much of its text the model reads, from the beginning.
        tokens: What the model reads for that.
        tokens_estimated: Whether that was estimated, not counted.
        is_cut: Whether the text goes on after that.
    """

    id: str
    name: str
    media_type: str
    size_bytes: int
    characters: int
    tokens: int
    tokens_estimated: bool
    is_cut: bool


@dataclass(frozen=True)
class Message:
    """A question or an answer; `parent_id` makes the messages of a conversation a tree.

    Attributes:
        id: Its id.
        conversation_id: Which conversation it belongs to.
        parent_id: The message that it follows; None at a root.
        position: Grows by 1 with each message of the conversation, whatever the wall clock does.
        role: Who wrote it.
        content: Its text; of an unfinished answer, what was saved so far.
        state: How far it is.
        created_at: When it was asked for.
        finish_reason: Why the writing ended, if it ended by itself or was stopped.
        problem: What went wrong, if `state` is `FAILED` or `INTERRUPTED`.
        options: How it was to be written.
        language: In which language the box instructs the model; None of a question.
        model: Name of the model that wrote it.
        prompt_tokens: Tokens read; None while unknown.
        completion_tokens: Tokens written; None while unknown.
        timings: Where the time went; None while unknown.
        finished_at: When the last of it was written.
        feedback: What its reader thought of an answer; None if they did not say.
        read_from: Id of the oldest message that the model still read for this answer; None if
            it read all of them.
        run: How often the answer was continued.
        kept_characters: Characters that were there when the present run began.
        files: What was attached to a question; empty where nobody asked the store for them.
        origin: Who wrote an answer; None of those that are older than providers, or unfinished.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    position: int
    role: MessageRole
    content: str
    state: MessageState
    created_at: datetime
    finish_reason: FinishReason | None = None
    problem: Problem | None = None
    options: AnswerOptions = field(default_factory=AnswerOptions)
    language: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    timings: Timings | None = None
    finished_at: datetime | None = None
    feedback: Feedback | None = None
    read_from: str | None = None
    run: int = 0
    kept_characters: int = 0
    files: tuple[AttachedFile, ...] = ()
    origin: Origin | None = None

    @property
    def has_new_text(self) -> bool:
        """Return whether the present run has written something."""
        return len(self.content) > self.kept_characters


@dataclass(frozen=True)
class Heading:
    """Which answer a stream is about.

    Attributes:
        conversation_id: Which conversation.
        title: Its title.
        message_id: The answer.
        question_id: What it answers.
        title_is_new: Whether this question gave the conversation its title.
        run: How often the answer was continued.
    """

    conversation_id: str
    title: str
    message_id: str
    question_id: str
    title_is_new: bool = False
    run: int = 0

    @property
    def data(self) -> Mapping[str, object]:
        """Return what the stream's first event says, as JSON values."""
        return {
            "conversation_id": self.conversation_id,
            "title": self.title,
            "message_id": self.message_id,
            "question_id": self.question_id,
        }


@dataclass(frozen=True)
class Page(Generic[T]):
    """Part of a list.

    Attributes:
        items: What is on this page.
        next_cursor: Where the next page begins; None on the last one.
    """

    items: tuple[T, ...]
    next_cursor: str | None


def without_stray_code_units(text: str) -> str:
    """Return text that every database and every client can take.

    Half surrogate pairs come in through JSON escapes and cannot be encoded; PostgreSQL
    cannot store the character NUL.
    """
    whole = _HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def tokens_per_s(completion_tokens: int | None, timings: Timings | None) -> float | None:
    """Return how fast an answer was written; None if that cannot be told."""
    if completion_tokens is None or timings is None or timings.writing_s <= 0:
        return None
    # writing_s begins with the first token, so the first one took none of it.
    return max(completion_tokens - 1, 0) / timings.writing_s
