"""Ending sign-ins: what is open by them ends with the commit."""

from collections.abc import Collection
from dataclasses import replace

from appliance.accounts.identifying import SessionMemory
from appliance.accounts.model import Session, User
from appliance.accounts.store import api_keys, sign_ins
from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import AuditEntry, Outcome
from appliance.base.clock import Clock
from appliance.base.database.transaction import Transaction
from appliance.base.events import Events
from appliance.base.live.model import LiveEvent, ToUser
from appliance.base.web.identity import AccessEnded


class Ending:
    """Ends sign-ins within a transaction, and tells everybody who holds something open."""

    def __init__(
        self, *, memory: SessionMemory, audit: AuditLog, events: Events, clock: Clock
    ) -> None:
        self._memory = memory
        self._audit = audit
        self._events = events
        self._clock = clock

    def end(self, transaction: Transaction, user_id: str, session_ids: Collection[str]) -> None:
        """End these sign-ins of one person."""
        ended = frozenset(session_ids)
        # In one order: two who end the same sign-ins must not wait for each other.
        for session_id in sorted(ended):
            sign_ins.end_session(transaction.connection, session_id, at=self._clock.now())
        transaction.after_commit(lambda: self._tell_sessions(user_id, ended))

    def end_all(self, transaction: Transaction, user_id: str) -> None:
        """End all sign-ins of a person, and their programs' keys.

        For when somebody is shut out, or comes back by a code: then somebody else may have been
        in, and may have made a key.
        """
        api_keys.delete_keys_of(transaction.connection, user_id)
        sign_ins.end_sessions_of(transaction.connection, user_id, at=self._clock.now())
        transaction.after_commit(lambda: self._tell_all(user_id))

    def end_others(self, transaction: Transaction, user_id: str, *, but: str) -> frozenset[str]:
        """Return the ids of all sign-ins of a person but one, which end by this."""
        connection, now = transaction.connection, self._clock.now()
        open_ids = {session.id for session in sign_ins.list_open(connection, user_id, now=now)}
        others = frozenset(open_ids - {but})
        self.end(transaction, user_id, others)
        return others

    def sign_out(self, transaction: Transaction, user: User, session: Session) -> None:
        """End a sign-in because its person wants it."""
        self.end(transaction, user.id, {session.id})
        self._audit.record(transaction, _ended(user, session, reason="signed_out"))

    def end_stolen(
        self, transaction: Transaction, user: User, session: Session, *, generation: int
    ) -> None:
        """End a sign-in of which a used refresh token came again, and tell its person."""
        self.end(transaction, user.id, {session.id})
        entry = _ended(user, session, reason="refresh_token_came_again")
        details = {**entry.details, "generation": generation}
        self._audit.record(transaction, replace(entry, outcome=Outcome.REFUSED, details=details))
        notice = LiveEvent(
            ToUser(user.id), "notice", {"code": "session_stolen", "device": session.device}
        )
        transaction.after_commit(lambda: self._events.publish(notice))

    def _tell_sessions(self, user_id: str, session_ids: frozenset[str]) -> None:
        self._memory.forget_sessions(session_ids)
        self._events.publish(AccessEnded(user_id, session_ids))

    def _tell_all(self, user_id: str) -> None:
        self._memory.forget_user(user_id)
        self._events.publish(AccessEnded(user_id))


def _ended(user: User, session: Session, *, reason: str) -> AuditEntry:
    return AuditEntry(
        action="session.ended",
        actor_id=user.id,
        actor_name=user.name,
        target_kind="session",
        target_id=session.id,
        details={"device": session.device, "reason": reason},
    )
