"""Messages in the database; every query is of one owner's rows."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from appliance.chat.model import (
    AnswerOptions,
    Feedback,
    Message,
    MessageRole,
    MessageState,
    Problem,
    Timings,
)
from appliance.chat.store import search
from appliance.chat.store.attachments import characters_of_files
from appliance.chat.store.tables import messages
from appliance.engine.text.model import FinishReason

_NAMES = tuple(messages.c.keys())
_NO_OPTIONS = AnswerOptions()


def add_message(connection: Connection, owner_id: str, message: Message) -> None:
    """Write a new message, which can be found from now on."""
    options = {name: value for name, value in asdict(message.options).items() if value is not None}
    values = {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "parent_id": message.parent_id,
        "owner_id": owner_id,
        "position": message.position,
        "role": message.role.value,
        "content": message.content,
        "state": message.state.value,
        "options": options or None,
        "language": message.language,
        "created_at": message.created_at,
        "finished_at": message.finished_at,
        "run": message.run,
        "kept_characters": message.kept_characters,
    }
    connection.execute(insert(messages).values(values))
    if message.content:
        search.index_text(
            connection,
            owner_id,
            message.conversation_id,
            message.content,
            message_id=message.id,
        )


def next_position(connection: Connection, owner_id: str, conversation_id: str) -> int:
    """Return the position of the conversation's next message, from 1."""
    query = select(func.max(messages.c.position)).where(_is_in(owner_id, conversation_id))
    return (connection.execute(query).scalar() or 0) + 1


def find_message(connection: Connection, owner_id: str, message_id: str) -> Message | None:
    """Return the owner's message, also of a deleted conversation."""
    query = select(messages).where(is_message(owner_id, message_id))
    row = connection.execute(query).one_or_none()
    return None if row is None else message_of(row)


def find_newest_message(
    connection: Connection, owner_id: str, conversation_id: str
) -> Message | None:
    """Return the conversation's last message; None if it is empty."""
    found = list_messages(connection, owner_id, conversation_id, limit=1, before=None)
    return found[0] if found else None


def list_messages(
    connection: Connection,
    owner_id: str,
    conversation_id: str,
    *,
    limit: int | None,
    before: int | None,
) -> list[Message]:
    """Return at most `limit` messages (None: all) before a position, the newest first."""
    query = select(messages).where(_is_in(owner_id, conversation_id))
    if before is not None:
        query = query.where(messages.c.position < before)
    rows = connection.execute(query.order_by(messages.c.position.desc()).limit(limit))
    return [message_of(row) for row in rows]


def list_answers(connection: Connection, owner_id: str, question_id: str) -> list[Message]:
    """Return the answers to a question, oldest first."""
    where = and_(messages.c.owner_id == owner_id, messages.c.parent_id == question_id)
    rows = connection.execute(select(messages).where(where).order_by(messages.c.position))
    return [message_of(row) for row in rows]


def list_path(
    connection: Connection, owner_id: str, message_id: str, *, most_characters: int
) -> tuple[list[Message], int]:
    """Return the messages from the root to this one, and how many at the root were left out.

    Args:
        connection: Where to read.
        owner_id: Whose; a path never leaves the owner's messages.
        message_id: Last message of the path.
        most_characters: Older messages are left out once the newer ones have so many, with
            the files that belong to them.
    """
    characters = (func.length(messages.c.content) + characters_of_files()).label("characters")
    columns = (messages.c.id, messages.c.parent_id, characters)
    first = select(*columns, literal(0).label("depth")).where(is_message(owner_id, message_id))
    path = first.cte("path", recursive=True)
    older = select(*columns, path.c.depth + 1).where(messages.c.owner_id == owner_id)
    path = path.union_all(older.where(messages.c.id == path.c.parent_id))
    total = func.sum(path.c.characters).over(order_by=path.c.depth)
    measured = select(path.c.id, path.c.depth, total.label("total")).subquery("measured")
    kept = or_(measured.c.total <= most_characters, measured.c.depth == 0)
    query = select(messages).join(measured, measured.c.id == messages.c.id).where(kept)
    rows = list(connection.execute(query.order_by(measured.c.depth.desc())))
    length = connection.execute(select(func.count()).select_from(path)).scalar_one()
    return [message_of(row) for row in rows], length - len(rows)


def is_message(owner_id: str, message_id: str) -> ColumnElement[bool]:
    """Return the condition for one message of the owner."""
    return and_(messages.c.owner_id == owner_id, messages.c.id == message_id)


def set_feedback(
    connection: Connection, owner_id: str, message_id: str, feedback: Feedback | None
) -> None:
    """Keep what the reader of an answer thought of it."""
    values = {"feedback": None if feedback is None else feedback.value}
    connection.execute(update(messages).where(is_message(owner_id, message_id)).values(values))


def _is_in(owner_id: str, conversation_id: str) -> ColumnElement[bool]:
    return and_(messages.c.owner_id == owner_id, messages.c.conversation_id == conversation_id)


def message_of(row: Row[tuple[object, ...]]) -> Message:
    """Return the message in a row of its table."""
    # A row looks up each of its names slowly, and a page has a thousand of them.
    told: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    return Message(
        id=told["id"],
        conversation_id=told["conversation_id"],
        parent_id=told["parent_id"],
        position=told["position"],
        role=MessageRole(told["role"]),
        content=told["content"],
        state=MessageState(told["state"]),
        created_at=told["created_at"],
        finish_reason=None
        if told["finish_reason"] is None
        else FinishReason(told["finish_reason"]),
        problem=None if told["error"] is None else Problem(**told["error"]),
        options=AnswerOptions(**told["options"]) if told["options"] else _NO_OPTIONS,
        language=told["language"],
        model=told["model"],
        prompt_tokens=told["prompt_tokens"],
        completion_tokens=told["completion_tokens"],
        timings=None if told["timings"] is None else Timings(**told["timings"]),
        finished_at=told["finished_at"],
        feedback=None if told["feedback"] is None else Feedback(told["feedback"]),
        read_from=told["read_from"],
        run=told["run"],
        kept_characters=told["kept_characters"],
    )
