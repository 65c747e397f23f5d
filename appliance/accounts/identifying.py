"""Finding out who asks: one signature and one look into memory per request."""

import contextlib
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from appliance.accounts.api_key import LONGEST_KEY, PREFIX, ApiKey, find_key_id, is_key
from appliance.accounts.credentials import find_credential
from appliance.accounts.model import Session, User, is_confirmed
from appliance.accounts.store import api_keys, sign_ins
from appliance.accounts.tokens import AccessClaims, AccessTokens
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.base.errors import StorageFullError, UnauthenticatedError, UnavailableError
from appliance.base.identity import Identity, Role, Scope

MOST_REMEMBERED = 4096
# Within this process a change is known at once. Another process (a command that disables
# somebody) is noticed after this time at the latest.
REMEMBERED_S = 10.0
# When a key was used is for people who tidy up: not worth a write per request.
KEY_USE_NOTED_EVERY = timedelta(minutes=10)


class _Remembered(Protocol):
    @property
    def identity(self) -> Identity: ...
    @property
    def read_at_s(self) -> float: ...


R = TypeVar("R", bound=_Remembered)


@dataclass(frozen=True)
class OpenSession:
    """A sign-in as requests see it.

    Attributes:
        identity: Whose.
        user: The person, as they see themselves.
        token_version: Only access tokens of this version count.
        expires_at: When it ends by itself.
        confirmed_at: When the person last proved that it is them.
        read_at_s: When the database was asked, on the monotonic clock.
    """

    identity: Identity
    user: User
    token_version: int
    expires_at: datetime
    confirmed_at: datetime | None
    read_at_s: float


@dataclass(frozen=True)
class OpenKey:
    """A program's key as requests see it.

    Attributes:
        identity: Whose, and what it allows.
        key: As it is kept.
        read_at_s: When the database was asked, on the monotonic clock.
    """

    identity: Identity
    key: ApiKey
    read_at_s: float


class SessionMemory:
    """The sign-ins and keys that were asked for lately. The truth is in the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Remembered] = OrderedDict()
        self._changes = 0

    @property
    def changes(self) -> int:
        """Return a number that grows with everything that is forgotten."""
        return self._changes

    def find(self, session_id: str, kind: type[R]) -> R | None:
        """Return the sign-in or key if it is of this kind, and fresh in memory."""
        found = self._known.get(session_id)
        if (
            not isinstance(found, kind)
            or self._clock.monotonic_s() - found.read_at_s > REMEMBERED_S
        ):
            return None
        self._known.move_to_end(session_id)
        return found

    def remember(self, session: _Remembered, *, as_of: int) -> None:
        """Keep what was read, unless something has changed since `changes` was `as_of`.

        Otherwise a slow read could bring back a sign-in that was ended in the meantime.
        """
        if as_of != self._changes:
            return
        self._known[session.identity.session_id] = session
        self._known.move_to_end(session.identity.session_id)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def forget_sessions(self, session_ids: Collection[str]) -> None:
        """Ask the database again the next time."""
        self._changes += 1
        for session_id in session_ids:
            self._known.pop(session_id, None)

    def forget_everybody(self) -> None:
        """Ask the database again for all sign-ins: something has changed that concerns everybody."""
        self._changes += 1
        self._known.clear()

    def forget_user(self, user_id: str) -> None:
        """Ask the database again for all sign-ins of this person."""
        self._changes += 1
        mine = [key for key, known in self._known.items() if known.identity.user_id == user_id]
        for session_id in mine:
            del self._known[session_id]


class Identifying:
    """The authenticator of all slices (`appliance.base.web.identity.Authenticator`)."""

    def __init__(
        self, *, database: Database, access: AccessTokens, memory: SessionMemory, clock: Clock
    ) -> None:
        self._database = database
        self._access = access
        self._memory = memory
        self._clock = clock

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Return who asks.

        Raises:
            UnauthenticatedError: If the credentials are missing, wrong, expired or revoked.
        """
        credential = find_credential(headers)
        if credential is None:
            raise UnauthenticatedError(
                "Nobody is signed in.",
                hint="Send the header Authorization: Bearer <access_token>.",
            )
        if credential.startswith(PREFIX):
            return await self._program(credential)
        return await self._person(credential)

    async def _person(self, token: str) -> Identity:
        claims = self._access.read(token)
        known = self._memory.find(claims.session_id, OpenSession)
        session = known or await self._looked_up(claims)
        if (
            session is None
            or session.identity.user_id != claims.user_id
            or session.token_version != claims.token_version
            or self._clock.now() >= session.expires_at
        ):
            raise UnauthenticatedError("This sign-in has ended.", hint="Sign in again.")
        return replace(
            session.identity, is_confirmed=is_confirmed(session.confirmed_at, self._clock.now())
        )

    async def _program(self, text: str) -> Identity:
        key_id = find_key_id(text[:LONGEST_KEY])
        if key_id is None:
            raise _no_such_key()
        remembered = self._memory.find(key_id, OpenKey)
        known = remembered or await self._looked_up_key(key_id)
        if known is None or not is_key(text, known.key.secret_hash):
            raise _no_such_key()
        if known.key.is_over(self._clock.now()):
            raise UnauthenticatedError(
                "This API key has expired.", code="key_expired", hint="Make a new one."
            )
        if remembered is None:
            await self._note_used(known.key)
        return known.identity

    async def _looked_up_key(self, key_id: str) -> OpenKey | None:
        as_of = self._memory.changes
        read_at_s = self._clock.monotonic_s()

        def read(connection: Connection) -> tuple[ApiKey, User] | None:
            return api_keys.find_usable_key(connection, key_id)

        found = await self._database.read(read)
        if found is None:
            return None
        key, user = found
        open_key = OpenKey(_as_program(key, user), key, read_at_s)
        self._memory.remember(open_key, as_of=as_of)
        return open_key

    async def _note_used(self, key: ApiKey) -> None:
        now = self._clock.now()
        if key.last_used_at is not None and now - key.last_used_at < KEY_USE_NOTED_EVERY:
            return
        # A box with a full disk still answers what changes nothing.
        with contextlib.suppress(StorageFullError, UnavailableError):
            await self._database.write(
                lambda tx: api_keys.note_key_used(tx.connection, key.id, at=now)
            )

    async def _looked_up(self, claims: AccessClaims) -> OpenSession | None:
        as_of = self._memory.changes
        read_at_s = self._clock.monotonic_s()
        found = await self._database.read(
            lambda connection: sign_ins.find_open_session(connection, claims.session_id)
        )
        if found is None:
            return None
        session = _as_remembered(*found, read_at_s=read_at_s)
        self._memory.remember(session, as_of=as_of)
        return session


def find_bearer_token(headers: Mapping[str, str]) -> str | None:
    """Return the token of the header `Authorization`; None if there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _as_program(key: ApiKey, user: User) -> Identity:
    return Identity(
        user_id=user.id,
        role=Role(user.role),
        name=user.name,
        language=user.language,
        session_id=key.id,
        scopes=frozenset(Scope(scope) for scope in key.scopes),
    )


def _no_such_key() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This API key is none of this box, or it has ended.",
        code="key_unknown",
        hint="Make one under your account's settings, or at POST /auth/keys.",
    )


def _as_remembered(session: Session, user: User, *, read_at_s: float) -> OpenSession:
    identity = Identity(
        user_id=user.id,
        role=Role(user.role),
        name=user.name,
        language=user.language,
        session_id=session.id,
    )
    return OpenSession(
        identity, user, user.token_version, session.expires_at, session.confirmed_at, read_at_s
    )
