"""One-time codes in the database."""

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from appliance.accounts.one_time_code import CodeKind, OneTimeCode
from appliance.accounts.store.tables import users
from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    Column("user_id", String(36), ForeignKey(users.c.id)),
    # No foreign key: an invitation outlives who gave it out.
    Column("made_by", String(36)),
    Column("made_by_name", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("used_by_name", String(100), nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_one_time_codes_user_id", "user_id"),
    Index("ix_one_time_codes_kind", "kind", "id"),
)
_CODE = one_time_codes.c


def insert_code(connection: Connection, code: OneTimeCode) -> None:
    """Write a new code."""
    connection.execute(
        insert(one_time_codes).values(
            id=code.id,
            kind=code.kind.value,
            code_hash=code.code_hash,
            role=code.role,
            name=code.name,
            user_id=code.user_id,
            made_by=code.made_by,
            made_by_name=code.made_by_name,
            created_at=code.created_at,
            expires_at=code.expires_at,
            used_at=code.used_at,
            used_by_name=code.used_by_name,
            revoked_at=code.revoked_at,
        )
    )


def find_code(connection: Connection, code_hash: str) -> OneTimeCode | None:
    """Return the code with this hash."""
    query = select(one_time_codes).where(_CODE.code_hash == code_hash)
    row = connection.execute(query).one_or_none()
    return None if row is None else _code(row)


def locked_code(connection: Connection, code_hash: str) -> OneTimeCode | None:
    """Like `find_code`; nobody else uses it before the transaction ends."""
    query = select(one_time_codes).where(_CODE.code_hash == code_hash).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else _code(row)


def locked_invite(connection: Connection, code_id: str) -> OneTimeCode | None:
    """Return the invitation with this id; nobody else uses it before the transaction ends."""
    query = select(one_time_codes).where(_CODE.id == code_id, _CODE.kind == CodeKind.INVITE.value)
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else _code(row)


def list_invites(connection: Connection, *, before_id: str | None, limit: int) -> list[OneTimeCode]:
    """Return invitations, newest first, of those older than `before_id`."""
    query = (
        select(one_time_codes)
        .where(_CODE.kind == CodeKind.INVITE.value)
        .order_by(_CODE.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(_CODE.id < before_id)
    return [_code(row) for row in connection.execute(query)]


def note_used(connection: Connection, code_id: str, *, at: datetime, by_name: str) -> None:
    """Write that somebody used a code."""
    connection.execute(
        update(one_time_codes).where(_CODE.id == code_id).values(used_at=at, used_by_name=by_name)
    )


def revoke(connection: Connection, code_id: str, *, at: datetime) -> None:
    """Write that a code was taken back."""
    connection.execute(update(one_time_codes).where(_CODE.id == code_id).values(revoked_at=at))


def revoke_open_codes_of(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Take back what would give a person another password."""
    connection.execute(
        update(one_time_codes)
        .where(_CODE.user_id == user_id, _CODE.used_at.is_(None), _CODE.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def delete_codes_over_before(connection: Connection, before: datetime) -> int:
    """Forget codes that expired before then; return how many."""
    result = connection.execute(delete(one_time_codes).where(_CODE.expires_at < before))
    return result.rowcount


def _code(row: Row[tuple[object, ...]]) -> OneTimeCode:
    return OneTimeCode(
        id=row.id,
        kind=CodeKind(row.kind),
        code_hash=row.code_hash,
        role=row.role,
        name=row.name,
        user_id=row.user_id,
        made_by=row.made_by,
        made_by_name=row.made_by_name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by_name=row.used_by_name,
        revoked_at=row.revoked_at,
    )
