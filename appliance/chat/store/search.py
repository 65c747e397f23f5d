"""The index of what people wrote: written with the texts, and searched by words.

`search_entries` names the texts, `search_words` holds their folded words: on SQLite an FTS5
table without the texts themselves, on PostgreSQL a table of `tsvector`. Both get the words from
us and split nothing by themselves, so that they find the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    TextClause,
    UniqueConstraint,
    bindparam,
    column,
    delete,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from appliance.base.database.tables import metadata
from appliance.chat.model import MessageRole
from appliance.chat.search_terms import Term
from appliance.chat.store.tables import conversations, messages
from appliance.chat.words import folded_words_of

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

# Built once: for a message they are carried out again and again, and building takes several times
# as long as carrying out.
# Of an entry that is there nothing changes: the statement is to return it.
_ADD_MESSAGE: Mapping[str, ReturningInsert[int]] = {
    dialect: into(search_entries)
    .on_conflict_do_update(
        index_elements=["message_id"], set_={"owner_id": search_entries.c.owner_id}
    )
    .returning(search_entries.c.id)
    for dialect, into in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_ADD_TITLE = insert(search_entries).returning(search_entries.c.id)
_FIND_TITLE = select(search_entries.c.id).where(
    search_entries.c.conversation_id == bindparam("of_conversation"),
    search_entries.c.message_id.is_(None),
)
_ADD_WORDS_FTS5 = text(
    "INSERT OR REPLACE INTO search_words (rowid, owner, words) VALUES (:entry, :owner, :words)"
)
_ADD_WORDS_TSVECTOR = text(
    "INSERT INTO search_words (entry_id, words) VALUES (:entry, CAST(:words AS tsvector)) "
    "ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words"
)


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


def index_message(
    connection: Connection, owner_id: str, conversation_id: str, message_id: str, written: str
) -> None:
    """Let this message be found by this text, instead of what stood there before."""
    add = _ADD_MESSAGE[connection.dialect.name]
    values = {
        "owner_id": owner_id,
        "conversation_id": conversation_id,
        "message_id": message_id,
    }
    add_words(connection, connection.execute(add, values).scalar_one(), owner_id, written)


def index_title(connection: Connection, owner_id: str, conversation_id: str, title: str) -> None:
    """Let this conversation be found by this title, instead of the one before."""
    where = {"of_conversation": conversation_id}
    entry = connection.execute(_FIND_TITLE, where).scalar()
    if entry is None:
        values = {"owner_id": owner_id, "conversation_id": conversation_id}
        entry = connection.execute(_ADD_TITLE, values).scalar_one()
    add_words(connection, entry, owner_id, title)


def add_words(connection: Connection, entry: int, owner_id: str, written: str) -> None:
    """Let this entry be found by the words of this text, and by no others."""
    words = folded_words_of(written[:_LONGEST_INDEXED_CHARACTERS])
    if connection.dialect.name == "sqlite":
        values = {"entry": entry, "owner": _owner_word(owner_id), "words": " ".join(words)}
        connection.execute(_ADD_WORDS_FTS5, values)
    else:
        values = {"entry": entry, "words": _tsvector(words)}
        connection.execute(_ADD_WORDS_TSVECTOR, values)


def forget_texts(connection: Connection, conversation_ids: Sequence[str]) -> None:
    """Let nothing of these conversations be found any more."""
    where = search_entries.c.conversation_id.in_(conversation_ids)
    is_sqlite = connection.dialect.name == "sqlite"
    number = _words.c.rowid if is_sqlite else _words.c.entry_id
    entries = select(search_entries.c.id).where(where)
    connection.execute(delete(_words).where(number.in_(entries)))
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
