"""Who asks, decided by the test: stands in for accounts wherever an `Authenticator` is needed."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from appliance.base.errors import UnauthenticatedError
from appliance.base.web.identity import Identity, Role, Scope


class KnownPeople:
    """Takes a bearer token for the id of a known person; everybody else is nobody.

    With `everybody` set, every request is that person's, whatever its headers say.
    """

    def __init__(self, *people: Identity, everybody: Identity | None = None) -> None:
        self._people = {person.user_id: person for person in people}
        self._everybody = everybody

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Return who asks, like the real one.

        Raises:
            UnauthenticatedError: If nobody is known by that token.
        """
        if self._everybody is not None:
            return self._everybody
        lowered = {name.lower(): value for name, value in headers.items()}
        token = lowered.get("authorization", "").removeprefix("Bearer ")
        if token not in self._people:
            raise UnauthenticatedError("Nobody is signed in.")
        return self._people[token]


class KnownSignIns:
    """Knows which sign-ins have ended without anybody being told: those in `ended`."""

    def __init__(self) -> None:
        self.ended: set[str] = set()

    async def ended_among(self, identities: Collection[Identity]) -> Collection[Identity]:
        """Return those whose sign-in is in `ended`."""
        return [one for one in identities if one.session_id in self.ended]


def still_signed_in() -> KnownSignIns:
    """Return somebody who knows of no sign-in that has ended."""
    return KnownSignIns()


def person(
    user_id: str,
    role: Role = Role.WORKER,
    *,
    name: str = "Ana",
    language: str = "es",
    session_id: str = "session-1",
) -> Identity:
    """Return somebody for `KnownPeople`."""
    return Identity(user_id=user_id, role=role, name=name, language=language, session_id=session_id)


def program(user_id: str, role: Role = Role.WORKER, *, scopes: frozenset[Scope]) -> Identity:
    """Return a program of somebody, for `KnownPeople`."""
    return replace(person(user_id, role, session_id=f"key of {user_id}"), scopes=scopes)


def signed_in_as(
    user_id: str,
    role: Role = Role.WORKER,
    *,
    name: str = "Ana",
    language: str = "es",
    session_id: str = "session-1",
) -> KnownPeople:
    """Return an authenticator to whom every request is this person's."""
    return KnownPeople(
        everybody=person(user_id, role, name=name, language=language, session_id=session_id)
    )


def signed_in_by_token(*people: Identity) -> KnownPeople:
    """Return an authenticator that tells people apart by `Authorization: Bearer <user id>`."""
    return KnownPeople(*people)


def nobody_signed_in() -> KnownPeople:
    """Return an authenticator that knows nobody."""
    return KnownPeople()
