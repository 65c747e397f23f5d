"""What people change of their own accounts and nobody else may: e-mail address and password."""

from dataclasses import replace

from appliance.accounts.acting import Actor
from appliance.accounts.devices import Visitor
from appliance.accounts.ending import Ending
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.model import Session, User, check_password, normalised_email
from appliance.accounts.passwords import Passwords
from appliance.accounts.proving import Proved, Proving
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.store import directory, people, sign_ins
from appliance.base.audit.log import AuditLog
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import UnauthenticatedError
from appliance.base.identity import Identity


class OwnAccount:
    """A signed-in person's own e-mail address and password."""

    def __init__(
        self,
        *,
        database: Database,
        proving: Proving,
        passwords: Passwords,
        sessions: Sessions,
        ending: Ending,
        memory: SessionMemory,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._proving = proving
        self._passwords = passwords
        self._sessions = sessions
        self._ending = ending
        self._memory = memory
        self._audit = audit

    async def change_email(self, identity: Identity, email: str, visitor: Visitor) -> User:
        """Return the person after the change.

        Raises:
            ConflictError: If somebody has that e-mail address.
            InvalidValueError: If it does not look like one.
            UnauthenticatedError: If the person is gone.
        """
        normalised = normalised_email(email)

        def write(tx: Transaction) -> User:
            user = _present(people.locked_user(tx.connection, identity.user_id))
            if normalised == user.email:
                return user
            directory.change_person(tx.connection, user.id, email=normalised)
            tx.after_commit(lambda: self._memory.forget_user(user.id))
            actor = Actor(user.id, user.name, visitor.address)
            details = {"before": user.email, "after": normalised}
            self._audit.record(tx, actor.did("email.changed", user, **details))
            return replace(user, email=normalised)

        return await self._database.write(write)

    async def change_password(
        self, identity: Identity, current: str, new: str, visitor: Visitor
    ) -> SignedInUser:
        """Return new tokens for this sign-in; all others of the person end.

        Raises:
            ForbiddenError: If the present password is wrong.
            InvalidValueError: If the new one is refused.
            TooManyRequestsError: If too many passwords wait already.
            UnauthenticatedError: If the sign-in has ended meanwhile.
        """
        proved = await self._proving.again(identity, current)
        check_password(new, email=proved.user.email, name=proved.user.name, field="new_password")
        new_hash = await self._passwords.hashed(new, is_known=True)

        def write(tx: Transaction) -> tuple[User, Session]:
            return self._changed(tx, identity, proved, new_hash, visitor)

        user, session = await self._database.write(write)
        return self._sessions.handed_out(user, session, visitor)

    def _changed(
        self, tx: Transaction, identity: Identity, proved: Proved, new_hash: str, visitor: Visitor
    ) -> tuple[User, Session]:
        connection = tx.connection
        # Sign-ins before people, as refreshing does.
        directory.lock_sign_ins_of(connection, identity.user_id)
        session = sign_ins.find_session(connection, identity.session_id)
        before = _present(people.locked_user(connection, identity.user_id))
        is_as_proved = before.password_hash == proved.user.password_hash
        if session is None or session.ended_at is not None or not is_as_proved:
            raise _ended()
        directory.set_password(connection, before.id, new_hash)
        self._ending.end_others(tx, before.id, but=session.id)
        tx.after_commit(lambda: self._memory.forget_user(before.id))
        actor = Actor(before.id, before.name, visitor.address)
        self._audit.record(tx, actor.did("password.changed", before))
        renewed = self._sessions.renewed(tx, session)
        return _present(people.find_user(connection, before.id)), renewed


def _present(user: User | None) -> User:
    if user is None:
        raise _ended()
    return user


def _ended() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This sign-in has ended.", code="session_ended", hint="Sign in again."
    )
