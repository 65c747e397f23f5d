"""Second factors and recovery codes in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from appliance.accounts.store.tables import recovery_codes, second_factors


@dataclass(frozen=True)
class SecondFactor:
    """What a person's authenticator app belongs to.

    Attributes:
        number: Of this factor; with the box's key it makes the secret.
        confirmed_at: Since when signing in takes it; None until a first code was right.
        last_step: Of the last accepted code.
    """

    number: str
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True)
class RecoveryLeft:
    """What is left of a person's recovery codes.

    Attributes:
        left: How many.
        created_at: When they were made; None if there are none.
    """

    left: int
    created_at: datetime | None


def find_factor(connection: Connection, user_id: str) -> SecondFactor | None:
    """Return a person's second factor, in force or only begun."""
    row = connection.execute(
        select(second_factors).where(second_factors.c.user_id == user_id)
    ).one_or_none()
    return None if row is None else SecondFactor(row.number, row.confirmed_at, row.last_step)


def begin_factor(connection: Connection, user_id: str, number: str, *, at: datetime) -> None:
    """Write a factor that is not in force yet, in place of another such one."""
    remove_factor(connection, user_id)
    connection.execute(
        insert(second_factors).values(user_id=user_id, number=number, created_at=at, last_step=0)
    )


def confirm_factor(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write that the factor is in force."""
    connection.execute(
        update(second_factors).where(second_factors.c.user_id == user_id).values(confirmed_at=at)
    )


def use_step(connection: Connection, user_id: str, step: int) -> None:
    """Write that codes up to this step do not count any more."""
    connection.execute(
        update(second_factors).where(second_factors.c.user_id == user_id).values(last_step=step)
    )


def remove_factor(connection: Connection, user_id: str) -> None:
    """Forget a person's second factor."""
    connection.execute(delete(second_factors).where(second_factors.c.user_id == user_id))


def replace_codes(
    connection: Connection, user_id: str, hashes: Collection[str], *, at: datetime
) -> None:
    """Write the recovery codes of a person; those of before are void."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"code_hash": one, "user_id": user_id, "created_at": at} for one in hashes]
    connection.execute(insert(recovery_codes), rows)


def use_code(connection: Connection, user_id: str, code_hash: str, *, at: datetime) -> bool:
    """Return whether this is an unused recovery code of the person, which it is no more."""
    result = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return result.rowcount == 1


def has_code(connection: Connection, user_id: str, code_hash: str) -> bool:
    """Return whether this is an unused recovery code of the person."""
    found = connection.execute(
        select(recovery_codes.c.code_hash).where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
    )
    return found.one_or_none() is not None


def recovery_left(connection: Connection, user_id: str) -> RecoveryLeft:
    """Return what is left of a person's recovery codes."""
    row = connection.execute(
        select(
            func.count().filter(recovery_codes.c.used_at.is_(None)).label("left"),
            func.max(recovery_codes.c.created_at).label("created_at"),
        ).where(recovery_codes.c.user_id == user_id)
    ).one()
    return RecoveryLeft(row.left, row.created_at)
