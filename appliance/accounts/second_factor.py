"""A second thing to sign in with: the codes of a phone, and codes on paper in its place."""

from dataclasses import dataclass
from datetime import datetime

from appliance.accounts.acting import Actor
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.model import User
from appliance.accounts.recovery_codes import RecoveryCodes
from appliance.accounts.store import people
from appliance.accounts.store import second_factors as store
from appliance.accounts.totp import matching_step, otpauth_uri, secret_of
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import (
    ApplianceError,
    ConflictError,
    ForbiddenError,
    InvalidValueError,
    NotFoundError,
    UnauthenticatedError,
)
from appliance.base.ids import Ids

METHODS = ("totp", "recovery")


@dataclass(frozen=True)
class FactorState:
    """Whether somebody has a second factor.

    Attributes:
        enabled_at: Since when; None if they have none.
        recovery_codes_left: Codes on paper that still work.
        recovery_codes_made_at: When those were made; None if there are none.
    """

    enabled_at: datetime | None
    recovery_codes_left: int
    recovery_codes_made_at: datetime | None


@dataclass(frozen=True)
class FactorStart:
    """What an authenticator app is told; shown once.

    Attributes:
        secret: In base32, to be typed.
        otpauth_uri: The same, to be read off a QR code.
    """

    secret: str
    otpauth_uri: str


class SecondFactors:
    """The second factors of all people."""

    def __init__(
        self,
        *,
        database: Database,
        memory: SessionMemory,
        key: bytes,
        recovery_codes: RecoveryCodes,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._memory = memory
        self._key = key
        self._recovery_codes = recovery_codes
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def state_of(self, user_id: str) -> FactorState:
        """Return whether a person has a second factor, and how many codes on paper."""

        def read(connection: Connection) -> FactorState:
            factor = store.find_factor(connection, user_id)
            left = store.recovery_left(connection, user_id)
            return FactorState(factor and factor.confirmed_at, left.left, left.created_at)

        return await self._database.read(read)

    async def start(self, user_id: str) -> FactorStart:
        """Return what an app is told; signing in takes it once a first code of it was right.

        Raises:
            ConflictError: If a second factor is in force.
        """

        def write(tx: Transaction) -> FactorStart:
            user = _locked(tx, user_id)
            factor = store.find_factor(tx.connection, user_id)
            if factor is not None and factor.confirmed_at is not None:
                raise ConflictError(
                    "There is a second factor already.",
                    code="mfa_enabled",
                    hint="Switch it off first.",
                )
            number = self._ids.new_id()
            store.begin_factor(tx.connection, user_id, number, at=self._clock.now())
            secret = secret_of(self._key, user_id, number)
            return FactorStart(secret, otpauth_uri(secret, email=user.email))

        return await self._database.write(write)

    async def confirm(self, user_id: str, code: str, *, address: str | None) -> tuple[str, ...]:
        """Return new codes on paper; from now on signing in takes the second factor.

        Raises:
            ConflictError: If nothing was started, or it is in force already.
            InvalidValueError: If the code is wrong.
        """

        def write(tx: Transaction) -> tuple[str, ...]:
            user = _locked(tx, user_id)
            factor = store.find_factor(tx.connection, user_id)
            if factor is None or factor.confirmed_at is not None:
                raise ConflictError(
                    "No second factor waits to be confirmed.",
                    code="mfa_not_started",
                    hint="Start again.",
                )
            if not self._takes_step(tx, user, code):
                raise InvalidValueError(
                    "The code is wrong.",
                    code="wrong_code",
                    hint="Check that the phone's clock is right, and type the newest code.",
                    field="code",
                )
            store.confirm_factor(tx.connection, user_id, at=self._clock.now())
            tx.after_commit(lambda: self._memory.forget_user(user_id))
            self._audit.record(tx, Actor(user.id, user.name, address).did("mfa.enabled", user))
            return self._recovery_codes.make(tx, user_id)

        return await self._database.write(write)

    async def disable(self, user_id: str, *, address: str | None) -> None:
        """Let the password alone be enough again; nothing if it is."""

        def write(tx: Transaction) -> None:
            user = _locked(tx, user_id)
            factor = store.find_factor(tx.connection, user_id)
            store.remove_factor(tx.connection, user_id)
            tx.after_commit(lambda: self._memory.forget_user(user_id))
            if factor is not None and factor.confirmed_at is not None:
                self._audit.record(tx, Actor(user.id, user.name, address).did("mfa.disabled", user))

        await self._database.write(write)

    async def new_recovery_codes(self, user_id: str, *, address: str | None) -> tuple[str, ...]:
        """Return new codes on paper; those of before are void."""

        def write(tx: Transaction) -> tuple[str, ...]:
            user = _locked(tx, user_id)
            entry = Actor(user.id, user.name, address).did("recovery.created", user)
            self._audit.record(tx, entry)
            return self._recovery_codes.make(tx, user_id)

        return await self._database.write(write)

    def take(self, tx: Transaction, user: User, code: str) -> str | None:
        """Return by which of `METHODS` this code is right; it is used up by that."""
        if user.mfa_enabled and self._takes_step(tx, user, code):
            return METHODS[0]
        return METHODS[1] if self._recovery_codes.take(tx, user, code) else None

    def _takes_step(self, tx: Transaction, user: User, code: str) -> bool:
        factor = store.find_factor(tx.connection, user.id)
        if factor is None:
            return False
        secret = secret_of(self._key, user.id, factor.number)
        now = self._clock.now()
        step = matching_step(secret, code, now=now, after_step=factor.last_step)
        if step is None:
            return False
        store.use_step(tx.connection, user.id, step)
        return True


def wrong_code(error: type[ForbiddenError | UnauthenticatedError]) -> ApplianceError:
    """Return the refusal of a code, as the kind of error that the route gives."""
    return error(
        "The code is wrong, or was used already.",
        code="wrong_code",
        hint="Type the newest code of the app, or one of the recovery codes.",
        field="code",
    )


def _locked(tx: Transaction, user_id: str) -> User:
    user = people.locked_user(tx.connection, user_id)
    if user is None:
        raise NotFoundError("There is no such account.")
    return user
