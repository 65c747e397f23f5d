"""Files and their texts in the database; queries for people are of one owner's rows."""

from collections.abc import Collection, Iterable, Mapping
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
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime
from appliance.files.model import Fault, FileKind, FileState, ReadText, StoredFile

files = Table(
    "files",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("blob", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("pages", Integer, nullable=True),
    Column("pages_done", Integer, nullable=True),
    Column("characters", Integer, nullable=True),
    Column("is_cut", Boolean, nullable=False),
    Column("tokens", Integer, nullable=True),
    Column("tokens_model", String(200), nullable=True),
    Column("fault", JSON(none_as_null=True), nullable=True),
    Column("is_used", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_files_owner_id", "owner_id", "is_used"),
    Index("ix_files_created_at", "is_used", "created_at"),
)

# Apart, because it is large and lists never need it.
file_texts = Table(
    "file_texts",
    metadata,
    Column("file_id", String(36), ForeignKey("files.id"), primary_key=True),
    Column("text", Text, nullable=False),
)


def add_file(connection: Connection, file: StoredFile) -> None:
    """Write a new file."""
    values = {**asdict(file), "kind": file.kind.value, "state": file.state.value, "fault": None}
    connection.execute(insert(files).values(values))


def find_file(connection: Connection, owner_id: str, file_id: str) -> StoredFile | None:
    """Return the owner's file."""
    row = connection.execute(select(files).where(_is_file(owner_id, file_id))).one_or_none()
    return None if row is None else _file_of(row)


def list_files(connection: Connection, owner_id: str, ids: Collection[str]) -> list[StoredFile]:
    """Return those of these files that are the owner's, in no order."""
    where = and_(files.c.owner_id == owner_id, files.c.id.in_(ids))
    return [_file_of(row) for row in connection.execute(select(files).where(where))]


def count_files(connection: Connection, owner_id: str, *, state: FileState | None = None) -> int:
    """Return how many files of this owner are in no question yet."""
    where = and_(files.c.owner_id == owner_id, files.c.is_used.is_(False))
    if state is not None:
        where = and_(where, files.c.state == state.value)
    return connection.execute(select(func.count()).select_from(files).where(where)).scalar_one()


def texts_of(connection: Connection, owner_id: str, ids: Collection[str]) -> dict[str, str]:
    """Return the texts of those files that are the owner's and ready, by their ids."""
    joined = file_texts.join(files, files.c.id == file_texts.c.file_id)
    where = and_(files.c.owner_id == owner_id, files.c.id.in_(ids))
    query = select(file_texts.c.file_id, file_texts.c.text).select_from(joined).where(where)
    return {row.file_id: row.text for row in connection.execute(query)}


def set_pages(connection: Connection, file_id: str, *, done: int, total: int) -> None:
    """Note how many pages are read."""
    where = and_(files.c.id == file_id, _is_extracting())
    connection.execute(update(files).where(where).values(pages=total, pages_done=done))


def set_ready(
    connection: Connection, file_id: str, read: ReadText, *, tokens: int, tokens_model: str | None
) -> bool:
    """Keep a file's text; return False if the file is gone or was settled before."""
    values = {
        "state": FileState.READY.value,
        "pages": read.pages,
        "pages_done": read.pages,
        "characters": len(read.text),
        "is_cut": read.is_cut,
        "tokens": tokens,
        "tokens_model": tokens_model,
    }
    where = and_(files.c.id == file_id, _is_extracting())
    if connection.execute(update(files).where(where).values(values)).rowcount != 1:
        return False
    connection.execute(insert(file_texts).values(file_id=file_id, text=read.text))
    return True


def set_failed(connection: Connection, file_id: str, fault: Fault) -> bool:
    """Note why a file cannot be read; return False if it is gone or was settled before."""
    values = {"state": FileState.FAILED.value, "fault": asdict(fault)}
    where = and_(files.c.id == file_id, _is_extracting())
    return connection.execute(update(files).where(where).values(values)).rowcount == 1


def set_tokens(connection: Connection, counts: Mapping[str, int], *, model: str) -> None:
    """Note how many tokens of this model these files have."""
    for file_id, tokens in counts.items():
        values = {"tokens": tokens, "tokens_model": model}
        connection.execute(update(files).where(files.c.id == file_id).values(values))


def mark_used(connection: Connection, owner_id: str, ids: Collection[str]) -> int:
    """Keep these files for as long as their questions; return how many there were."""
    where = and_(files.c.owner_id == owner_id, files.c.id.in_(ids))
    return connection.execute(update(files).where(where).values(is_used=True)).rowcount


def delete_unused(connection: Connection, owner_id: str, file_id: str) -> bool:
    """Remove a file with its text; return False if a question uses it."""
    where = and_(_is_file(owner_id, file_id), files.c.is_used.is_(False))
    # Locked first: a question that takes it at this moment comes before or after, not between.
    found = connection.execute(select(files.c.id).where(where).with_for_update()).scalar()
    return found is not None and delete_files(connection, [file_id]) == 1


def delete_files(connection: Connection, ids: Collection[str]) -> int:
    """Return how many of these files were removed with their texts, whoever's they are."""
    connection.execute(delete(file_texts).where(file_texts.c.file_id.in_(ids)))
    return connection.execute(delete(files).where(files.c.id.in_(ids))).rowcount


def purge_unused(connection: Connection, *, created_before: datetime, limit: int) -> int:
    """Return how many files that never came into a question were removed; oldest first."""
    old = and_(files.c.is_used.is_(False), files.c.created_at < created_before)
    query = select(files.c.id).where(old).order_by(files.c.created_at).limit(limit)
    return delete_files(connection, list(connection.execute(query.with_for_update()).scalars()))


def known_blobs(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return which of these blobs are contents of files."""
    query = select(files.c.blob).where(files.c.blob.in_(list(names)))
    return set(connection.execute(query).scalars())


def _is_file(owner_id: str, file_id: str) -> ColumnElement[bool]:
    return and_(files.c.owner_id == owner_id, files.c.id == file_id)


def _is_extracting() -> ColumnElement[bool]:
    return files.c.state == FileState.EXTRACTING.value


def _file_of(row: Row[tuple[object, ...]]) -> StoredFile:
    return StoredFile(
        id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        kind=FileKind(row.kind),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        blob=row.blob,
        state=FileState(row.state),
        created_at=row.created_at,
        pages=row.pages,
        pages_done=row.pages_done,
        characters=row.characters,
        is_cut=row.is_cut,
        tokens=row.tokens,
        tokens_model=row.tokens_model,
        fault=None if row.fault is None else Fault(**row.fault),
        is_used=row.is_used,
    )
