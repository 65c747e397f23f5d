"""Durable jobs: written in the caller's transaction, taken by a worker after its commit."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Row,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from appliance.base.clock import Clock
from appliance.base.database.transaction import Transaction
from appliance.base.database.types import UtcDateTime
from appliance.base.ids import Ids
from appliance.base.jobs.tables import FAILED, RUNNING, UNFINISHED, WAITING, jobs

_LONGEST_ERROR = 500

# Built once: building takes several times as long as carrying out.
_INSERT = insert(jobs)
_INSERT_UNLESS_THERE: Mapping[str, ReturningInsert[str]] = {
    dialect: into(jobs)
    .on_conflict_do_nothing(index_elements=[jobs.c.kind, jobs.c.unique_key], index_where=UNFINISHED)
    .returning(jobs.c.id)
    for dialect, into in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker may do now.

    Attributes:
        job_id: Which one.
        kind: Name of its kind.
        payload: What it was enqueued with.
        attempt: Which attempt this is, from 1.
        token: Proof that it is ours; changes with every claim.
    """

    job_id: str
    kind: str
    payload: Mapping[str, object]
    attempt: int
    token: str


class JobQueue:
    """The jobs of this box; all methods are units of work inside the caller's transaction."""

    def __init__(self, clock: Clock, ids: Ids, *, owner: str = "box") -> None:
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._wake: Callable[[], None] = _nobody

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every commit that brought a job; the worker's own, thread-safe."""
        self._wake = wake

    def enqueue(
        self,
        tx: Transaction,
        kind: str,
        payload: Mapping[str, object],
        *,
        run_at: datetime | None = None,
        unique_key: str | None = None,
        priority: int = 0,
    ) -> str:
        """Return the id of the job, which is there if and only if the transaction commits.

        Args:
            tx: The caller's transaction.
            kind: Name of its kind.
            payload: Small JSON, for the handler.
            run_at: Not before this instant; at once if None.
            unique_key: If a job of this kind with this key waits or runs, that one is returned.
            priority: Higher ones go first; equal ones in order of their ids.
        """
        job_id = self._ids.new_id()
        row: dict[str, Any] = {
            "id": job_id,
            "kind": kind,
            "payload": json.dumps(payload, ensure_ascii=False),
            "state": WAITING,
            "priority": priority,
            "unique_key": unique_key,
            "attempts": 0,
            "run_at": run_at,
            "created_at": self._clock.now(),
        }
        if unique_key is None:
            tx.connection.execute(_INSERT, row)
        elif not _insert_unless_there(tx.connection, row):
            return _id_of_key(tx.connection, kind, unique_key)
        tx.after_commit(self._wake_worker)
        return job_id

    def claim(
        self, tx: Transaction, free: Mapping[str, int], *, lease_s: float
    ) -> list[ClaimedJob]:
        """Return jobs that are due, now leased to this box, most urgent first.

        Args:
            tx: The worker's transaction.
            free: How many more jobs of each kind the worker can take.
            lease_s: After so many seconds without renewal other boxes may take them.
        """
        now = self._clock.now()
        # One look first: most times only one kind has anything to do.
        ready = set(tx.connection.execute(_ready_kinds(free, now)).scalars())
        if not ready:
            return []
        token = self._ids.new_id()
        lease = {
            "state": RUNNING,
            "attempts": jobs.c.attempts + 1,
            "lease_owner": self._owner,
            "lease_token": token,
            "lease_until": now + timedelta(seconds=lease_s),
        }
        return [
            ClaimedJob(row.id, kind, json.loads(row.payload), row.attempts, token)
            for kind, count in free.items()
            if kind in ready
            for row in _leased(tx.connection, _due(kind, now).limit(count), lease)
        ]

    def complete(self, tx: Transaction, job: ClaimedJob) -> bool:
        """Return whether the job was still ours; then it is done, and gone from the table."""
        return _changed(tx.connection.execute(delete(jobs).where(_ours(job))))

    def retry_later(self, tx: Transaction, job: ClaimedJob, *, pause_s: float, error: str) -> bool:
        """Return whether the job was still ours; then it waits for its next attempt."""
        run_at = self._clock.now() + timedelta(seconds=pause_s)
        return self._hand_back(tx, job, run_at=run_at, last_error=error[:_LONGEST_ERROR])

    def give_back(self, tx: Transaction, job: ClaimedJob) -> bool:
        """Return whether the job was still ours; then it waits as if this attempt had not been."""
        return self._hand_back(tx, job, attempts=jobs.c.attempts - 1, run_at=None)

    def give_up(self, tx: Transaction, job: ClaimedJob, *, error: str) -> bool:
        """Return whether the job was still ours; then it is kept as failed."""
        return self._hand_back(tx, job, state=FAILED, last_error=error[:_LONGEST_ERROR])

    def renew(self, tx: Transaction, held: list[ClaimedJob], *, lease_s: float) -> set[str]:
        """Return the ids of those jobs that are still ours; their leases are longer now."""
        lease_until = self._clock.now() + timedelta(seconds=lease_s)
        return {
            job.job_id
            for job in held
            if _changed(
                tx.connection.execute(
                    update(jobs).where(_ours(job)).values(lease_until=lease_until)
                )
            )
        }

    def reclaim_own(self, tx: Transaction) -> int:
        """Return how many jobs an earlier, dead process of this box had begun; they wait again.

        Only for the start, when the lock on the data folder proves that no other process lives.
        Their attempts stay counted: a job that kills the process must not do so for ever.
        """
        mine = (jobs.c.state == RUNNING) & (jobs.c.lease_owner == self._owner)
        return tx.connection.execute(update(jobs).where(mine).values(_FREE)).rowcount

    def shift_pauses(self, tx: Transaction, *, jump_s: float) -> None:
        """Keep the pauses before next attempts as long as they were when the clock has jumped."""
        paused = (jobs.c.state == WAITING) & (jobs.c.attempts > 0) & jobs.c.run_at.is_not(None)
        for row in tx.connection.execute(select(jobs.c.id, jobs.c.run_at).where(paused)).all():
            run_at = row.run_at + timedelta(seconds=jump_s)
            tx.connection.execute(update(jobs).where(jobs.c.id == row.id).values(run_at=run_at))
        tx.after_commit(self._wake_worker)

    def _hand_back(self, tx: Transaction, job: ClaimedJob, **values: Any) -> bool:
        changes = {**_FREE, **values}
        return _changed(tx.connection.execute(update(jobs).where(_ours(job)).values(changes)))

    def free_expired(self, tx: Transaction) -> int:
        """Return how many jobs other boxes had begun and not ended in time; they wait again.

        Never our own: we know what we are doing, however the clock was set meanwhile.
        """
        expired = (
            (jobs.c.state == RUNNING)
            & (jobs.c.lease_owner != self._owner)
            & (jobs.c.lease_until < self._clock.now())
        )
        return tx.connection.execute(update(jobs).where(expired).values(_FREE)).rowcount

    def forget_failed(self, tx: Transaction, *, before: datetime, keep_per_kind: int) -> int:
        """Return how many given-up jobs were forgotten.

        Args:
            tx: The caller's transaction.
            before: Those that were made before this instant.
            keep_per_kind: Of each kind, all but so many of the newest ones too.
        """
        by_age = func.row_number().over(partition_by=jobs.c.kind, order_by=jobs.c.id.desc())
        failed = select(jobs.c.id, jobs.c.created_at, by_age.label("place"))
        ranked = failed.where(jobs.c.state == FAILED).subquery()
        is_over = (ranked.c.created_at < before) | (ranked.c.place > keep_per_kind)
        over = select(ranked.c.id).where(is_over)
        return tx.connection.execute(delete(jobs).where(jobs.c.id.in_(over))).rowcount

    def _wake_worker(self) -> None:
        self._wake()


