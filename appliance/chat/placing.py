"""Where in the tree of messages a question or an answer may be put, and when."""

from dataclasses import dataclass

from appliance.base.database.transaction import Connection
from appliance.base.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    TooManyRequestsError,
)
from appliance.chat.finding import message_of
from appliance.chat.model import MOST_UNFINISHED_ANSWERS, Message, MessageRole
from appliance.chat.store import answers, messages


@dataclass(frozen=True)
class Branch:
    """Where a question is put: under an answer, or with None at a root of its own."""

    parent_id: str | None


def parent_of(
    connection: Connection, owner_id: str, conversation_id: str | None, branch: Branch | None
) -> Message | None:
    """Return the answer that a question follows; None at a root.

    Args:
        connection: Where to read.
        owner_id: Who asks.
        conversation_id: Where; None is a conversation that begins now.
        branch: Where exactly; None is below the newest message.

    Raises:
        NotFoundError: If the message to follow is not in this conversation.
        InvalidValueError: If it is a question.
        ConflictError: If it is an answer that is still being written.
    """
    if branch is None and conversation_id is not None:
        parent = messages.find_newest_message(connection, owner_id, conversation_id)
        return None if parent is None else _fit(parent)
    if branch is None or branch.parent_id is None:
        return None
    parent = messages.find_message(connection, owner_id, branch.parent_id)
    if parent is None or parent.conversation_id != conversation_id:
        raise NotFoundError(
            "There is no message with this parent_id in the conversation.",
            code="message_not_found",
            hint="Load the conversation's messages again.",
            field="parent_id",
        )
    return _fit(parent)


def question_of(connection: Connection, owner_id: str, message: Message) -> Message:
    """Return the question to be answered once more, by itself or by one of its answers.

    Raises:
        ConflictError: If an answer to it is still being written.
    """
    question = message
    if message.role is MessageRole.ASSISTANT and message.parent_id is not None:
        question = message_of(connection, owner_id, message.parent_id)
    answers = messages.list_answers(connection, owner_id, question.id)
    if any(answer.state.is_unfinished for answer in answers):
        raise still_being_written()
    return question


def refuse_too_many(connection: Connection, owner_id: str) -> None:
    """Do nothing, unless this person has as many unfinished answers as are allowed.

    Raises:
        TooManyRequestsError: If one more would be too many.
    """
    unfinished = answers.count_unfinished(connection, owner_id)
    if unfinished >= MOST_UNFINISHED_ANSWERS:
        raise TooManyRequestsError(
            f"{unfinished} of your answers are being written or waiting already; "
            f"{MOST_UNFINISHED_ANSWERS} at a time are allowed.",
            code="too_many_answers",
            hint="Wait until one of them is finished, or stop one.",
        )


def _fit(parent: Message) -> Message:
    if parent.role is not MessageRole.ASSISTANT:
        raise InvalidValueError(
            "parent_id names a question; a question can only follow an answer.",
            hint="Name the answer that the question follows.",
            field="parent_id",
        )
    if parent.state.is_unfinished:
        raise still_being_written()
    return parent


def still_being_written() -> ConflictError:
    """Return the refusal of what needs a finished answer."""
    return ConflictError(
        "The answer is still being written.",
        code="answer_in_progress",
        hint="Wait until it is finished, or stop it first.",
    )
