"""Who asks: what the routes of every slice know of the person behind a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from appliance.base.errors import ForbiddenError, UnauthenticatedError


class Role(StrEnum):
    """What a person may do; each role may do all that the one before it may."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def includes(self, needed: "Role") -> bool:
        """Return whether a person of this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Identity:
    """A signed-in person, as of this request.

    Attributes:
        user_id: Whose data may be read and written.
        role: What this person may do.
        name: For greetings and lists.
        language: `es` or `en`, for texts that the box writes by itself.
        session_id: Which sign-in this is.
    """

    user_id: str
    role: Role
    name: str
    language: str
    session_id: str


class Authenticator(Protocol):
    """Finds out who asks; provided by accounts, handed over in the composition root."""

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Return who asks.

        Raises:
            UnauthenticatedError: If the credentials are missing, wrong, expired or revoked.
        """
        ...


# Checks nothing by itself: it makes the described interface say that a token is needed.
_Told = Annotated[object, Security(HTTPBearer(auto_error=False))]


async def identity_of(request: Request, _told: _Told = None) -> Identity:
    """Return who asks, by the authenticator in `app.state.authenticator`."""
    authenticator: Authenticator | None = getattr(request.app.state, "authenticator", None)
    if authenticator is None:
        raise UnauthenticatedError("Nobody can sign in at this door.")
    return await authenticator.identify(request.headers)


SignedIn = Annotated[Identity, Depends(identity_of)]


async def _admin_of(identity: SignedIn) -> Identity:
    if not identity.role.includes(Role.ADMIN):
        raise ForbiddenError(
            f"This needs the role admin; yours is {identity.role}.",
            hint="Ask an administrator of this box.",
        )
    return identity


SignedInAdmin = Annotated[Identity, Depends(_admin_of)]
