"""A door: the chain of layers between a listener and an application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from appliance.base.clock import Clock
from appliance.base.ids import Ids
from appliance.base.web.bodies import BodyLayer, BodyPace
from appliance.base.web.dialects import Dialect, DialectLayer
from appliance.base.web.hosts import HostLayer
from appliance.base.web.identity import Authenticator
from appliance.base.web.limits import DEFAULT_RATE_RULES, BodyLimit, RateRule
from appliance.base.web.origins import OriginLayer
from appliance.base.web.problems import LastResort
from appliance.base.web.rate import RateLayer
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.request_log import AccessLogLayer, RequestNameLayer
from appliance.base.web.room import Room, RoomLayer
from appliance.base.web.security_headers import SecurityHeaderLayer

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_CORS_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CORS_REQUEST_HEADERS = ("Authorization", "Content-Type", "Last-Event-ID", "X-Nodo-Client")
# What the libraries of Ollama and OpenAI send from within pages.
_CORS_PROGRAM_HEADERS = (
    *_CORS_REQUEST_HEADERS,
    "User-Agent",
    "Accept",
    "X-Requested-With",
    "OpenAI-Beta",
    *(
        f"X-Stainless-{name}"
        for name in "Lang Package-Version OS Arch Runtime Runtime-Version Async Helper-Method"
        " Poll-Helper Custom-Poll-Interval Retry-Count Timeout".split()
    ),
)
_CORS_ANSWER_HEADERS = (
    "Retry-After",
    "X-Request-Id",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)


@dataclass(frozen=True)
class DoorPolicy:
    """What one door lets through. Every door has its own.

    Attributes:
        name: `local`, `lan`, `tunnel`, `ollama`; log lines carry it.
        allowed_hosts: Names and addresses in `Host` that it answers to, without ports; `*.local`
            stands for all names that end so.
        allows_near_addresses: Whether it answers to any address of this computer and its network.
        allowed_origins: Pages elsewhere that may use it (CORS), as `https://example.org`.
        origin_pattern: Regular expression of further ones, which send no cookies.
        body_limits: Routes whose bodies may be larger or must be smaller than 1 MiB.
        body_pace: How slow a body may come.
        rate_rules: How often routes may be asked; empty counts nothing.
        extra_headers: More headers for every answer, such as HSTS behind TLS.
        quiet_paths: Asked so often that their log lines are DEBUG.
        dialects: Routes whose problems are told in the words of other systems.
    """

    name: str
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    allows_near_addresses: bool = False
    allowed_origins: tuple[str, ...] = ()
    origin_pattern: str = ""
    body_limits: tuple[BodyLimit, ...] = ()
    body_pace: BodyPace = field(default_factory=BodyPace)
    rate_rules: tuple[RateRule, ...] = DEFAULT_RATE_RULES
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    quiet_paths: tuple[str, ...] = ("/health", "/metrics")
    dialects: tuple[Dialect, ...] = ()


@dataclass(frozen=True)
class DoorParts:
    """What the doors of one box have in common.

    Attributes:
        clock: Measures requests and windows.
        ids: Names requests.
        counters: Counts requests; doors that share it share their counts.
        authenticator: Knows people, for the rules that count per person.
        room: Knows whether the disk is full.
        find_device: Knows devices by their cookies, for the rules that count per device.
    """

    clock: Clock
    ids: Ids
    counters: RateCounters
    authenticator: Authenticator | None = None
    room: Room | None = None
    find_device: Callable[[Mapping[str, str]], str | None] | None = None


def protected(app: ASGIApp, policy: DoorPolicy, parts: DoorParts) -> ASGIApp:
    """Return `app` behind the door's layers.

    The cheapest and strictest checks come first: nothing is counted for a wrong host, and no
    body is read for a foreign page.

    Raises:
        ValueError: If a host or an origin of the policy is malformed.
    """
    layer = app if parts.room is None else RoomLayer(app, parts.room)
    if policy.rate_rules:
        layer = RateLayer(
            layer,
            policy.rate_rules,
            parts.counters,
            parts.clock,
            parts.authenticator,
            find_device=parts.find_device,
        )
    layer = BodyLayer(layer, parts.clock, policy.body_limits, policy.body_pace)
    layer = OriginLayer(layer, policy.allowed_origins, pattern=policy.origin_pattern)
    if policy.allowed_origins or policy.origin_pattern:
        layer = _open_to_pages(layer, policy.allowed_origins, policy.origin_pattern)
    layer = HostLayer(
        layer, policy.allowed_hosts, allows_near_addresses=policy.allows_near_addresses
    )
    layer = SecurityHeaderLayer(LastResort(layer), policy.extra_headers)
    layer = DialectLayer(layer, policy.dialects)
    layer = AccessLogLayer(layer, parts.clock, door=policy.name, quiet_paths=policy.quiet_paths)
    return RequestNameLayer(layer, parts.ids)


def _open_to_pages(app: ASGIApp, origins: tuple[str, ...], pattern: str) -> ASGIApp:
    # Outside of the limits: a page must be able to read that it asked too often.
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_origin_regex=pattern or None,
        allow_methods=_CORS_METHODS,
        allow_headers=_CORS_PROGRAM_HEADERS if pattern else _CORS_REQUEST_HEADERS,
        allow_credentials=not pattern,
        expose_headers=_CORS_ANSWER_HEADERS,
    )
