"""What a connection listens by: a token or a key, which is looked at again and again."""

from collections.abc import Mapping

from appliance.base.errors import ForbiddenError, UnauthenticatedError
from appliance.base.identity import Identity, Scope
from appliance.base.web.identity import Authenticator

# A connection ends so long after its access token has expired and was not renewed.
LOOK_EVERY_S = 30.0


class Credentials:
    """The credentials of one connection; a newer token takes the place of one that expires."""

    def __init__(self, authenticator: Authenticator, headers: Mapping[str, str]) -> None:
        self._authenticator = authenticator
        self._headers = headers
        self._identity: Identity | None = None

    @classmethod
    def of_token(cls, authenticator: Authenticator, access_token: str) -> "Credentials":
        """Return those of an access token."""
        return cls(authenticator, _bearer(access_token))

    async def identified(self) -> Identity:
        """Return who listens.

        Raises:
            UnauthenticatedError: If the token is wrong or expired, or its sign-in has ended.
            ForbiddenError: If it is a key without the scope `chat`.
        """
        identity = await self._authenticator.identify(self._headers)
        if identity.scopes is not None and Scope.CHAT not in identity.scopes:
            raise ForbiddenError("This API key does not allow that.", code="scope_missing")
        if self._identity is not None and not _is_same(identity, self._identity):
            raise UnauthenticatedError("These credentials are somebody else's by now.")
        self._identity = identity
        return identity

    async def renew(self, access_token: str) -> None:
        """Go on with a newer token of the same sign-in.

        Raises:
            UnauthenticatedError: If it is not one.
        """
        self._headers = _bearer(access_token)
        await self.identified()


def _is_same(one: Identity, other: Identity) -> bool:
    return (one.session_id, one.user_id, one.role) == (other.session_id, other.user_id, other.role)


def _bearer(access_token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {access_token}"}
