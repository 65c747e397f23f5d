"""Conversations in the database; every query is of one owner's rows, or says why not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from appliance.chat.model import UNFINISHED, Conversation
from appliance.chat.paging import ActivityCursor
from appliance.chat.store import search
from appliance.chat.store.tables import conversations, messages

_UNFINISHED = tuple(state.value for state in UNFINISHED)
_writing = (
    exists()
    .where(messages.c.conversation_id == conversations.c.id, messages.c.state.in_(_UNFINISHED))
    # With the owner the index on (owner_id, state) finds the few unfinished ones at once.
    .where(messages.c.owner_id == conversations.c.owner_id)
    .label("writing")
)
# Built once: they are carried out for each message, and building takes several times as long.
_IS_CONVERSATION = and_(
    conversations.c.owner_id == bindparam("of_owner"),
    conversations.c.id == bindparam("of_conversation"),
)
_ADD = insert(conversations)
_CHANGE = update(conversations).where(_IS_CONVERSATION)
_FIND = select(conversations, _writing).where(
    _IS_CONVERSATION, conversations.c.deleted_at.is_(None)
)


def lock_owner(connection: Connection, owner_id: str) -> None:
    """Let one owner's questions come in one after another; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(owner_id, 0))))


def add_conversation(
    connection: Connection, owner_id: str, conversation: Conversation, *, title_folded: str
) -> None:
    """Write a new conversation, whose title can be found from now on."""
    values = {
        "id": conversation.id,
        "owner_id": owner_id,
        "title": conversation.title,
        "title_folded": title_folded,
        "title_is_automatic": conversation.title_is_automatic,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "pinned": conversation.pinned,
        "unread": conversation.unread,
        "temporary": conversation.temporary,
        "local_only": conversation.local_only,
    }
    connection.execute(_ADD, values)
    if conversation.title:
        search.index_title(connection, owner_id, conversation.id, conversation.title)


def find_conversation(
    connection: Connection, owner_id: str, conversation_id: str
) -> Conversation | None:
    """Return the owner's conversation, unless it is deleted."""
    row = connection.execute(_FIND, _naming(owner_id, conversation_id)).one_or_none()
    return None if row is None else _conversation_of(row)


def list_conversations(
    connection: Connection,
    owner_id: str,
    *,
    limit: int,
    after: ActivityCursor | None,
    title_part: str,
) -> list[Conversation]:
    """Return at most `limit` conversations: pinned ones, then newest activity first.

    Args:
        connection: Where to read.
        owner_id: Whose.
        limit: Most rows.
        after: Last conversation of the page before.
        title_part: Folded text that the title must contain; empty takes all.
    """
    pinned, at, key = conversations.c.pinned, conversations.c.updated_at, conversations.c.id
    query = select(conversations, _writing).where(_is_listed(owner_id), _is_kept())
    if after is not None:
        place = (after.pinned, after.at, after.conversation_id)
        query = query.where(tuple_(pinned, at, key) < _typed(place, pinned, at, key))
    if title_part:
        query = query.where(conversations.c.title_folded.contains(title_part, autoescape=True))
    rows = connection.execute(query.order_by(pinned.desc(), at.desc(), key.desc()).limit(limit))
    return [_conversation_of(row) for row in rows]


def list_deleted(
    connection: Connection, owner_id: str, *, limit: int, after: ActivityCursor | None
) -> list[Conversation]:
    """Return at most `limit` conversations of the bin, the last one thrown away first."""
    at, key = conversations.c.deleted_at, conversations.c.id
    query = select(conversations, _writing).where(_is_listed(owner_id), at.is_not(None))
    if after is not None:
        place = (after.at, after.conversation_id)
        query = query.where(tuple_(at, key) < _typed(place, at, key))
    rows = connection.execute(query.order_by(at.desc(), key.desc()).limit(limit))
    return [_conversation_of(row) for row in rows]


def list_ids(connection: Connection, owner_id: str) -> list[str]:
    """Return the ids of all listed conversations, newest activity first."""
    query = select(conversations.c.id).where(_is_listed(owner_id), _is_kept())
    return list(connection.execute(query.order_by(conversations.c.updated_at.desc())).scalars())


def list_every_id(connection: Connection, owner_ids: Sequence[str]) -> list[str]:
    """Return the ids of all conversations of these people, also of those that no list shows."""
    query = select(conversations.c.id).where(conversations.c.owner_id.in_(owner_ids))
    return list(connection.execute(query).scalars())


