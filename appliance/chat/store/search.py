"""The index of what people wrote: written with the texts, and searched by words.

`search_entries` names the texts, `search_words` holds their folded words: on SQLite an FTS5
table without the texts themselves, on PostgreSQL a table of `tsvector`. Both get the words from
us and split nothing by themselves, so that they find the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    TextClause,
    UniqueConstraint,
    column,
    delete,
    insert,
    select,
    table,
    text,
)

from appliance.base.database.tables import metadata
from appliance.chat.model import UNFINISHED, MessageRole
from appliance.chat.search_terms import Term
from appliance.chat.store.tables import conversations, messages
from appliance.chat.words import words_of

_UNFINISHED = tuple(state.value for state in UNFINISHED)
# PostgreSQL takes a megabyte of words for one text.
_LONGEST_INDEXED_CHARACTERS = 150_000

search_entries = Table(
    "search_entries",
    metadata,
    # Grows with time: newer texts are found first.
    Column("id", Integer, primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("conversation_id", String(36), nullable=False),
    # None is the conversation's title.
    Column("message_id", String(36), nullable=True),
    UniqueConstraint("message_id", name="uq_search_entries_message_id"),
    Index("ix_search_entries_conversation_id", "conversation_id", "message_id"),
)
# Made by the migration, as each database knows it.
_words = table("search_words", column("rowid", Integer), column("entry_id", Integer))


@dataclass(frozen=True)
class FoundText:
    """A text in which all terms were found.

    Attributes:
        entry: Its number in the index.
        conversation_id: In which conversation.
        conversation_title: How that is called.
        message_id: Which message; None is the title.
        role: Who wrote the message.
        created_at: When the message was written, or the conversation begun.
        text: The whole text.
    """

    entry: int
    conversation_id: str
    conversation_title: str
    message_id: str | None
    role: MessageRole | None
    created_at: datetime
    text: str


def index_text(
    connection: Connection,
    owner_id: str,
    conversation_id: str,
    written: str,
    *,
    message_id: str | None = None,
) -> None:
    """Let this text be found, instead of what stood there before.

    Args:
        connection: Where to write.
        owner_id: Whose.
        conversation_id: Of which conversation.
        written: The text.
        message_id: Of which message; None is the title.
    """
    where = search_entries.c.conversation_id == conversation_id
    query = select(search_entries.c.id).where(where, search_entries.c.message_id == message_id)
    entry = connection.execute(query).scalar()
    if entry is None:
        values = {
            "owner_id": owner_id,
            "conversation_id": conversation_id,
            "message_id": message_id,
        }
        added = insert(search_entries).values(values).returning(search_entries.c.id)
        entry = connection.execute(added).scalar_one()
    else:
        _forget_words(connection, query)
    _add_words(connection, entry, owner_id, written)


def index_all(connection: Connection) -> None:
    """Index what was written before there was an index, the oldest first."""
    titled = select(conversations.c.owner_id, conversations.c.id, conversations.c.title)
    for row in connection.execute(titled.order_by(conversations.c.created_at)).all():
        if row.title:
            index_text(connection, row.owner_id, row.id, row.title)
    columns = (messages.c.id, messages.c.owner_id, messages.c.conversation_id, messages.c.content)
    # Not select(messages): this step runs before later ones give the table more columns.
    ended = select(*columns).where(messages.c.state.not_in(_UNFINISHED), messages.c.content != "")
    for row in connection.execute(ended.order_by(messages.c.created_at, messages.c.id)):
        index_text(connection, row.owner_id, row.conversation_id, row.content, message_id=row.id)


def forget_texts(connection: Connection, conversation_ids: Sequence[str]) -> None:
    """Let nothing of these conversations be found any more."""
    where = search_entries.c.conversation_id.in_(conversation_ids)
    _forget_words(connection, select(search_entries.c.id).where(where))
    connection.execute(delete(search_entries).where(where))


def search(
    connection: Connection,
    owner_id: str,
    terms: Sequence[Term],
    *,
    limit: int,
    before: int | None,
) -> list[FoundText]:
    """Return at most `limit` texts of the owner that have all terms, the newest first.

    Args:
        connection: Where to read.
        owner_id: Whose.
        terms: What is looked for; at least one.
        limit: Most texts.
        before: Last entry of the page before.
    """
    number, match = _match(connection, owner_id, terms)
    query = (
        select(
            search_entries,
            conversations.c.title,
            conversations.c.created_at.label("begun_at"),
            messages.c.role,
            messages.c.content,
            messages.c.created_at,
        )
        .select_from(_words.join(search_entries, search_entries.c.id == number))
        .join(conversations, conversations.c.id == search_entries.c.conversation_id)
        .outerjoin(messages, messages.c.id == search_entries.c.message_id)
        .where(match, search_entries.c.owner_id == owner_id)
        .where(conversations.c.deleted_at.is_(None), conversations.c.temporary.is_(False))
    )
    if before is not None:
        query = query.where(number < before)
    rows = connection.execute(query.order_by(number.desc()).limit(limit))
    return [_found(row) for row in rows]


def _match(
    connection: Connection, owner_id: str, terms: Sequence[Term]
) -> tuple[ColumnElement[int], TextClause]:
    """Return the number of an entry in the index, and the condition that all terms are there."""
    if connection.dialect.name == "sqlite":
        match = text("search_words MATCH :terms").bindparams(terms=_fts5_query(owner_id, terms))
        return _words.c.rowid, match
    match = text("search_words.words @@ CAST(:terms AS tsquery)")
    return _words.c.entry_id, match.bindparams(terms=_tsquery(terms))


def _add_words(connection: Connection, entry: int, owner_id: str, written: str) -> None:
    words = [word.folded for word in words_of(written[:_LONGEST_INDEXED_CHARACTERS])]
    if connection.dialect.name == "sqlite":
        statement = "INSERT INTO search_words (rowid, owner, words) VALUES (:entry, :owner, :words)"
        values = {"entry": entry, "owner": _owner_word(owner_id), "words": " ".join(words)}
    else:
        statement = "INSERT INTO search_words VALUES (:entry, CAST(:words AS tsvector))"
        values = {"entry": entry, "words": _tsvector(words)}
    connection.execute(text(statement), values)


def _forget_words(connection: Connection, entries: Select[tuple[int]]) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    number = _words.c.rowid if is_sqlite else _words.c.entry_id
    connection.execute(delete(_words).where(number.in_(entries)))


def _owner_word(owner_id: str) -> str:
    # One word, so that a search looks only at this owner's part of the index.
    return "".join(c for c in owner_id.casefold() if c.isalnum())


def _fts5_query(owner_id: str, terms: Sequence[Term]) -> str:
    """Return the query in FTS5's language (sqlite.org/fts5.html, "Full-text Query Syntax")."""
    phrases = [f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}' for term in terms]
    return f'owner : "{_owner_word(owner_id)}" AND words : ({" AND ".join(phrases)})'


def _tsquery(terms: Sequence[Term]) -> str:
    phrases = [
        " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.is_prefix else "")
        for term in terms
    ]
    return " & ".join(f"({phrase})" for phrase in phrases)


def _tsvector(words: Sequence[str]) -> str:
    # Positions beyond 16,383 are all taken for that one: phrases are not found there.
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))


def _found(row: Row[tuple[object, ...]]) -> FoundText:
    return FoundText(
        entry=row.id,
        conversation_id=row.conversation_id,
        conversation_title=row.title,
        message_id=row.message_id,
        role=None if row.role is None else MessageRole(row.role),
        created_at=row.created_at or row.begun_at,
        text=row.title if row.content is None else row.content,
    )
