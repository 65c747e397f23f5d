"""Where a person is signed in, and ending that."""

from appliance.accounts.acting import Actor
from appliance.accounts.devices import Visitor
from appliance.accounts.ending import Ending
from appliance.accounts.model import Session
from appliance.accounts.store import directory, sign_ins
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import NotFoundError
from appliance.base.identity import Identity


class OwnSessions:
    """A signed-in person's own sign-ins."""

    def __init__(
        self, *, database: Database, ending: Ending, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._ending = ending
        self._audit = audit
        self._clock = clock

    async def list_open(self, identity: Identity) -> list[Session]:
        """Return where the person is signed in, the newest sign-in first."""
        now = self._clock.now()
        return await self._database.read(
            lambda connection: sign_ins.list_open(connection, identity.user_id, now=now)
        )

    async def end(self, identity: Identity, session_id: str, visitor: Visitor) -> None:
        """End one of them.

        Raises:
            NotFoundError: If the person has no such open sign-in.
        """

        def write(tx: Transaction) -> None:
            session = sign_ins.locked_session(tx.connection, session_id)
            is_mine = session is not None and session.user_id == identity.user_id
            if session is None or not is_mine or session.ended_at is not None:
                raise NotFoundError("There is no such sign-in.")
            self._ending.end(tx, identity.user_id, {session.id})
            self._note(tx, identity, visitor, session_id=session.id, device=session.device)

        await self._database.write(write)

    async def end_others(self, identity: Identity, visitor: Visitor) -> None:
        """End all but the one that asks."""

        def write(tx: Transaction) -> None:
            directory.lock_sign_ins_of(tx.connection, identity.user_id)
            ended = self._ending.end_others(tx, identity.user_id, but=identity.session_id)
            for session_id in sorted(ended):
                self._note(tx, identity, visitor, session_id=session_id)

        await self._database.write(write)

    def _note(
        self,
        tx: Transaction,
        identity: Identity,
        visitor: Visitor,
        *,
        session_id: str,
        **facts: str,
    ) -> None:
        actor = Actor(identity.user_id, identity.name, visitor.address)
        details = {"reason": "ended_by_person", **facts}
        entry = actor.did_to("session.ended", kind="session", target_id=session_id, details=details)
        self._audit.record(tx, entry)
