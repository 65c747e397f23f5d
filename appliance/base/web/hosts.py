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


def is_near_address(name: str) -> bool:
    """Return whether a host is an address of this computer or its network, and no name.

    A page cannot make a browser send such a host: DNS rebinding needs a name of its own.
    """
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_private


class HostLayer:
    """Answers 421 to requests for names that are not on the door's list.

    Args:
        app: What is behind it.
        allowed: Names and addresses; `*.local` stands for all names that end so.
        allows_near_addresses: Whether any address of this computer or its network is right too.
    """

    def __init__(
        self, app: ASGIApp, allowed: Iterable[str], *, allows_near_addresses: bool = False
    ) -> None:
        self._app = app
        names = list(allowed)
        self._allowed = canonical_hosts(name for name in names if not name.startswith("*."))
        self._endings = tuple(name[1:].lower() for name in names if name.startswith("*."))
        self._allows_near_addresses = allows_near_addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for this door."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        name = host_name([value for header, value in scope["headers"] if header == b"host"])
        if name is not None and self._is_allowed(name):
            await self._app(scope, receive, send)
            return
        refusal = MisdirectedError(
            "This address is not one that this box answers to."
            if name is not None
            else "The header Host is missing, repeated or malformed.",
            hint="Use the address that Nodo showed when it started.",
        )
        await problem_response(refusal)(scope, receive, send)

    def _is_allowed(self, name: str) -> bool:
        if name in self._allowed:
            return True
        if self._allows_near_addresses and is_near_address(name):
            return True
        return bool(self._endings) and name.endswith(self._endings)
