"""Which web pages may change something here: our own, and those that the owner allowed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.errors import ForbiddenError
from appliance.base.web.problems import problem_response

_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_WEB_SCHEMES: Mapping[str, str] = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
_OWN_SITES = frozenset({b"same-origin", b"none"})


@dataclass(frozen=True)
class Origin:
    """Where a page came from (RFC 6454)."""

    scheme: str
    host: str
    port: int


def parsed_origin(text: str) -> Origin | None:
    """Return the origin that `text` names; None for `null` and whatever is not exactly one."""
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    # An origin has nothing but scheme, host and port: a path or a user name makes it a trick.
    bare = f"{parts.scheme}://{parts.netloc}" == text.lower() and "@" not in parts.netloc
    if default is None or not parts.hostname or not bare:
        return None
    port = default if port is None else port
    return Origin(parts.scheme, parts.hostname.removesuffix("."), port)


def is_from_allowed_page(
    *,
    origins: Sequence[bytes],
    fetch_sites: Sequence[bytes],
    own: Origin | None,
    allowed: frozenset[Origin],
) -> bool:
    """Return whether a request that changes something may go on.

    Args:
        origins: All `Origin` headers. Browsers send exactly one with every such request.
        fetch_sites: All `Sec-Fetch-Site` headers, which count when there is no `Origin`.
        own: What the request itself was sent to.
        allowed: Other pages that the owner allowed.
    """
    if not origins:
        # Programs send neither header; a browser's word about a foreign page is enough.
        return all(site in _OWN_SITES for site in fetch_sites)
    if len(origins) > 1:
        return False
    origin = parsed_origin(origins[0].decode("latin-1"))
    return origin is not None and (origin == own or origin in allowed)


class OriginLayer:
    """Answers 403 `origin_refused` when a foreign page wants to change something.

    It also guards WebSockets, to which browsers apply no rules of their own.

    Args:
        app: What is behind it.
        allowed: Pages elsewhere, as `https://example.org`.
        pattern: Regular expression of further ones; empty allows none.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str], *, pattern: str = "") -> None:
        self._app = app
        self._allowed = frozenset(_required_origin(text) for text in allowed)
        self._pattern = re.compile(pattern, re.IGNORECASE) if pattern else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what reads only, and what comes from an allowed page or a program."""
        if self._may_pass(scope):
            await self._app(scope, receive, send)
            return
        refusal = ForbiddenError(
            "The page that sent this request may not change anything here.",
            code="origin_refused",
            hint="Open Nodo by its own address, or add the page's origin to cors_origins.",
        )
        await problem_response(refusal)(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["type"] == "lifespan" or scope.get("method") in _READING_METHODS:
            return True
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        origins = [value for name, value in headers if name == b"origin"]
        sites = [value for name, value in headers if name == b"sec-fetch-site"]
        if not origins and not sites:
            return True
        if len(origins) == 1 and self._is_of_pattern(origins[0].decode("latin-1")):
            return True
        hosts = [value for name, value in headers if name == b"host"]
        own = parsed_origin(_own_address(scope["scheme"], hosts))
        return is_from_allowed_page(
            origins=origins, fetch_sites=sites, own=own, allowed=self._allowed
        )

    def _is_of_pattern(self, origin: str) -> bool:
        return self._pattern is not None and self._pattern.fullmatch(origin) is not None


def _own_address(scheme: str, hosts: Sequence[bytes]) -> str:
    return f"{_WEB_SCHEMES.get(scheme, '')}://{hosts[0].decode('latin-1') if hosts else ''}"


def _required_origin(text: str) -> Origin:
    origin = parsed_origin(text)
    if origin is None:
        raise ValueError(f"{text!r} is not an origin such as https://example.org")
    return origin
