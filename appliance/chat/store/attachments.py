"""Which files belong to which questions."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
)

from appliance.chat.model import AttachedFile, Message
from appliance.chat.store.tables import conversations, message_files, messages


def add_files(connection: Connection, message_id: str, files: Sequence[AttachedFile]) -> None:
    """Note the files of a new question, in their order."""
    for position, file in enumerate(files):
        values = {**asdict(file), "message_id": message_id, "position": position}
        values["file_id"] = values.pop("id")
        connection.execute(insert(message_files).values(values))


def with_files(connection: Connection, found: Sequence[Message]) -> list[Message]:
    """Return these messages with the files that belong to them."""
    of_message: dict[str, list[AttachedFile]] = {}
    where = message_files.c.message_id.in_([message.id for message in found])
    query = select(message_files).where(where).order_by(message_files.c.position)
    for row in connection.execute(query):
        of_message.setdefault(row.message_id, []).append(_file_of(row))
    return [replace(message, files=tuple(of_message.get(message.id, ()))) for message in found]


def characters_of_files() -> ColumnElement[int]:
    """Return the expression for the characters that a message's files have for the model."""
    total = func.coalesce(func.sum(message_files.c.characters), 0)
    of_message = select(total).where(message_files.c.message_id == messages.c.id)
    return of_message.correlate(messages).scalar_subquery()


def is_in_temporary(connection: Connection, owner_id: str, file_id: str) -> bool:
    """Return whether the owner has asked about this file in a temporary conversation."""
    joined = message_files.join(messages, messages.c.id == message_files.c.message_id).join(
        conversations, conversations.c.id == messages.c.conversation_id
    )
    is_temporary = and_(
        message_files.c.file_id == file_id,
        messages.c.owner_id == owner_id,
        conversations.c.temporary.is_(True),
    )
    query = select(exists().select_from(joined).where(is_temporary))
    return bool(connection.execute(query).scalar())


def take_files_of(connection: Connection, conversation_ids: Collection[str]) -> list[str]:
    """Return the files that no question needs any more once these conversations are gone."""
    doomed = select(messages.c.id).where(messages.c.conversation_id.in_(conversation_ids))
    where = message_files.c.message_id.in_(doomed)
    file_ids = set(connection.execute(select(message_files.c.file_id).where(where)).scalars())
    connection.execute(delete(message_files).where(where))
    still = select(message_files.c.file_id).where(message_files.c.file_id.in_(file_ids))
    return sorted(file_ids - set(connection.execute(still).scalars()))


def _file_of(row: Row[tuple[object, ...]]) -> AttachedFile:
    return AttachedFile(
        id=row.file_id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        characters=row.characters,
        tokens=row.tokens,
        tokens_estimated=row.tokens_estimated,
        is_cut=row.is_cut,
    )