_FREE: Mapping[str, Any] = {
    "state": WAITING,
    "lease_owner": None,
    "lease_token": None,
    "lease_until": None,
}


def next_due(connection: Connection, kinds: Collection[str]) -> datetime | None:
    """Return when the next job of these kinds that waits for its time is due, if any does."""
    waiting = (jobs.c.state == WAITING) & jobs.c.kind.in_(kinds) & jobs.c.run_at.is_not(None)
    due: datetime | None = connection.execute(
        select(func.min(jobs.c.run_at)).where(waiting)
    ).scalar()
    return due


def count_jobs(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many jobs there are of each `(kind, state)`."""
    query = select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
    return {(kind, state): count for kind, state, count in connection.execute(query)}


def count_overdue(connection: Connection, before: datetime) -> int:
    """Return how many jobs wait although they should have begun before this instant."""
    ready_at = func.coalesce(jobs.c.run_at, jobs.c.created_at, type_=UtcDateTime())
    query = select(func.count()).where((jobs.c.state == WAITING) & (ready_at < before))
    return connection.execute(query).scalar_one()


def _is_ready(now: datetime) -> ColumnElement[bool]:
    return (jobs.c.state == WAITING) & or_(jobs.c.run_at.is_(None), jobs.c.run_at <= now)


def _ready_kinds(free: Mapping[str, int], now: datetime) -> Select[str]:
    wanted = [kind for kind, count in free.items() if count > 0]
    return select(jobs.c.kind).distinct().where(_is_ready(now) & jobs.c.kind.in_(wanted))


def _due(kind: str, now: datetime) -> Select[str]:
    ready = _is_ready(now) & (jobs.c.kind == kind)
    return select(jobs.c.id).where(ready).order_by(jobs.c.priority.desc(), jobs.c.id)


def _leased(
    connection: Connection, due: Select[str], lease: Mapping[str, Any]
) -> Sequence[Row[Any, Any, Any, Any]]:
    # A common table expression is computed once; a subquery with LIMIT may be computed again for
    # each row on PostgreSQL, and then takes more than the limit. SQLite has one writer: it knows
    # no row locks, and needs none.
    chosen = due.with_for_update(skip_locked=True).cte("due")
    statement = update(jobs).where(jobs.c.id.in_(select(chosen.c.id))).values(lease)
    rows = connection.execute(
        statement.returning(jobs.c.id, jobs.c.payload, jobs.c.attempts, jobs.c.priority)
    )
    # RETURNING keeps no order.
    return sorted(rows, key=lambda row: (-row.priority, row.id))


def _ours(job: ClaimedJob) -> ColumnElement[bool]:
    return (jobs.c.id == job.job_id) & (jobs.c.lease_token == job.token)


def _changed(result: CursorResult[Any]) -> bool:
    return result.rowcount == 1


def _insert_unless_there(connection: Connection, row: Mapping[str, Any]) -> bool:
    statement = _INSERT_UNLESS_THERE[connection.dialect.name]
    # Not by the count of rows: on PostgreSQL the driver does not give one for this statement.
    return connection.execute(statement, row).scalar() is not None


def _id_of_key(connection: Connection, kind: str, unique_key: str) -> str:
    same = (jobs.c.kind == kind) & (jobs.c.unique_key == unique_key) & (jobs.c.state != FAILED)
    # Locked, so that it cannot be completed on PostgreSQL before we commit.
    found: str = connection.execute(select(jobs.c.id).where(same).with_for_update()).scalar_one()
    return found


def _nobody() -> None:
    """Nobody works yet: the job waits until the worker starts."""