def list_of_everybody(
    connection: Connection,
    *,
    owner_id: str | None,
    limit: int,
    after: ActivityCursor | None,
    title_part: str,
) -> list[tuple[str, Conversation]]:
    """Return at most `limit` conversations with their owners, newest activity first.

    Args:
        connection: Where to read.
        owner_id: Only of this person; None takes everybody's.
        limit: Most rows.
        after: Last conversation of the page before.
        title_part: Folded text that the title must contain; empty takes all.
    """
    at, key = conversations.c.updated_at, conversations.c.id
    query = select(conversations, _writing).where(_is_kept(), conversations.c.temporary.is_(False))
    if owner_id is not None:
        query = query.where(conversations.c.owner_id == owner_id)
    if after is not None:
        place = (after.at, after.conversation_id)
        query = query.where(tuple_(at, key) < _typed(place, at, key))
    if title_part:
        query = query.where(conversations.c.title_folded.contains(title_part, autoescape=True))
    rows = connection.execute(query.order_by(at.desc(), key.desc()).limit(limit))
    return [(row.owner_id, _conversation_of(row)) for row in rows]


def find_owner(connection: Connection, conversation_id: str) -> str | None:
    """Return whose conversation that is, unless it is deleted or temporary."""
    where = and_(conversations.c.id == conversation_id, conversations.c.temporary.is_(False))
    query = select(conversations.c.owner_id).where(where, _is_kept())
    return connection.execute(query).scalar()


def find_newest_conversation(connection: Connection, owner_id: str) -> Conversation | None:
    """Return the conversation in which something happened last; None if there is none."""
    at, key = conversations.c.updated_at, conversations.c.id
    query = select(conversations, _writing).where(_is_listed(owner_id), _is_kept())
    row = connection.execute(query.order_by(at.desc(), key.desc()).limit(1)).one_or_none()
    return None if row is None else _conversation_of(row)


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
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), **values})
    search.index_title(connection, owner_id, conversation_id, title)


def touch_conversation(
    connection: Connection,
    owner_id: str,
    conversation_id: str,
    *,
    at: datetime,
    unread: bool | None = None,
) -> None:
    """Note that something happened in a conversation.

    Args:
        connection: Where to write.
        owner_id: Whose.
        conversation_id: In which.
        at: When.
        unread: Whether that is an answer that its owner has not looked at; None changes nothing.
    """
    values = {"updated_at": at} if unread is None else {"updated_at": at, "unread": unread}
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), **values})


def set_pinned(
    connection: Connection, owner_id: str, conversation_id: str, *, pinned: bool
) -> None:
    """Put a conversation above the others, or back among them."""
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), "pinned": pinned})


def set_local_only(
    connection: Connection, owner_id: str, conversation_id: str, *, local_only: bool
) -> None:
    """Say whether a conversation may leave the house."""
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), "local_only": local_only})


def set_read(connection: Connection, owner_id: str, conversation_id: str) -> None:
    """Note that its owner has looked at what happened in it."""
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), "unread": False})


def set_deleted_at(
    connection: Connection, owner_id: str, conversation_id: str, at: datetime | None
) -> None:
    """Delete a conversation softly, or bring it back with None."""
    connection.execute(_CHANGE, {**_naming(owner_id, conversation_id), "deleted_at": at})


def list_purgeable(
    connection: Connection, *, deleted_before: datetime, temporary_before: datetime, limit: int
) -> list[str]:
    """Return the ids of conversations that go for good, of whichever owner.

    Args:
        connection: Where to read.
        deleted_before: Those in the bin since before this instant go.
        temporary_before: Temporary ones in which nothing happened since this instant go.
        limit: Most of them.
    """
    is_old = conversations.c.deleted_at < deleted_before
    is_over = conversations.c.temporary & (conversations.c.updated_at < temporary_before)
    query = select(conversations.c.id).where(or_(is_old, is_over)).limit(limit)
    return list(connection.execute(query).scalars())


def delete_conversations(connection: Connection, doomed: Sequence[str]) -> None:
    """Remove these conversations with all their messages, whoever's they are."""
    search.forget_texts(connection, doomed)
    connection.execute(delete(messages).where(messages.c.conversation_id.in_(doomed)))
    connection.execute(delete(conversations).where(conversations.c.id.in_(doomed)))


def _is_kept() -> ColumnElement[bool]:
    return conversations.c.deleted_at.is_(None)


def _is_listed(owner_id: str) -> ColumnElement[bool]:
    return and_(conversations.c.owner_id == owner_id, conversations.c.temporary.is_(False))


def _typed(values: tuple[object, ...], *columns: Column[Any]) -> ColumnElement[Any]:
    # Compared as the columns are: a bare value would not be stored time or truth.
    pairs = zip(values, columns, strict=True)
    return tuple_(*(literal(value, column.type) for value, column in pairs))


def _naming(owner_id: str, conversation_id: str) -> dict[str, Any]:
    return {"of_owner": owner_id, "of_conversation": conversation_id}


def _conversation_of(row: Row[tuple[object, ...]]) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        title_is_automatic=row.title_is_automatic,
        created_at=row.created_at,
        updated_at=row.updated_at,
        writing=bool(row.writing),
        pinned=row.pinned,
        unread=row.unread,
        temporary=row.temporary,
        deleted_at=row.deleted_at,
        local_only=row.local_only,
    )
