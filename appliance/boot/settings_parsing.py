"""How the text of a setting becomes its value; a refusal says what is allowed."""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from appliance.base.secret import Secret

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
# As the doors read `Host`. One repetition only: nested ones take minutes to refuse some texts.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,251}[a-z0-9])?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_DURATION = re.compile(r"(-1|[0-9]{1,9})([smh]?)", re.ASCII)
_UNIT_SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600}
_DIGITS = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_SHORTEST_JWT_SECRET = 32
_FEWEST_DIFFERENT = 8
_SHORTEST_PASSWORD = 8
# Out of examples and guides: everybody knows them.
_SAMPLE_WORDS = (
    "changeme",
    "change-me",
    "change_me",
    "change-this",
    "change-in-prod",
    "your-secret",
)

Parser = Callable[[str], object]


class RefusedError(ValueError):
    """A text that is no value of this setting; the message says what is allowed."""


def text(value: str) -> str:
    """Return the text as it is."""
    return value


def secret(value: str) -> Secret:
    """Return a secret."""
    return Secret(value)


def whole_number(lowest: int, highest: int) -> Parser:
    """Return a parser of whole numbers within these bounds."""

    def parse(value: str) -> int:
        if _DIGITS.fullmatch(value) and lowest <= int(value) <= highest:
            return int(value)
        raise RefusedError(f"allowed are whole numbers from {lowest} to {highest}")

    return parse


port = whole_number(0, 65535)


def duration_s(value: str) -> float:
    """Return seconds, written as such or with a unit: `300`, `90s`, `5m`, `24h`; -1 is for ever."""
    found = _DURATION.fullmatch(value.lower())
    if found is None:
        raise RefusedError("allowed are durations such as 300, 90s, 5m and 24h, and -1 for ever")
    return float(found[1]) * _UNIT_SECONDS[found[2] or "s"] if value != "-1" else -1.0


def switch(value: str) -> bool:
    """Return whether it is on."""
    lowered = value.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise RefusedError("allowed are on and off (also true/false, yes/no, 1/0)")


def one_of(*allowed: str) -> Parser:
    """Return a parser of these words, in any case."""

    def parse(value: str) -> str:
        if value.lower() in allowed:
            return value.lower()
        raise RefusedError(f"allowed are {', '.join(allowed)}")

    return parse


def host(value: str) -> str:
    """Return an address of this computer, or a name of it."""
    bare = value.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass  # A name, then.
    if _NAME.fullmatch(value) and not value.replace(".", "").isdigit():
        return value.lower()
    raise RefusedError("allowed are an IP address or a host name, without port")


def folder(value: str) -> Path:
    """Return a path from the root, `~` being the home folder."""
    # Before the home folder is looked up: the system refuses such a name with words of its own.
    if "\x00" in value:
        raise RefusedError("allowed is a path")
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise RefusedError("allowed is a path; there is no such home folder") from error


def email(value: str) -> str:
    """Return an e-mail address."""
    if _EMAIL.fullmatch(value) and len(value) <= 254:  # noqa: PLR2004 - RFC 5321 4.5.3.1
        return value
    raise RefusedError("allowed is one e-mail address")


def password(value: str) -> Secret:
    """Return the first administrator's password."""
    if len(value) < _SHORTEST_PASSWORD:
        raise RefusedError(f"allowed are passwords of {_SHORTEST_PASSWORD} characters or more")
    return Secret(value)


def jwt_secret(value: str) -> Secret:
    """Return the key that signs sign-ins; one that could be guessed is refused."""
    if len(value) < _SHORTEST_JWT_SECRET:
        raise RefusedError(
            f"it has {len(value)} characters; allowed are {_SHORTEST_JWT_SECRET} or more, "
            "because shorter keys can be found by trying"
        )
    is_sample = any(word in value.lower() for word in _SAMPLE_WORDS)
    if is_sample or len(set(value)) < _FEWEST_DIFFERENT:
        raise RefusedError(
            "it looks like a sample; allowed are random keys (leave it out: Nodo makes one)"
        )
    return Secret(value)


def database_url(value: str) -> Secret | None:
    """Return the address of a PostgreSQL database, whatever driver the address names.

    An SQLite address, as the source systems have it, is None: SQLite is what needs no address.
    """
    scheme, _, rest = value.partition("://")
    if scheme.partition("+")[0].lower() == "sqlite":
        return None
    if scheme.partition("+")[0].lower() not in {"postgresql", "postgres"} or not rest:
        raise RefusedError(
            "allowed are postgresql://… addresses; leave it out for SQLite in the data folder"
        )
    return Secret(f"postgresql://{rest}")


def redis_url(value: str) -> Secret:
    """Return the address of a Redis server."""
    scheme, _, rest = value.partition("://")
    if scheme.lower() not in {"redis", "rediss", "redis+unix"} or not rest:
        raise RefusedError("allowed are redis://, rediss:// and redis+unix:// addresses")
    return Secret(f"{scheme.lower()}://{rest}")


def web_address(value: str) -> str:
    """Return the base address of a service, without a slash at its end."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_bare = parts.username is None and not parts.query and not parts.fragment
        _ = parts.port
    except ValueError:
        is_address = is_bare = False
    if not is_address or not is_bare or re.search(r"\s", value):
        raise RefusedError(
            "allowed are http:// and https:// addresses without user name, query and fragment"
        )
    return value.rstrip("/")


def origins(value: str) -> tuple[str, ...]:
    """Return a list of origins, written with commas or as a JSON list."""
    return tuple(dict.fromkeys(_origin(one) for one in _listed(value) if one))


def _listed(value: str) -> list[str]:
    if not value.startswith("["):
        return [one.strip() for one in value.split(",")]
    try:
        found: object = json.loads(value)
    except ValueError as error:
        raise RefusedError("allowed are origins with commas between, or a JSON list") from error
    return [str(one).strip() for one in found] if isinstance(found, list) else [value]


def _origin(value: str) -> str:
    address = "" if value == "*" else value.rstrip("/").lower()
    try:
        parts = urlsplit(address)
        _ = parts.port
        is_origin = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_bare = address == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    except ValueError:
        is_origin = is_bare = False
    if not is_origin or not is_bare or re.search(r"\s", address):
        raise RefusedError(
            "allowed are origins such as https://panel.example.org; "
            "* would let every page on the internet in"
        )
    return address
