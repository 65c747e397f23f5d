"""Messages in the database; every query is of one owner's rows."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
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
from appliance.engine.text.model import FinishReason, Origin

_NAMES = tuple(messages.c.keys())
_NO_OPTIONS = AnswerOptions()

# Statements are built once: for each message they are carried out again and again, and building
# one takes several times as long as carrying it out.
IS_MESSAGE = and_(
    messages.c.owner_id == bindparam("of_owner"), messages.c.id == bindparam("of_message")
)
_IS_IN = and_(
    messages.c.owner_id == bindparam("of_owner"),
    messages.c.conversation_id == bindparam("of_conversation"),
)
_ADD = insert(messages)
_CHANGE = update(messages).where(IS_MESSAGE)
_FIND = select(messages).where(IS_MESSAGE)
_LIST = select(messages).where(_IS_IN).order_by(messages.c.position.desc())
_FIND_NEWEST = _LIST.limit(1)
_LAST_POSITION = select(func.max(messages.c.position)).where(_IS_IN)


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
    connection.execute(_ADD, values)
    if message.content:
        search.index_message(
            connection, owner_id, message.conversation_id, message.id, message.content
        )


def next_position(connection: Connection, owner_id: str, conversation_id: str) -> int:
    """Return the position of the conversation's next message, from 1."""
    where = _in_conversation(owner_id, conversation_id)
    return (connection.execute(_LAST_POSITION, where).scalar() or 0) + 1


def find_message(connection: Connection, owner_id: str, message_id: str) -> Message | None:
    """Return the owner's message, also of a deleted conversation."""
    row = connection.execute(_FIND, naming(owner_id, message_id)).one_or_none()
    return None if row is None else message_of(row)


def find_newest_message(
    connection: Connection, owner_id: str, conversation_id: str
) -> Message | None:
    """Return the conversation's last message; None if it is empty."""
    row = connection.execute(_FIND_NEWEST, _in_conversation(owner_id, conversation_id)).first()
    return None if row is None else message_of(row)


def list_messages(
    connection: Connection,
    owner_id: str,
    conversation_id: str,
    *,
    limit: int | None,
    before: int | None,
) -> list[Message]:
    """Return at most `limit` messages (None: all) before a position, the newest first."""
    query = _LIST.limit(limit)
    if before is not None:
        query = query.where(messages.c.position < before)
    rows = connection.execute(query, _in_conversation(owner_id, conversation_id))
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
    first = select(*columns, literal(0).label("depth")).where(IS_MESSAGE)
    path = first.cte("path", recursive=True)
    older = select(*columns, path.c.depth + 1).where(messages.c.owner_id == owner_id)
    path = path.union_all(older.where(messages.c.id == path.c.parent_id))
    total = func.sum(path.c.characters).over(order_by=path.c.depth)
    measured = select(path.c.id, path.c.depth, total.label("total")).subquery("measured")
    kept = or_(measured.c.total <= most_characters, measured.c.depth == 0)
    query = select(messages).join(measured, measured.c.id == messages.c.id).where(kept)
    names = naming(owner_id, message_id)
    rows = list(connection.execute(query.order_by(measured.c.depth.desc()), names))
    length = connection.execute(select(func.count()).select_from(path), names).scalar_one()
    return [message_of(row) for row in rows], length - len(rows)


def naming(owner_id: str, message_id: str) -> dict[str, Any]:
    """Return the values for `IS_MESSAGE`."""
    return {"of_owner": owner_id, "of_message": message_id}


def set_feedback(
    connection: Connection, owner_id: str, message_id: str, feedback: Feedback | None
) -> None:
    """Keep what the reader of an answer thought of it."""
    values = {"feedback": None if feedback is None else feedback.value}
    connection.execute(_CHANGE, {**naming(owner_id, message_id), **values})


def _in_conversation(owner_id: str, conversation_id: str) -> dict[str, Any]:
    return {"of_owner": owner_id, "of_conversation": conversation_id}


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
        origin=None if told["origin"] is None else Origin(**told["origin"]),
    )
