"""How much and how often: the tables of limits that a door holds its requests to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

MEBIBYTE = 1024 * 1024
DEFAULT_BODY_BYTES = MEBIBYTE
ANY_METHOD = "*"


class Per(StrEnum):
    """Whose requests are counted together."""

    ADDRESS = "address"
    USER = "user"
    # By the device if somebody has signed in with it before, else by address.
    DEVICE = "device"


@dataclass(frozen=True)
class BodyLimit:
    """The largest body that some routes take.

    Attributes:
        method: Such as `POST`; `*` is every method.
        path_prefix: These routes: this path and all below it.
        size_bytes: Allowed are bodies up to this size.
    """

    method: str
    path_prefix: str
    size_bytes: int


@dataclass(frozen=True)
class RateRule:
    """How often some routes may be asked.

    Attributes:
        name: Rules of one name, method and path apart, share one count per client.
        method: Such as `POST`; `*` is every method.
        path_prefix: These routes: this path and all below it.
        count: So many requests are let through ...
        window_s: ... within so many seconds; 0 counts nothing (no limit).
        per: Whose requests are counted together.
        held_s: So long a refusal is held back: whoever asks on and on is slowed down by it.
    """

    name: str
    method: str
    path_prefix: str
    count: int
    window_s: int
    per: Per = Per.ADDRESS
    held_s: float = 0.0


class _ForRoutes(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def path_prefix(self) -> str: ...


Rule = TypeVar("Rule", bound=_ForRoutes)


def unlimited(path_prefix: str) -> RateRule:
    """Return the rule that leaves these routes uncounted."""
    return RateRule(
        name="unlimited", method=ANY_METHOD, path_prefix=path_prefix, count=0, window_s=0
    )


def _secrets(path: str) -> tuple[RateRule, ...]:
    # Only against floods: whoever guesses is slowed down by accounts, person by person. Both
    # spellings of a route share the name, hence the count.
    return tuple(
        RateRule("login", "POST", prefix + path, count=60, window_s=60, per=Per.DEVICE, held_s=1.0)
        for prefix in ("", "/api")
    )


def _codes(path: str) -> tuple[RateRule, ...]:
    # A code has 40 random bits, and serves for a day at most: nobody finds one at this pace. For
    # strangers who ask for an account, the same pace spares the passwords' thread.
    return tuple(
        RateRule("codes", "POST", prefix + path, count=30, window_s=600) for prefix in ("", "/api")
    )


# Generous: a page with thirty files and a busy chat stays far below.
GENERAL_RATE = RateRule(name="general", method=ANY_METHOD, path_prefix="/", count=600, window_s=60)
DEFAULT_RATE_RULES = (
    GENERAL_RATE,
    unlimited("/static"),
    unlimited("/health"),
    *_secrets("/auth/login"),
    *_secrets("/auth/mfa/verify"),
    *_secrets("/auth/recover"),
    *_codes("/auth/join"),
    *_codes("/auth/register"),
    # The code itself counts its tries; these are for fifty who press the button at once.
    RateRule(name="setup", method="POST", path_prefix="/setup", count=120, window_s=60),
)


def is_under(path: str, prefix: str) -> bool:
    """Return whether `path` is `prefix` or lies below it; `/audio` is not under `/aud`."""
    if prefix == "/":
        return True
    return path.startswith(prefix) and (len(path) == len(prefix) or path[len(prefix)] == "/")


def most_specific_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules so that the first that fits a request is the one that counts."""
    return tuple(
        sorted(rules, key=lambda rule: (-len(rule.path_prefix), rule.method == ANY_METHOD))
    )


def fitting(rules: Sequence[Rule], method: str, path: str) -> tuple[Rule, ...]:
    """Return the rules for one request: those of the most specific path and method.

    Args:
        rules: Ordered by `most_specific_first`.
        method: Of the request.
        path: Of the request, as the router sees it.
    """
    found: list[Rule] = []
    for rule in rules:
        if found and (rule.path_prefix, rule.method) != (found[0].path_prefix, found[0].method):
            break
        if rule.method in {method, ANY_METHOD} and is_under(path, rule.path_prefix):
            found.append(rule)
    return tuple(found)
