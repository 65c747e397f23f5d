"""What was written before there was an index of it, and how far the index has come with that.

It is indexed from the newest to the oldest, with numbers below all others: new texts are indexed
meanwhile, and finds stay in the order of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    String,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from appliance.base.database.tables import metadata
from appliance.chat.model import UNFINISHED
from appliance.chat.store.search import add_words, search_entries
from appliance.chat.store.tables import conversations, messages

MESSAGES, TITLES = "messages", "titles"

search_backlog = Table(
    "search_backlog",
    metadata,
    # `messages` or `titles`; a row goes when all of its kind is indexed.
    Column("kind", String(16), primary_key=True),
    # Ids grow with time. None is before the first step.
    Column("before_id", String(36), nullable=True),
)

_UNFINISHED = tuple(state.value for state in UNFINISHED)
_IS_LEFT = select(exists().select_from(search_backlog))


@dataclass(frozen=True)
class Step:
    """How much is indexed in one go: whoever wants to write waits for it.

    Attributes:
        texts: At most so many.
        characters: The step ends with the text that brings it to so many.
    """

    texts: int = 50
    characters: int = 100_000


def is_left(connection: Connection) -> bool:
    """Return whether something of the time before is not indexed yet."""
    return connection.execute(_IS_LEFT).scalar_one()


def index_step(connection: Connection, step: Step) -> bool:
    """Return whether something is left after the next step: messages first, then titles."""
    query = select(search_backlog).order_by(search_backlog.c.kind).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    older = _older_messages if row.kind == MESSAGES else _older_titles
    found = connection.execute(older(row.before_id).limit(step.texts).with_for_update()).all()
    texts = _fitting(found, step.characters)
    _index_missing(connection, texts, are_titles=row.kind == TITLES)
    is_kind = search_backlog.c.kind == row.kind
    if texts:
        progress = update(search_backlog).where(is_kind).values(before_id=texts[-1].id)
        connection.execute(progress)
    else:
        connection.execute(delete(search_backlog).where(is_kind))
    return bool(texts) or row.kind == MESSAGES


def _older_messages(before_id: str | None) -> Select[Any, Any, Any, Any]:
    columns = (messages.c.id, messages.c.owner_id, messages.c.conversation_id)
    query = select(*columns, messages.c.content.label("text"))
    query = query.where(messages.c.state.not_in(_UNFINISHED), messages.c.content != "")
    if before_id is not None:
        query = query.where(messages.c.id < before_id)
    return query.order_by(messages.c.id.desc())


def _older_titles(before_id: str | None) -> Select[Any, Any, Any, Any]:
    columns = (conversations.c.id, conversations.c.owner_id)
    query = select(*columns, conversations.c.id.label("conversation_id"))
    query = query.add_columns(conversations.c.title.label("text"))
    query = query.where(conversations.c.title != "")
    if before_id is not None:
        query = query.where(conversations.c.id < before_id)
    return query.order_by(conversations.c.id.desc())


def _fitting(found: Sequence[Any], most_characters: int) -> Sequence[Any]:
    characters = 0
    for count, row in enumerate(found, start=1):
        characters += len(row.text)
        if characters >= most_characters:
            return found[:count]
    return found


def _index_missing(connection: Connection, texts: Sequence[Any], *, are_titles: bool) -> None:
    """Index those that nobody has indexed meanwhile, as who renames or continues does.

    Their rows are locked by now: looked for before, an entry could come in between.
    """
    there = _entries(connection, [row.id for row in texts], are_titles=are_titles)
    missing = [row for row in texts if row.id not in there]
    lowest = connection.execute(select(func.min(search_entries.c.id))).scalar()
    first = min(1 if lowest is None else lowest, 1) - 1
    values = [
        {
            "id": first - place,
            "owner_id": row.owner_id,
            "conversation_id": row.conversation_id,
            "message_id": None if are_titles else row.id,
        }
        for place, row in enumerate(missing)
    ]
    if values:
        connection.execute(insert(search_entries), values)
    for place, row in enumerate(missing):
        add_words(connection, first - place, row.owner_id, row.text)


def _entries(connection: Connection, ids: Sequence[str], *, are_titles: bool) -> set[str]:
    column = search_entries.c.conversation_id if are_titles else search_entries.c.message_id
    query = select(column).where(column.in_(ids))
    if are_titles:
        query = query.where(search_entries.c.message_id.is_(None))
    return set(connection.execute(query).scalars())
