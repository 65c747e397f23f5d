"""The owner's way back in without e-mail: codes on paper in place of a forgotten password."""

from dataclasses import dataclass

from appliance.accounts.acting import Actor
from appliance.accounts.delaying import Delaying
from appliance.accounts.devices import Visitor
from appliance.accounts.ending import Ending
from appliance.accounts.model import Session, User, check_password, normalised_email
from appliance.accounts.passwords import Passwords
from appliance.accounts.proving import keys_of
from appliance.accounts.recovery_codes import RecoveryCodes
from appliance.accounts.second_factor import SecondFactors, wrong_code
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.store import directory, people
from appliance.base.audit.log import AuditLog
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import UnauthenticatedError


@dataclass(frozen=True)
class Proof:
    """What the owner shows; as typed, not yet checked.

    Attributes:
        email: Of the account.
        recovery_code: One of the codes on paper.
        password: From now on; in clear, never stored.
        code: With a second factor in force: of the app, or another code on paper.
    """

    email: str
    recovery_code: str
    password: str
    code: str | None = None

    def __repr__(self) -> str:
        return "Proof()"


class Recovering:
    """Lets the owner set another password. Everybody else asks an administrator for a code."""

    def __init__(
        self,
        *,
        database: Database,
        delaying: Delaying,
        passwords: Passwords,
        recovery_codes: RecoveryCodes,
        factors: SecondFactors,
        sessions: Sessions,
        ending: Ending,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._delaying = delaying
        self._passwords = passwords
        self._recovery_codes = recovery_codes
        self._factors = factors
        self._sessions = sessions
        self._ending = ending
        self._audit = audit

    async def recover(self, proof: Proof, visitor: Visitor) -> SignedInUser:
        """Return the tokens of the owner, whose other sign-ins have ended.

        Raises:
            InvalidValueError: If a value is refused.
            TooManyRequestsError: If too many are trying at once.
            UnauthenticatedError: If a code is wrong, or one is missing.
        """
        account = normalised_email(proof.email)
        async with self._delaying.attempt(*keys_of(account, visitor, None)) as attempt:
            # Looked at first: who has no code must not cost a password's time.
            user = await self._database.read(lambda c: self._owner_with(c, account, proof))
            check_password(proof.password, email=user.email, name=user.name)
            new_hash = await self._passwords.hashed(proof.password, is_known=True)
            entered = await self._database.write(
                lambda tx: self._entered(tx, user, proof, new_hash, visitor)
            )
            attempt.is_success = True
        return self._sessions.handed_out(*entered, visitor)

    def _owner_with(self, connection: Connection, account: str, proof: Proof) -> User:
        user = people.find_user_by_email(connection, account)
        if user is None or not user.is_owner or not user.may_sign_in:
            raise _wrong_recovery_code()
        if not self._recovery_codes.is_one(connection, user, proof.recovery_code):
            raise _wrong_recovery_code()
        if user.mfa_enabled and proof.code is None:
            raise UnauthenticatedError(
                "A second code is missing.",
                code="mfa_code_missing",
                hint="Send one of the app, or another recovery code.",
                field="code",
            )
        return user

    def _entered(
        self, tx: Transaction, known: User, proof: Proof, new_hash: str, visitor: Visitor
    ) -> tuple[User, Session]:
        connection = tx.connection
        # Sign-ins before people, as refreshing does.
        directory.lock_sign_ins_of(connection, known.id)
        user = people.locked_user(connection, known.id)
        is_taken = user is not None and self._recovery_codes.take(tx, user, proof.recovery_code)
        if user is None or not is_taken:
            raise _wrong_recovery_code()
        if user.mfa_enabled and self._factors.take(tx, user, proof.code or "") is None:
            # Nothing is written then: the recovery code stays good.
            raise wrong_code(UnauthenticatedError)
        directory.set_password(connection, user.id, new_hash)
        self._ending.end_all(tx, user.id)
        actor = Actor(user.id, user.name, visitor.address)
        self._audit.record(tx, actor.did("password.changed", user, kind="recovery"))
        changed = people.find_user(connection, user.id) or user
        return changed, self._sessions.opened(tx, changed, visitor)


def _wrong_recovery_code() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This recovery code does not let anybody in.",
        code="wrong_recovery_code",
        hint="Check the e-mail address and the code; each code works once, and only for the owner.",
        field="recovery_code",
    )
