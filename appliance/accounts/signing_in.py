"""Signing in, staying signed in, signing out."""

from collections.abc import Collection

from appliance.accounts.devices import Visitor
from appliance.accounts.ending import Ending
from appliance.accounts.model import RefreshDecision, Session, User
from appliance.accounts.model import refresh_decision as decided
from appliance.accounts.passwords import Comparison
from appliance.accounts.proving import Proving, wrong_credentials
from appliance.accounts.second_step import SecondStep
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.store import people, sign_ins
from appliance.accounts.tokens import AccessTokens, RefreshClaims, RefreshTokens
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import UnauthenticatedError


class SigningIn:
    """What a person does at the door: come in, have the pass renewed, leave."""

    def __init__(
        self,
        *,
        database: Database,
        proving: Proving,
        second_step: SecondStep,
        sessions: Sessions,
        access: AccessTokens,
        refresh: RefreshTokens,
        ending: Ending,
        clock: Clock,
    ) -> None:
        self._database = database
        self._proving = proving
        self._second_step = second_step
        self._sessions = sessions
        self._access = access
        self._refresh = refresh
        self._ending = ending
        self._clock = clock

    async def login(self, email: str, password: str, visitor: Visitor) -> SignedInUser:
        """Return the tokens of a new sign-in.

        Raises:
            UnauthenticatedError: If the e-mail address or the password is wrong; which one is
                not said. Or, after the right password, if the account is disabled or waits, or
                if a second factor is needed: then it carries the token for `SecondStep`.
            TooManyRequestsError: If too many people are signing in at once.
        """
        proved = await self._proving.by_password(email, password, visitor)

        def open_session(transaction: Transaction) -> tuple[User, Session | None]:
            current = allowed_in(transaction, proved.user)
            _keep_better_hash(transaction, current, proved.comparison)
            if current.mfa_enabled:
                return current, None
            return current, self._sessions.opened(transaction, current, visitor)

        current, session = await self._database.write(open_session)
        if session is None:
            self._second_step.demand(current)
        return self._sessions.handed_out(current, session, visitor)

    async def refresh(self, refresh_token: str) -> SignedInUser:
        """Return a new pair of tokens for a refresh token, which is used up by that.

        Raises:
            UnauthenticatedError: If the sign-in has ended, or ends by this: an old token that
                comes again is in somebody else's hands. Or if the account is disabled.
        """
        claims = self._refresh.find(refresh_token)
        if claims is None:
            raise _session_ended()
        renewed = await self._database.write(lambda tx: self._renewed(tx, claims))
        if renewed is None:
            raise _session_ended()
        return self._sessions.handed_out(*renewed)

    async def logout(self, *, refresh_tokens: Collection[str], access_token: str | None) -> None:
        """End the sign-ins of these tokens at once; unknown tokens are no matter."""
        named = [self._refresh.find(token) for token in refresh_tokens]
        session_ids = {claims.session_id for claims in named if claims is not None}
        if access_token is not None:
            session_ids |= self._session_of(access_token)
        if session_ids:
            await self._database.write(lambda tx: self._sign_out(tx, session_ids))

    def _renewed(
        self, transaction: Transaction, claims: RefreshClaims
    ) -> tuple[User, Session] | None:
        connection = transaction.connection
        session = sign_ins.locked_session(connection, claims.session_id)
        user = session and people.find_user(connection, session.user_id)
        if session is None or user is None:
            return None
        if user.disabled_at is not None:
            raise _account_disabled()
        if not user.may_sign_in:
            return None
        now = self._clock.now()
        match decided(session, generation=claims.generation, now=now):
            case RefreshDecision.ROTATE:
                return user, self._sessions.renewed(transaction, session)
            case RefreshDecision.REPEAT:
                return user, session
            case RefreshDecision.REVOKE:
                self._ending.end_stolen(transaction, user, session, generation=claims.generation)
                return None
            case RefreshDecision.REFUSE:
                return None

    def _sign_out(self, transaction: Transaction, session_ids: Collection[str]) -> None:
        connection = transaction.connection
        for session_id in sorted(session_ids):
            session = sign_ins.locked_session(connection, session_id)
            user = session and people.find_user(connection, session.user_id)
            if session is not None and user is not None and session.ended_at is None:
                self._ending.sign_out(transaction, user, session)

    def _session_of(self, access_token: str) -> set[str]:
        try:
            return {self._access.read_expired(access_token).session_id}
        except UnauthenticatedError:
            return set()


def allowed_in(transaction: Transaction, user: User) -> User:
    """Return the person as of now, whose password was compared a moment ago.

    Raises:
        UnauthenticatedError: If they may not sign in, or have another password by now.
    """
    current = people.locked_user(transaction.connection, user.id)
    if current is None or current.password_hash != user.password_hash:
        raise wrong_credentials()
    if current.disabled_at is not None:
        raise _account_disabled()
    if current.waiting_since is not None:
        raise UnauthenticatedError(
            "This account waits for an administrator to let it in.",
            code="account_waiting",
            hint="Ask an administrator of this box.",
        )
    return current


def _keep_better_hash(transaction: Transaction, user: User, comparison: Comparison) -> None:
    if comparison.better_hash is not None:
        people.update_password_hash(transaction.connection, user.id, comparison.better_hash)


def _account_disabled() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This account is disabled.",
        code="account_disabled",
        hint="Ask an administrator of this box.",
    )


def _session_ended() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This sign-in has ended.", code="session_ended", hint="Sign in again."
    )
