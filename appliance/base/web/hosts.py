"""Which names a door answers to: the first thing that is looked at in a request.

A web page can make a browser send requests to this computer under a name of the page's own
(DNS rebinding). Such requests carry that name in `Host`, so names we do not know are refused.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.errors import ApplianceError
from appliance.base.web.problems import problem_response

_NAME = r"[a-z0-9](?:[a-z0-9_.-]{0,251}[a-z0-9])?\.?"
_HOST = re.compile(rf"({_NAME}|\[[0-9a-f:.]{{2,45}}\])(?::([0-9]{{1,5}}))?")
_LARGEST_PORT = 65535


class MisdirectedError(ApplianceError):
    """The request was meant for somebody else, or is a trick."""

    status = 421
    code = "host_refused"


def host_name(values: Sequence[bytes]) -> str | None:
    """Return the name in the `Host` header, in lower case and without port; None if unusable.

    Args:
        values: All `Host` headers of the request; exactly one is allowed.
    """
    if len(values) != 1:
        return None
    match = _HOST.fullmatch(values[0].decode("latin-1").lower())
    if match is None:
        return None
    name, port = match.groups()
    if port is not None and not 0 < int(port) <= _LARGEST_PORT:
        return None
    return _canonical(name)


def canonical_hosts(names: Iterable[str]) -> frozenset[str]:
    """Return the names of an allow-list, each in the form that `host_name` gives.

    Raises:
        ValueError: If one of them is no host name or address (a port is not part of it).
    """
    found: set[str] = set()
    for name in names:
        text = name.lower()
        canonical = _canonical(f"[{text}]" if ":" in text and text[0] != "[" else text)
        if canonical is None or host_name([canonical.encode("ascii", "replace")]) != canonical:
            raise ValueError(f"{name!r} is not a host name or address")
        found.add(canonical)
    return frozenset(found)


def _canonical(name: str) -> str | None:
    if not name.startswith("["):
        return name.removesuffix(".")
    try:
        return f"[{ipaddress.IPv6Address(name.strip('[]'))}]"
    except ValueError:
        return None


class HostLayer:
    """Answers 421 to requests for names that are not on the door's list."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = canonical_hosts(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for this door."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        name = host_name([value for header, value in scope["headers"] if header == b"host"])
        if name is not None and name in self._allowed:
            await self._app(scope, receive, send)
            return
        refusal = MisdirectedError(
            "This address is not one that this box answers to."
            if name is not None
            else "The header Host is missing, repeated or malformed.",
            hint="Use the address that Nodo showed when it started.",
        )
        await problem_response(refusal)(scope, receive, send)
