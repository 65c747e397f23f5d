"""The one reader of credentials: where a request says who asks, and that it says it once."""

from collections.abc import Mapping

from appliance.base.errors import UnauthenticatedError


def find_credential(headers: Mapping[str, str]) -> str | None:
    """Return the token or key of a request; None if it has none.

    It stands in `Authorization: Bearer …` or, as some programs have it, in `x-api-key`.

    Raises:
        UnauthenticatedError: If the request names two different ones: layers in front of us
            might believe the one, and we the other.
    """
    found = {
        credential
        for name, value in headers.items()
        if (credential := _credential_in(name.lower(), value))
    }
    if len(found) > 1:
        raise UnauthenticatedError(
            "The request has two different credentials.",
            code="credentials_differ",
            hint="Send Authorization: Bearer … or x-api-key, not both.",
        )
    return found.pop() if found else None


def _credential_in(name: str, value: str) -> str:
    if name == "x-api-key":
        return value.strip()
    if name != "authorization":
        return ""
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
