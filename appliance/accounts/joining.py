"""Coming in by a one-time code: a new account, or another password for one that is there."""

from dataclasses import dataclass, replace

from appliance.accounts.acting import Actor
from appliance.accounts.devices import Visitor
from appliance.accounts.ending import Ending
from appliance.accounts.looking_after import locked
from appliance.accounts.model import (
    Session,
    User,
    check_password,
    checked_language,
    checked_name,
    normalised_email,
)
from appliance.accounts.one_time_code import CodeKind, OneTimeCode
from appliance.accounts.one_time_codes import OneTimeCodes
from appliance.accounts.passwords import Passwords
from appliance.accounts.second_step import SecondStep
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.store import directory, people
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ForbiddenError, InvalidValueError
from appliance.base.ids import Ids


@dataclass(frozen=True)
class Joiner:
    """What somebody says who comes with a code; as typed, not yet checked.

    Attributes:
        password: From now on; in clear, never stored.
        language: `es` or `en`; of no matter if the account is there already, as is `email`.
        email: To sign in with.
        name: To be greeted by; None is the one that the code is for.
    """

    password: str
    language: str
    email: str | None = None
    name: str | None = None

    def __repr__(self) -> str:
        return "Joiner()"


@dataclass(frozen=True)
class Expected:
    """Who a code is for.

    Attributes:
        kind: What it is for.
        role: Of the account.
        name: Of the person; may be empty.
        email: Of the account; None for an invitation.
        invited_by: Name of who gave the code out, as it was then.
    """

    kind: CodeKind
    role: str
    name: str
    email: str | None
    invited_by: str


@dataclass(frozen=True)
class Entrance:
    """How people get in, and how what they had open before ends."""

    sessions: Sessions
    second_step: SecondStep
    ending: Ending


class Joining:
    """Lets people in who have a code; a code serves once."""

    def __init__(
        self,
        *,
        database: Database,
        one_time_codes: OneTimeCodes,
        passwords: Passwords,
        entrance: Entrance,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._codes = one_time_codes
        self._passwords = passwords
        self._entrance = entrance
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def expected(self, typed: str) -> Expected:
        """Return who a code is for.

        Raises:
            ForbiddenError: If it does not work.
        """

        def read(connection: Connection) -> Expected:
            code = self._codes.open_code(connection, typed)
            if code.user_id is None:
                return Expected(code.kind, code.role, code.name, None, code.made_by_name)
            user = _active(connection, code.user_id)
            return Expected(code.kind, user.role, user.name, user.email, code.made_by_name)

        return await self._database.read(read)

    async def join(self, typed: str, joiner: Joiner, visitor: Visitor) -> SignedInUser:
        """Return the tokens of somebody who came in by a code, which is used up by that.

        Raises:
            ConflictError: If somebody has that e-mail address.
            ForbiddenError: If the code does not work.
            InvalidValueError: If a value is refused.
            TooManyRequestsError: If too many passwords wait already.
            UnauthenticatedError: If the person has a second factor, after the new password is
                set: it carries the token for `SecondStep`.
        """
        # Looked at first: who has no code must not cost a password's time.
        expected = await self.expected(typed)
        person = self._described(expected, joiner)
        check_password(joiner.password, email=person.email, name=person.name)
        # Whoever has a code that works is expected, and not behind those who guess at passwords.
        password_hash = await self._passwords.hashed(joiner.password, is_known=True)

        def write(tx: Transaction) -> tuple[User, Session | None]:
            code = self._codes.take(tx, typed)
            user = (
                self._made(tx, replace(person, role=code.role, password_hash=password_hash))
                if code.user_id is None
                else self._changed(tx, code, code.user_id, password_hash)
            )
            self._codes.note_used(tx, code, by_name=user.name)
            self._note(tx, code, user, visitor)
            opened = None if user.mfa_enabled else self._entrance.sessions.opened(tx, user, visitor)
            return user, opened

        user, session = await self._database.write(write)
        if session is None:
            self._entrance.second_step.demand(user)
        return self._entrance.sessions.handed_out(user, session, visitor)

    def _described(self, expected: Expected, joiner: Joiner) -> User:
        email = expected.email or joiner.email
        if email is None:
            raise InvalidValueError("email is missing.", field="email")
        return User(
            id=self._ids.new_id(),
            email=normalised_email(email),
            name=checked_name(joiner.name or expected.name),
            role=expected.role,
            language=checked_language(joiner.language),
            password_hash="",
            token_version=1,
            created_at=self._clock.now(),
        )

    def _made(self, tx: Transaction, user: User) -> User:
        directory.add_person(tx.connection, user)
        return user

    def _changed(
        self, tx: Transaction, code: OneTimeCode, user_id: str, password_hash: str
    ) -> User:
        # Sign-ins before people, as refreshing does.
        directory.lock_sign_ins_of(tx.connection, user_id)
        user = locked(tx.connection, user_id)
        if not user.may_sign_in:
            raise _not_active()
        directory.set_password(tx.connection, user.id, password_hash)
        if code.kind is CodeKind.RESET:
            self._entrance.ending.end_all(tx, user.id)
        return locked(tx.connection, user.id)

    def _note(self, tx: Transaction, code: OneTimeCode, user: User, visitor: Visitor) -> None:
        actor = Actor(user.id, user.name, visitor.address)
        action = "invite.used" if code.kind is CodeKind.INVITE else "password.changed"
        details = {"kind": code.kind.value, "given_by": code.made_by_name}
        self._audit.record(tx, actor.did(action, user, **details))


def _active(connection: Connection, user_id: str) -> User:
    user = people.find_user(connection, user_id)
    if user is None or not user.may_sign_in:
        raise _not_active()
    return user


def _not_active() -> ForbiddenError:
    return ForbiddenError(
        "This code does not work.",
        code="code_wrong",
        hint="It may be mistyped, used, or too old. Ask for a new one.",
        field="code",
    )
