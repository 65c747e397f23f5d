"""Conversations and messages in the database; every query is of one owner's rows."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime
from appliance.chat.model import (
    UNFINISHED,
    AnswerOptions,
    Conversation,
    Message,
    MessageRole,
    MessageState,
    Problem,
    Timings,
)
from appliance.chat.paging import ActivityCursor
from appliance.engine.text.model import FinishReason

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("title", String(200), nullable=False),
    # The title as searches compare it; folding may make it longer.
    Column("title_folded", Text, nullable=False),
    Column("title_is_automatic", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime, nullable=True),
    Index("ix_conversations_owner_id", "owner_id", "updated_at", "id"),
    Index("ix_conversations_deleted_at", "deleted_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", String(36), ForeignKey("conversations.id"), nullable=False),
    Column("parent_id", String(36), ForeignKey("messages.id"), nullable=True),
    Column("owner_id", String(36), nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("finish_reason", String(16), nullable=True),
    Column("error", JSON(none_as_null=True), nullable=True),
    Column("options", JSON(none_as_null=True), nullable=True),
    Column("language", String(8), nullable=True),
    Column("model", String(200), nullable=True),
    Column("prompt_tokens", Integer, nullable=True),
    Column("completion_tokens", Integer, nullable=True),
    Column("timings", JSON(none_as_null=True), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=True),
    UniqueConstraint("conversation_id", "position", name="uq_messages_conversation_id"),
    Index("ix_messages_owner_id", "owner_id", "state"),
    Index("ix_messages_parent_id", "parent_id"),
)

_UNFINISHED = tuple(state.value for state in UNFINISHED)
_writing = (
    exists()
    .where(messages.c.conversation_id == conversations.c.id, messages.c.state.in_(_UNFINISHED))
    # With the owner the index on (owner_id, state) finds the few unfinished ones at once.
    .where(messages.c.owner_id == conversations.c.owner_id)
    .label("writing")
)


def lock_owner(connection: Connection, owner_id: str) -> None:
    """Let one owner's questions come in one after another; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(owner_id, 0))))


# Conversations


def add_conversation(
    connection: Connection, owner_id: str, conversation: Conversation, *, title_folded: str
) -> None:
    """Write a new conversation."""
    values = {
        "id": conversation.id,
        "owner_id": owner_id,
        "title": conversation.title,
        "title_folded": title_folded,
        "title_is_automatic": conversation.title_is_automatic,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }
    connection.execute(insert(conversations).values(values))


def find_conversation(
    connection: Connection, owner_id: str, conversation_id: str
) -> Conversation | None:
    """Return the owner's conversation, unless it is deleted."""
    query = select(conversations, _writing).where(_is_conversation(owner_id, conversation_id))
    row = connection.execute(query.where(_is_kept())).one_or_none()
    return None if row is None else _conversation_of(row)


def list_conversations(
    connection: Connection,
    owner_id: str,
    *,
    limit: int,
    after: ActivityCursor | None,
    title_part: str,
) -> list[Conversation]:
    """Return at most `limit` conversations, newest activity first.

    Args:
        connection: Where to read.
        owner_id: Whose.
        limit: Most rows.
        after: Last conversation of the page before.
        title_part: Folded text that the title must contain; empty takes all.
    """
    at, key = conversations.c.updated_at, conversations.c.id
    query = select(conversations, _writing).where(conversations.c.owner_id == owner_id, _is_kept())
    if after is not None:
        is_same_instant = and_(at == after.updated_at, key < after.conversation_id)
        query = query.where(or_(at < after.updated_at, is_same_instant))
    if title_part:
        query = query.where(conversations.c.title_folded.contains(title_part, autoescape=True))
    rows = connection.execute(query.order_by(at.desc(), key.desc()).limit(limit))
    return [_conversation_of(row) for row in rows]


def rename_conversation(
    connection: Connection,
    owner_id: str,
    conversation_id: str,
    *,
    title: str,
    title_folded: str,
    is_automatic: bool,
) -> None:
    """Give a conversation a title."""
    values = {
        "title": title,
        "title_folded": title_folded,
        "title_is_automatic": is_automatic,
    }
    where = _is_conversation(owner_id, conversation_id)
    connection.execute(update(conversations).where(where).values(values))


def touch_conversation(
    connection: Connection, owner_id: str, conversation_id: str, *, at: datetime
) -> None:
    """Note that something happened in a conversation."""
    where = _is_conversation(owner_id, conversation_id)
    connection.execute(update(conversations).where(where).values(updated_at=at))


def set_deleted_at(
    connection: Connection, owner_id: str, conversation_id: str, at: datetime | None
) -> None:
    """Delete a conversation softly, or bring it back with None."""
    where = _is_conversation(owner_id, conversation_id)
    connection.execute(update(conversations).where(where).values(deleted_at=at))


def purge_conversations(connection: Connection, *, deleted_before: datetime, limit: int) -> int:
    """Return how many conversations were removed for good, of whichever owner; oldest first."""
    old = conversations.c.deleted_at < deleted_before
    query = select(conversations.c.id).where(old).order_by(conversations.c.deleted_at).limit(limit)
    doomed = list(connection.execute(query).scalars())
    connection.execute(delete(messages).where(messages.c.conversation_id.in_(doomed)))
    connection.execute(delete(conversations).where(conversations.c.id.in_(doomed)))
    return len(doomed)


# Messages


def add_message(connection: Connection, owner_id: str, message: Message) -> None:
    """Write a new message."""
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
    }
    connection.execute(insert(messages).values(values))


def next_position(connection: Connection, owner_id: str, conversation_id: str) -> int:
    """Return the position of the conversation's next message, from 1."""
    query = select(func.max(messages.c.position)).where(_is_in(owner_id, conversation_id))
    return (connection.execute(query).scalar() or 0) + 1


