"""Who asks: what the routes of every slice know of the person behind a request."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
    "Demands",
    "Identity",
    "MetricsCaller",
    "ModelCaller",
    "ModelKeeper",
    "Role",
    "Scope",
    "SignedIn",
    "SignedInAdmin",
    "SignedInSupervisor",
    "demands_of",
    "identity_of",
]

# How the lowest role and a fresh proof stand among the scopes of a route.
_ROLE, _CONFIRMED = "role:", "confirmed"


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

    What a route demands is written as its scopes, so that the described interface says the same
    as what is enforced here.

    Raises:
        UnauthenticatedError: If the credentials are missing, wrong, expired or revoked.
        ForbiddenError: If the person has not the role, or has not typed their password lately,
            where the route demands that; if a program asks whose key has none of the scopes of
            the route. A route that names no scope is for people only.
    """
    authenticator: Authenticator | None = getattr(request.app.state, "authenticator", None)
    if authenticator is None:
        raise UnauthenticatedError("Nobody can sign in at this door.")
    identity = await authenticator.identify(request.headers)
    demands = demands_of(allowed.scopes)
    _refuse_out_of_scope(identity, demands)
    _refuse_lesser_role(identity, demands)
    _refuse_unconfirmed(identity, demands)
    # For layers that end what is open when its access ends.
    request.state.identity = identity
    return identity


@dataclass(frozen=True)
class Demands:
    """What a route demands of who calls it.

    Attributes:
        role: The lowest role.
        scopes: Programs may call it whose key has one of these.
        is_confirmed: Whether a person must have typed their password a short while ago.
    """

    role: Role
    scopes: frozenset[Scope]
    is_confirmed: bool


def demands_of(words: Collection[str]) -> Demands:
    """Return what the scopes of a route mean, those of the framework."""
    roles = [role for role in Role if f"{_ROLE}{role}" in words]
    return Demands(
        role=roles[-1] if roles else Role.WORKER,
        scopes=frozenset(scope for scope in Scope if scope in words),
        is_confirmed=_CONFIRMED in words,
    )


def _refuse_out_of_scope(identity: Identity, demands: Demands) -> None:
    if identity.scopes is None or not identity.scopes.isdisjoint(demands.scopes):
        return
    needed = " or ".join(sorted(demands.scopes))
    raise ForbiddenError(
        "This API key does not allow that.",
        code="scope_missing",
        hint=f"Needed is the scope {needed}." if needed else "Only a signed-in person may do this.",
    )


def _refuse_lesser_role(identity: Identity, demands: Demands) -> None:
    if not identity.role.includes(demands.role):
        raise ForbiddenError(
            f"This needs the role {demands.role}; yours is {identity.role}.",
            hint="Ask an administrator of this box.",
        )


def _refuse_unconfirmed(identity: Identity, demands: Demands) -> None:
    if demands.is_confirmed and not identity.is_confirmed:
        raise ForbiddenError(
            "This needs your password once more.",
            code="confirmation_needed",
            hint="Send it to POST /auth/confirm, then ask again.",
        )


# People only.
SignedIn = Annotated[Identity, Depends(identity_of)]
SignedInSupervisor = Annotated[Identity, Security(identity_of, scopes=[_ROLE + Role.SUPERVISOR])]
SignedInAdmin = Annotated[Identity, Security(identity_of, scopes=[_ROLE + Role.ADMIN])]
# People who typed their password a short while ago: for what a stolen session must not do.
Confirmed = Annotated[Identity, Security(identity_of, scopes=[_CONFIRMED])]
ConfirmedAdmin = Annotated[Identity, Security(identity_of, scopes=[_ROLE + Role.ADMIN, _CONFIRMED])]
# People, and programs whose key has the scope.
ChatCaller = Annotated[Identity, Security(identity_of, scopes=[Scope.CHAT])]
ModelCaller = Annotated[Identity, Security(identity_of, scopes=[Scope.MODELS])]
# Administrators, and programs that may use models with a key that one of them made.
ModelKeeper = Annotated[Identity, Security(identity_of, scopes=[_ROLE + Role.ADMIN, Scope.MODELS])]
# The figures of the box are for administrators, and for the keys that they made for monitoring.
MetricsCaller = Annotated[
    Identity, Security(identity_of, scopes=[_ROLE + Role.ADMIN, Scope.METRICS])
]
