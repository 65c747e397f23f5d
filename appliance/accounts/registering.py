"""Asking for an account: an administrator lets people in, or does not."""

from dataclasses import dataclass, replace

from appliance.accounts.acting import Actor
from appliance.accounts.model import (
    User,
    check_password,
    checked_language,
    checked_name,
    normalised_email,
)
from appliance.accounts.passwords import Passwords
from appliance.accounts.policy import Registration
from appliance.accounts.store import directory, people
from appliance.accounts.store import policies as policy_store
from appliance.accounts.store.directory import State
from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import Outcome
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError, ForbiddenError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.ids import Ids
from appliance.base.live.model import LiveEvent, ToRole

MOST_WAITING = 200


@dataclass(frozen=True)
class Applicant:
    """What a stranger says of themselves; as typed, not yet checked.

    Attributes:
        email: To sign in with.
        name: To be greeted by.
        password: In clear; never stored.
        language: `es` or `en`.
        address: From where.
    """

    email: str
    name: str
    password: str
    language: str
    address: str | None = None

    def __repr__(self) -> str:
        return f"Applicant(language={self.language!r})"


class Registering:
    """Takes the names of those who want an account, if the box takes any."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        audit: AuditLog,
        events: Events,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._audit = audit
        self._events = events
        self._clock = clock
        self._ids = ids

    async def register(self, applicant: Applicant) -> None:
        """Let somebody wait for an account.

        Nobody is told whether an e-mail address has an account: for one that has, only the audit
        log says that somebody asked, in the same time.

        Raises:
            ConflictError: If too many people wait already.
            ForbiddenError: If the box takes no strangers.
            InvalidValueError: If a value is refused.
            TooManyRequestsError: If too many passwords wait already.
        """
        await self._database.read(_refuse_if_closed)
        email, name = normalised_email(applicant.email), checked_name(applicant.name)
        language = checked_language(applicant.language)
        check_password(applicant.password, email=email, name=name)
        now = self._clock.now()
        user = User(
            id=self._ids.new_id(),
            email=email,
            name=name,
            role=Role.WORKER.value,
            language=language,
            password_hash=await self._passwords.hashed(applicant.password),
            token_version=1,
            created_at=now,
            waiting_since=now,
        )
        await self._database.write(lambda tx: self._write(tx, user, applicant.address))

    def _write(self, tx: Transaction, user: User, address: str | None) -> None:
        _refuse_if_closed(tx.connection)
        actor = Actor(None, user.name, address)
        known = people.find_user_by_email(tx.connection, user.email)
        if known is not None:
            entry = actor.did("user.registered", known)
            self._audit.record(tx, replace(entry, outcome=Outcome.REFUSED))
            return
        directory.add_person(tx.connection, user)
        self._audit.record(tx, actor.did("user.registered", user, email=user.email))
        notice = {"code": "registration_waiting", "name": user.name}
        tx.after_commit(
            lambda: self._events.publish(LiveEvent(ToRole(Role.ADMIN), "notice", notice))
        )


def _refuse_if_closed(connection: Connection) -> None:
    if policy_store.policies_of(connection).registration is Registration.CLOSED:
        raise ForbiddenError(
            "This box takes no registrations.",
            code="registration_closed",
            hint="Ask an administrator for an invitation.",
        )
    if directory.count_people(connection, State.WAITING) >= MOST_WAITING:
        raise ConflictError(
            f"{MOST_WAITING} people wait for an account already.",
            code="registration_full",
            hint="Ask an administrator of this box.",
        )
