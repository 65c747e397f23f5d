"""Who asks: what the routes of every slice know of the person behind a request."""

from collections.abc import Mapping
from typing import Annotated, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes

from appliance.base.errors import ForbiddenError, UnauthenticatedError
from appliance.base.identity import AccessEnded, Identity, Role, Scope

__all__ = [
    "AccessEnded",
    "Authenticator",
    "ChatCaller",
    "Confirmed",
    "ConfirmedAdmin",
    "Identity",
    "MetricsCaller",
    "ModelCaller",
    "Role",
    "Scope",
    "SignedIn",
    "SignedInAdmin",
    "SignedInSupervisor",
    "identity_of",
]


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


async def identity_of(request: Request, allowed: SecurityScopes, _told: _Told = None) -> Identity:
    """Return who asks, by the authenticator in `app.state.authenticator`.

    Raises:
        UnauthenticatedError: If the credentials are missing, wrong, expired or revoked.
        ForbiddenError: If a program asks whose key has none of the scopes of this route; a
            route that names no scope is for people only.
    """
    authenticator: Authenticator | None = getattr(request.app.state, "authenticator", None)
    if authenticator is None:
        raise UnauthenticatedError("Nobody can sign in at this door.")
    identity = await authenticator.identify(request.headers)
    if identity.scopes is not None and identity.scopes.isdisjoint(allowed.scopes):
        raise ForbiddenError(
            "This API key does not allow that.",
            code="scope_missing",
            hint=f"Needed is the scope {' or '.join(allowed.scopes)}."
            if allowed.scopes
            else "Only a signed-in person may do this.",
        )
    # For layers that end what is open when its access ends.
    request.state.identity = identity
    return identity


async def _supervisor_of(identity: Annotated[Identity, Depends(identity_of)]) -> Identity:
    return _at_least(Role.SUPERVISOR, identity)


async def _admin_of(identity: Annotated[Identity, Depends(identity_of)]) -> Identity:
    return _at_least(Role.ADMIN, identity)


async def _confirmed_of(identity: Annotated[Identity, Depends(identity_of)]) -> Identity:
    return _confirmed(identity)


async def _confirmed_admin_of(identity: Annotated[Identity, Depends(_admin_of)]) -> Identity:
    return _confirmed(identity)


def _confirmed(identity: Identity) -> Identity:
    if not identity.is_confirmed:
        raise ForbiddenError(
            "This needs your password once more.",
            code="confirmation_needed",
            hint="Send it to POST /auth/confirm, then ask again.",
        )
    return identity


def _at_least(needed: Role, identity: Identity) -> Identity:
    if not identity.role.includes(needed):
        raise ForbiddenError(
            f"This needs the role {needed}; yours is {identity.role}.",
            hint="Ask an administrator of this box.",
        )
    return identity


# People only.
SignedIn = Annotated[Identity, Depends(identity_of)]
SignedInSupervisor = Annotated[Identity, Depends(_supervisor_of)]
SignedInAdmin = Annotated[Identity, Depends(_admin_of)]
# People who typed their password a short while ago: for what a stolen session must not do.
Confirmed = Annotated[Identity, Depends(_confirmed_of)]
ConfirmedAdmin = Annotated[Identity, Depends(_confirmed_admin_of)]
# People, and programs whose key has the scope.
ChatCaller = Annotated[Identity, Security(identity_of, scopes=[Scope.CHAT])]
ModelCaller = Annotated[Identity, Security(identity_of, scopes=[Scope.MODELS])]
# The figures of the box are for administrators, and for the keys that they made for monitoring.
MetricsCaller = Annotated[Identity, Security(_admin_of, scopes=[Scope.METRICS])]
