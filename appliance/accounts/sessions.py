"""Opening a sign-in and handing out its tokens."""

from dataclasses import dataclass, replace

from appliance.accounts.devices import KnownDevices, Visitor
from appliance.accounts.model import SESSION_LIFETIME, Session, User
from appliance.accounts.store import people, sign_ins
from appliance.accounts.tokens import AccessTokens, RefreshTokens, seconds_until
from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import AuditEntry
from appliance.base.clock import Clock
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.events import Events
from appliance.base.ids import Ids
from appliance.base.live.model import LiveEvent, ToUser


@dataclass(frozen=True)
class SignedInUser:
    """What a person gets who has signed in.

    Attributes:
        user: Who.
        access_token: For `Authorization: Bearer`.
        access_valid_s: For so many seconds.
        refresh_token: For the next access token.
        session_valid_s: After so many seconds one has to sign in again.
        device_cookie: By which the device is known from now on; None leaves it as it is.
    """

    user: User
    access_token: str
    access_valid_s: int
    refresh_token: str
    session_valid_s: int
    device_cookie: str | None = None


class Sessions:
    """Opens sign-ins within a transaction, and makes the tokens of those that are open."""

    def __init__(
        self,
        *,
        access: AccessTokens,
        refresh: RefreshTokens,
        devices: KnownDevices,
        audit: AuditLog,
        events: Events,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._access = access
        self._refresh = refresh
        self._devices = devices
        self._audit = audit
        self._events = events
        self._clock = clock
        self._ids = ids

    def opened(self, transaction: Transaction, user: User, visitor: Visitor) -> Session:
        """Return a new sign-in of this person, written; they have just proved that it is them.

        It stands in the audit log, and they are told of a device that they never came with.
        """
        now = self._clock.now()
        session = Session(
            id=self._ids.new_id(),
            user_id=user.id,
            generation=1,
            created_at=now,
            rotated_at=now,
            expires_at=now + SESSION_LIFETIME,
            confirmed_at=now,
            last_used_at=now,
            device=visitor.device,
            address=visitor.address or "",
        )
        connection = transaction.connection
        is_new_device = self._is_new_device(connection, session, user, visitor)
        sign_ins.insert_session(connection, session)
        people.update_last_seen(connection, user.id, at=now)
        self._audit.record(transaction, _signed_in(user, session, is_new_device=is_new_device))
        if is_new_device:
            transaction.after_commit(lambda: self._events.publish(_new_sign_in(session)))
        return session

    def renewed(self, transaction: Transaction, session: Session) -> Session:
        """Return a sign-in whose next refresh token is given out, written."""
        now, connection = self._clock.now(), transaction.connection
        renewed = replace(
            session, generation=session.generation + 1, rotated_at=now, last_used_at=now
        )
        sign_ins.update_generation(connection, renewed)
        people.update_last_seen(connection, session.user_id, at=now)
        return renewed

    def handed_out(
        self, user: User, session: Session, visitor: Visitor | None = None
    ) -> SignedInUser:
        """Return the tokens of an open sign-in: a new access token, its newest refresh token.

        Args:
            user: Whose it is.
            session: As it is written.
            visitor: Who has just proved to be this person; their device is known from now on.
        """
        access_token, access_valid_s = self._access.issued(user, session)
        return SignedInUser(
            user=user,
            access_token=access_token,
            access_valid_s=access_valid_s,
            refresh_token=self._refresh.token_of(session),
            session_valid_s=seconds_until(session.expires_at, self._clock.now()),
            device_cookie=visitor and self._devices.renewed(visitor.device_cookie, user),
        )

    def _is_new_device(
        self, connection: Connection, session: Session, user: User, visitor: Visitor
    ) -> bool:
        if self._devices.find_known(visitor.device_cookie, user) is not None:
            return False
        # Programs keep no cookie; whoever comes again from the same place with the same is known.
        return not sign_ins.has_come_with(
            connection, user.id, device=session.device, address=session.address
        )


def _signed_in(user: User, session: Session, *, is_new_device: bool) -> AuditEntry:
    return AuditEntry(
        action="login.done",
        actor_id=user.id,
        actor_name=user.name,
        target_kind="session",
        target_id=session.id,
        address=session.address or None,
        details={"device": session.device, "is_new_device": is_new_device},
    )


def _new_sign_in(session: Session) -> LiveEvent:
    at = session.created_at.isoformat().replace("+00:00", "Z")
    data = {"code": "new_sign_in", "device": session.device, "at": at}
    return LiveEvent(ToUser(session.user_id), "notice", data)
