"""The second step of signing in: after the password, the code."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import NoReturn

from appliance.accounts.acting import Actor
from appliance.accounts.delaying import Delaying, Key
from appliance.accounts.devices import KnownDevices, Visitor
from appliance.accounts.model import Session, User
from appliance.accounts.second_factor import METHODS, SecondFactors, wrong_code
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.store import people
from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import Outcome
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ApplianceError, ForbiddenError, UnauthenticatedError
from appliance.base.ids import Ids

VALID_S = 5 * 60.0
MOST_TRIES = 5
_MOST_PENDING = 1000


@dataclass
class _Pending:
    user: User
    began_at_s: float
    tries: int = 0


class SecondStep:
    """Lets those in who have shown their password and now show their second factor.

    Who stands between the two steps is known in memory only: after a restart one begins again.
    """

    def __init__(
        self,
        *,
        database: Database,
        factors: SecondFactors,
        delaying: Delaying,
        devices: KnownDevices,
        sessions: Sessions,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._factors = factors
        self._delaying = delaying
        self._devices = devices
        self._sessions = sessions
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def demand(self, user: User) -> NoReturn:
        """Ask somebody for the second factor whose password was right.

        Raises:
            UnauthenticatedError: Always; it carries the token for the second step.
        """
        token = self._ids.new_secret()
        self._pending[token] = _Pending(user, self._clock.monotonic_s())
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem(last=False)
        raise UnauthenticatedError(
            "The second factor is missing.",
            code="mfa_required",
            hint="Send the code to POST /auth/mfa/verify.",
            mfa_token=token,
            methods=list(METHODS),
        )

    async def verify(self, token: str, code: str, visitor: Visitor) -> SignedInUser:
        """Return the tokens of a new sign-in.

        Raises:
            UnauthenticatedError: If the code is wrong, or the token too old or tried too often.
            TooManyRequestsError: If too many are trying at once.
        """
        pending = self._tried(token)
        async with self._delaying.attempt(self._key_of(pending.user, visitor)) as attempt:
            entered = await self._database.write(
                lambda tx: self._entered(tx, pending.user, code, visitor)
            )
            attempt.is_success = entered is not None
        if entered is None:
            raise wrong_code(UnauthenticatedError)
        self._pending.pop(token, None)
        return self._sessions.handed_out(*entered, visitor)

    async def again(self, user: User, session_id: str, code: str | None) -> None:
        """Let a signed-in person pass whose code is right, or who needs none.

        Args:
            user: Who.
            session_id: By which sign-in; tries are counted by it.
            code: Of their second factor.

        Raises:
            ForbiddenError: If the code is wrong or missing.
            TooManyRequestsError: If too many are trying at once.
        """
        if not user.mfa_enabled:
            return
        if code is None:
            raise ForbiddenError(
                "The code of the second factor is missing.",
                code="mfa_code_missing",
                hint="Send one of the app, or a recovery code.",
                field="code",
            )
        async with self._delaying.attempt(Key("second factor", session_id)) as attempt:
            taken = await self._database.write(lambda tx: self._taken(tx, user, code))
            attempt.is_success = taken
        if not taken:
            raise wrong_code(ForbiddenError)

    def _key_of(self, user: User, visitor: Visitor) -> Key:
        # Whoever knows the password could get ever new tokens: tries count per person. But their
        # own device counts by itself, or such a one could keep them out.
        device = self._devices.find_known(visitor.device_cookie, user)
        own = user.id if device is None else f"{device.device_id} {user.id}"
        return Key("second factor", own)

    def _taken(self, tx: Transaction, user: User, code: str) -> bool:
        people.locked_user(tx.connection, user.id)
        return self._factors.take(tx, user, code) is not None

    def _tried(self, token: str) -> _Pending:
        pending = self._pending.get(token)
        if pending is not None:
            pending.tries += 1
            if pending.tries <= MOST_TRIES and not self._is_old(pending):
                return pending
            del self._pending[token]
        raise _expired()

    def _is_old(self, pending: _Pending) -> bool:
        return self._clock.monotonic_s() - pending.began_at_s >= VALID_S

    def _entered(
        self, tx: Transaction, known: User, code: str, visitor: Visitor
    ) -> tuple[User, Session] | None:
        user = people.locked_user(tx.connection, known.id)
        is_same = user is not None and user.password_version == known.password_version
        if user is None or not is_same or not user.may_sign_in or not user.mfa_enabled:
            raise _expired()
        if self._factors.take(tx, user, code) is None:
            actor = Actor(None, "", visitor.address)
            entry = actor.did("login.refused", user, device=visitor.device, step="second factor")
            self._audit.record(tx, replace(entry, outcome=Outcome.REFUSED))
            return None
        return user, self._sessions.opened(tx, user, visitor)


def _expired() -> ApplianceError:
    return UnauthenticatedError(
        "The second step of this sign-in is over.",
        code="mfa_expired",
        hint="Begin again with the password.",
    )
