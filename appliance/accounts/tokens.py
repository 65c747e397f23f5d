"""What a signed-in program carries: access tokens (JWT) and refresh tokens (sealed numbers)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt

from appliance.accounts.model import ACCESS_LIFETIME, Session, User
from appliance.base.clock import Clock
from appliance.base.errors import SettingError, UnauthenticatedError
from appliance.base.ids import Ids

SHORTEST_KEY_BYTES = 32
AUDIENCE = "nodo-api"
_ALGORITHM = "HS256"
_LONGEST_TOKEN = 4096
_CLAIMS = ("iss", "aud", "typ", "sub", "sid", "ver", "jti", "iat", "exp")
_LARGEST_GENERATION_DIGITS = 9
_MOST_REMEMBERED = 1024


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says, once its signature is right.

    Attributes:
        user_id: Whose it is.
        session_id: Of which sign-in.
        token_version: The person's at the time of issue.
        expires_at_s: Unix time at which it ends.
    """

    user_id: str
    session_id: str
    token_version: int
    expires_at_s: int


@dataclass(frozen=True)
class RefreshClaims:
    """What a refresh token says, once its seal is right: which one it is of which session."""

    session_id: str
    generation: int


class AccessTokens:
    """Issues and reads JWTs of this box (HS256, RFC 7519).

    Args:
        signing_key: At least 32 bytes.
        box_id: Issuer: tokens of another box are refused.
        clock: For issue and expiry.
        ids: For `jti`.

    Raises:
        SettingError: If the key is too short to be safe.
    """

    def __init__(self, signing_key: bytes, *, box_id: str, clock: Clock, ids: Ids) -> None:
        if len(signing_key) < SHORTEST_KEY_BYTES:
            raise SettingError(
                f"The signing key has {len(signing_key)} bytes; "
                f"{SHORTEST_KEY_BYTES} or more are needed.",
                hint="Set jwt_secret to 32 or more random characters, or leave it out.",
            )
        self._key = signing_key
        self._issuer = f"nodo:{box_id}"
        self._clock = clock
        self._ids = ids
        self._decoder = jwt.PyJWT(
            {
                "require": list(_CLAIMS),
                # By our own clock below; and a clock that was set back must not lock all out.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            }
        )
        # A tab sends the same token with every request: its signature stays right or wrong.
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._verified)

    def issued(self, user: User, session: Session) -> tuple[str, int]:
        """Return a new token and the seconds that it is valid."""
        now = self._clock.now()
        expires_at_s = int(min(now + ACCESS_LIFETIME, session.expires_at).timestamp())
        issued_at_s = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "typ": "access",
            "sub": user.id,
            "sid": session.id,
            "ver": user.token_version,
            "jti": self._ids.new_id(),
            "iat": issued_at_s,
            "exp": expires_at_s,
        }
        token = jwt.encode(claims, self._key, algorithm=_ALGORITHM)
        return token, expires_at_s - issued_at_s

    def read(self, token: str) -> AccessClaims:
        """Return what a valid token says.

        Raises:
            UnauthenticatedError: If it is not ours, was changed, or has expired.
        """
        claims = self.read_expired(token)
        if self._clock.now().timestamp() >= claims.expires_at_s:
            raise UnauthenticatedError(
                "The access token has expired.",
                code="token_expired",
                hint="Get a new one from POST /auth/refresh.",
            )
        return claims

    def read_expired(self, token: str) -> AccessClaims:
        """Like `read`, also after the expiry: enough to sign out with.

        Raises:
            UnauthenticatedError: If it is not ours or was changed.
        """
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise _not_ours()
        return self._remembered(token)

    def _verified(self, token: str) -> AccessClaims:
        try:
            claims = self._decoder.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
            )
        except jwt.PyJWTError as error:
            raise _not_ours() from error
        return _access_claims(claims)


class RefreshTokens:
    """Makes and reads refresh tokens `session.generation.seal`.

    The seal is a keyed hash of the rest. So the successor of a token can be made again while
    two tabs ask for it at once, and the database holds nothing that opens a session
    (docs/decisions/0006-refresh-tokens.md).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token_of(self, session: Session) -> str:
        """Return the newest token of the session, always the same for one generation."""
        return self._sealed(RefreshClaims(session.id, session.generation))

    def find(self, token: str) -> RefreshClaims | None:
        """Return what an authentic token says; None for any other text."""
        session_id, _, rest = token.partition(".")
        number = rest.partition(".")[0]
        is_number = token.isascii() and number.isdecimal()
        if not is_number or len(number) > _LARGEST_GENERATION_DIGITS:
            return None
        claims = RefreshClaims(session_id, int(number))
        return claims if hmac.compare_digest(self._sealed(claims), token) else None

    def _sealed(self, claims: RefreshClaims) -> str:
        said = f"{claims.session_id}.{claims.generation}"
        text = f"nodo refresh token\n{said}".encode()
        seal = base64.urlsafe_b64encode(hmac.digest(self._key, text, hashlib.sha256))
        return f"{said}.{seal.decode('ascii').rstrip('=')}"


def seconds_until(later: datetime, now: datetime) -> int:
    """Return the whole seconds from `now` to `later`; 0 if that has passed."""
    return max(0, int((later - now).total_seconds()))


def _access_claims(claims: dict[str, Any]) -> AccessClaims:
    user_id, session_id = claims["sub"], claims["sid"]
    version, expires_at_s = claims["ver"], claims["exp"]
    is_well_formed = (
        claims["typ"] == "access"
        and isinstance(user_id, str)
        and isinstance(session_id, str)
        and type(version) is int
        and type(expires_at_s) is int
    )
    if not is_well_formed:
        raise _not_ours()
    return AccessClaims(user_id, session_id, version, expires_at_s)


def _not_ours() -> UnauthenticatedError:
    return UnauthenticatedError(
        "The access token is not one of this box.",
        hint="Sign in at POST /auth/login.",
    )
