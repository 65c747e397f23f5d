"""Sign-ins in the database."""

from datetime import datetime

from sqlalchemy import (
    Connection,
    Row,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from appliance.accounts.model import Session, User
from appliance.accounts.store import people
from appliance.accounts.store.tables import sessions


def insert_session(connection: Connection, session: Session) -> None:
    """Write a new sign-in."""
    connection.execute(
        insert(sessions).values(
            id=session.id,
            user_id=session.user_id,
            generation=session.generation,
            created_at=session.created_at,
            rotated_at=session.rotated_at,
            expires_at=session.expires_at,
            ended_at=session.ended_at,
            confirmed_at=session.confirmed_at,
            last_used_at=session.last_used_at,
            device=session.device,
            address=session.address,
        )
    )


def find_session(connection: Connection, session_id: str) -> Session | None:
    """Return the sign-in with this id, ended or not."""
    row = connection.execute(select(sessions).where(sessions.c.id == session_id)).one_or_none()
    return None if row is None else _session(row)


def find_open_session(connection: Connection, session_id: str) -> tuple[Session, User] | None:
    """Return a sign-in that was not ended, and its person if they may sign in."""
    session = find_session(connection, session_id)
    if session is None or session.ended_at is not None:
        return None
    user = people.find_user(connection, session.user_id)
    if user is None or not user.may_sign_in:
        return None
    return session, user


def locked_session(connection: Connection, session_id: str) -> Session | None:
    """Like `find_session`; nobody else changes it before the transaction ends."""
    row = connection.execute(
        select(sessions).where(sessions.c.id == session_id).with_for_update()
    ).one_or_none()
    return None if row is None else _session(row)


def update_generation(connection: Connection, session: Session) -> None:
    """Write that another refresh token was given out."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session.id)
        .values(
            generation=session.generation,
            rotated_at=session.rotated_at,
            last_used_at=session.last_used_at,
        )
    )


def update_confirmed(connection: Connection, session_id: str, *, at: datetime) -> None:
    """Write that the person has just proved that it is them."""
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(confirmed_at=at))


def list_open(connection: Connection, user_id: str, *, now: datetime) -> list[Session]:
    """Return the sign-ins of a person that are not over, the newest first."""
    rows = connection.execute(
        select(sessions)
        .where(
            sessions.c.user_id == user_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
        )
        .order_by(sessions.c.id.desc())
    )
    return [_session(row) for row in rows]


def has_come_with(connection: Connection, user_id: str, *, device: str, address: str) -> bool:
    """Return whether a sign-in of this person, over or not, came from there with that."""
    found = exists().where(
        sessions.c.user_id == user_id, sessions.c.device == device, sessions.c.address == address
    )
    return bool(connection.execute(select(found)).scalar())


def end_session(connection: Connection, session_id: str, *, at: datetime) -> None:
    """Write that a sign-in is over; when it first ended stays."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_sessions_of(connection: Connection, user_id: str, *, at: datetime) -> None:
    """Write that all sign-ins of a person are over."""
    connection.execute(
        update(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def delete_sessions_over_before(connection: Connection, before: datetime) -> int:
    """Forget sign-ins that ended or expired before then; return how many."""
    result = connection.execute(
        delete(sessions).where(or_(sessions.c.expires_at < before, sessions.c.ended_at < before))
    )
    return result.rowcount


def count_sessions(connection: Connection) -> int:
    """Return how many sign-ins are stored, ended ones included."""
    return connection.execute(select(func.count()).select_from(sessions)).scalar_one()


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        generation=row.generation,
        created_at=row.created_at,
        rotated_at=row.rotated_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        confirmed_at=row.confirmed_at,
        last_used_at=row.last_used_at,
        device=row.device,
        address=row.address,
    )