def find_message(connection: Connection, owner_id: str, message_id: str) -> Message | None:
    """Return the owner's message, also of a deleted conversation."""
    query = select(messages).where(_is_message(owner_id, message_id))
    row = connection.execute(query).one_or_none()
    return None if row is None else _message_of(row)


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
    limit: int,
    before: int | None,
) -> list[Message]:
    """Return at most `limit` messages before a position, the newest first."""
    query = select(messages).where(_is_in(owner_id, conversation_id))
    if before is not None:
        query = query.where(messages.c.position < before)
    rows = connection.execute(query.order_by(messages.c.position.desc()).limit(limit))
    return [_message_of(row) for row in rows]


def list_answers(connection: Connection, owner_id: str, question_id: str) -> list[Message]:
    """Return the answers to a question, oldest first."""
    where = and_(messages.c.owner_id == owner_id, messages.c.parent_id == question_id)
    rows = connection.execute(select(messages).where(where).order_by(messages.c.position))
    return [_message_of(row) for row in rows]


def list_unfinished(
    connection: Connection, owner_id: str, *, conversation_id: str | None = None
) -> list[Message]:
    """Return the owner's answers that are not finished, oldest first."""
    where = and_(messages.c.owner_id == owner_id, messages.c.state.in_(_UNFINISHED))
    query = select(messages).where(where).order_by(messages.c.created_at, messages.c.id)
    if conversation_id is not None:
        query = query.where(messages.c.conversation_id == conversation_id)
    return [_message_of(row) for row in connection.execute(query)]


def list_all_unfinished(connection: Connection) -> list[tuple[str, Message]]:
    """Return everybody's unfinished answers, each with its owner: for the start of the box."""
    query = select(messages).where(messages.c.state.in_(_UNFINISHED))
    return [(row.owner_id, _message_of(row)) for row in connection.execute(query)]


def list_path(
    connection: Connection, owner_id: str, message_id: str, *, most_characters: int
) -> tuple[list[Message], int]:
    """Return the messages from the root to this one, and how many at the root were left out.

    Args:
        connection: Where to read.
        owner_id: Whose; a path never leaves the owner's messages.
        message_id: Last message of the path.
        most_characters: Older messages are left out once the newer ones have so many.
    """
    characters = func.length(messages.c.content).label("characters")
    columns = (messages.c.id, messages.c.parent_id, characters)
    first = select(*columns, literal(0).label("depth")).where(_is_message(owner_id, message_id))
    path = first.cte("path", recursive=True)
    older = select(*columns, path.c.depth + 1).where(messages.c.owner_id == owner_id)
    path = path.union_all(older.where(messages.c.id == path.c.parent_id))
    total = func.sum(path.c.characters).over(order_by=path.c.depth)
    measured = select(path.c.id, path.c.depth, total.label("total")).subquery("measured")
    kept = or_(measured.c.total <= most_characters, measured.c.depth == 0)
    query = select(messages).join(measured, measured.c.id == messages.c.id).where(kept)
    rows = list(connection.execute(query.order_by(measured.c.depth.desc())))
    length = connection.execute(select(func.count()).select_from(path)).scalar_one()
    return [_message_of(row) for row in rows], length - len(rows)


def save_text(connection: Connection, owner_id: str, message_id: str, text: str) -> bool:
    """Keep what is written of an answer so far; return False if it had ended already."""
    values = {"content": text, "state": MessageState.WRITING.value}
    where = and_(_is_message(owner_id, message_id), messages.c.state.in_(_UNFINISHED))
    return connection.execute(update(messages).where(where).values(values)).rowcount == 1


def finish_answer(connection: Connection, owner_id: str, answer: Message) -> bool:
    """Write an answer's end; return False if it had ended already, which then stays."""
    values = {
        "content": answer.content,
        "state": answer.state.value,
        "finish_reason": None if answer.finish_reason is None else answer.finish_reason.value,
        "error": None if answer.problem is None else asdict(answer.problem),
        "model": answer.model,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "timings": None if answer.timings is None else asdict(answer.timings),
        "finished_at": answer.finished_at,
    }
    where = and_(_is_message(owner_id, answer.id), messages.c.state.in_(_UNFINISHED))
    return connection.execute(update(messages).where(where).values(values)).rowcount == 1


def _is_kept() -> ColumnElement[bool]:
    return conversations.c.deleted_at.is_(None)


def _is_conversation(owner_id: str, conversation_id: str) -> ColumnElement[bool]:
    return and_(conversations.c.owner_id == owner_id, conversations.c.id == conversation_id)


def _is_message(owner_id: str, message_id: str) -> ColumnElement[bool]:
    return and_(messages.c.owner_id == owner_id, messages.c.id == message_id)


def _is_in(owner_id: str, conversation_id: str) -> ColumnElement[bool]:
    return and_(messages.c.owner_id == owner_id, messages.c.conversation_id == conversation_id)


def _conversation_of(row: Row[tuple[object, ...]]) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        title_is_automatic=row.title_is_automatic,
        created_at=row.created_at,
        updated_at=row.updated_at,
        writing=bool(row.writing),
    )


def _message_of(row: Row[tuple[object, ...]]) -> Message:
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        position=row.position,
        role=MessageRole(row.role),
        content=row.content,
        state=MessageState(row.state),
        created_at=row.created_at,
        finish_reason=None if row.finish_reason is None else FinishReason(row.finish_reason),
        problem=None if row.error is None else Problem(**row.error),
        options=AnswerOptions(**(row.options or {})),
        language=row.language,
        model=row.model,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        timings=None if row.timings is None else Timings(**row.timings),
        finished_at=row.finished_at,
    )
