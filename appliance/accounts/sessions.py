"""Opening a sign-in and handing out its tokens."""

from dataclasses import dataclass

from appliance.accounts.model import SESSION_LIFETIME, Session, User
from appliance.accounts.store import sign_ins
from appliance.accounts.tokens import AccessTokens, RefreshTokens, seconds_until
from appliance.base.clock import Clock
from appliance.base.database.transaction import Transaction
from appliance.base.ids import Ids


@dataclass(frozen=True)
class SignedInUser:
    """What a person gets who has signed in.

    Attributes:
        user: Who.
        access_token: For `Authorization: Bearer`.
        access_valid_s: For so many seconds.
        refresh_token: For the next access token.
        session_valid_s: After so many seconds one has to sign in again.
    """

    user: User
    access_token: str
    access_valid_s: int
    refresh_token: str
    session_valid_s: int


class Sessions:
    """Opens sign-ins within a transaction, and makes the tokens of those that are open."""

    def __init__(
        self, *, access: AccessTokens, refresh: RefreshTokens, clock: Clock, ids: Ids
    ) -> None:
        self._access = access
        self._refresh = refresh
        self._clock = clock
        self._ids = ids

    def opened(self, transaction: Transaction, user: User) -> Session:
        """Return a new sign-in of this person, written."""
        now = self._clock.now()
        session = Session(
            id=self._ids.new_id(),
            user_id=user.id,
            generation=1,
            created_at=now,
            rotated_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
        sign_ins.insert_session(transaction.connection, session)
        return session

    def handed_out(self, user: User, session: Session) -> SignedInUser:
        """Return the tokens of an open sign-in: a new access token, its newest refresh token."""
        access_token, access_valid_s = self._access.issued(user, session)
        return SignedInUser(
            user=user,
            access_token=access_token,
            access_valid_s=access_valid_s,
            refresh_token=self._refresh.token_of(session),
            session_valid_s=seconds_until(session.expires_at, self._clock.now()),
        )
