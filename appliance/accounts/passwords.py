"""Keeping and comparing passwords: bcrypt behind a keyed pre-hash, in a thread of its own."""

import asyncio
import base64
import hashlib
import hmac
import logging
import math
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import bcrypt

from appliance.base.errors import TooManyRequestsError

T = TypeVar("T")
log = logging.getLogger(__name__)

# 12 takes about 0.2 s of one core of the box; OWASP asks for 10 or more.
COST = 12
WAITING_PLACES = 20
_SECONDS_EACH = 0.25
_SCHEME = "hmac-sha256-bcrypt:"
_BCRYPT_SHAPE = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
# bcrypt reads no further; older libraries cut here silently, and imported hashes come from them.
_BCRYPT_BYTES = 72


@dataclass(frozen=True)
class Comparison:
    """What became of comparing a password.

    Attributes:
        matches: Whether it was the right one.
        better_hash: To be stored in place of the old hash; None if that is good as it is.
    """

    matches: bool
    better_hash: str | None = None


class Passwords:
    """Hashes and compares passwords one after the other, so that logins cannot take all cores.

    Whoever is known has places of their own, and comes before all that are not: many who guess
    cost them at most the time of one password.

    Args:
        pepper: Key of the pre-hash, kept outside the database.
        cost: Logarithm of the work; tests take less.
        waiting_places: So many may wait for their turn, further ones are refused.
    """

    def __init__(
        self, pepper: bytes, *, cost: int = COST, waiting_places: int = WAITING_PLACES
    ) -> None:
        self._pepper = pepper
        self._cost = cost
        self._unknown = _Places(waiting_places + 1)
        self._known = _Places(waiting_places + 1)
        # Of those that are not known, one at a time is handed to the thread: the next to come may
        # be somebody who is.
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def hashed(self, password: str, *, is_known: bool = False) -> str:
        """Return the hash to be stored.

        Raises:
            TooManyRequestsError: If too many passwords wait already.
        """
        return await self._in_turn(
            lambda: hashed(password, self._pepper, cost=self._cost), is_known=is_known
        )

    async def compare(
        self, password: str, stored: str | None, *, is_known: bool = False
    ) -> Comparison:
        """Return whether the password is the one of the stored hash.

        Without a stored hash (an unknown person) it takes the same time, and does not match.

        Raises:
            TooManyRequestsError: If too many passwords wait already.
        """
        return await self._in_turn(
            lambda: compared(password, stored, self._pepper, cost=self._cost), is_known=is_known
        )

    def close(self) -> None:
        """Finish the password in work, forget those that wait."""
        self._thread.shutdown(cancel_futures=True)

    async def _in_turn(self, work: Callable[[], T], *, is_known: bool) -> T:
        places = self._known if is_known else self._unknown
        with places.taken():
            if is_known:
                return await self._done(work)
            async with self._turn:
                return await self._done(work)

    async def _done(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(work))


class _Places:
    def __init__(self, count: int) -> None:
        self._count = count
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        if self._taken >= self._count:
            raise TooManyRequestsError(
                "Too many people are signing in at this moment.",
                hint="Try again in a few seconds.",
                retry_after_s=math.ceil(self._taken * _SECONDS_EACH),
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def no_password() -> str:
    """Return what is stored for somebody who has no password yet: no password matches it."""
    return _SCHEME + _nobodys_hash(COST).decode("ascii")


def hashed(password: str, pepper: bytes, *, cost: int) -> str:
    """Return the hash to be stored: the scheme's prefix and a bcrypt hash."""
    salted = bcrypt.hashpw(_prehashed(password, pepper), bcrypt.gensalt(cost))
    return _SCHEME + salted.decode("ascii")


def compared(password: str, stored: str | None, pepper: bytes, *, cost: int) -> Comparison:
    """Return whether `password` is the one behind `stored`, in the time of one bcrypt."""
    kept = (stored or "").removeprefix(_SCHEME)
    shape = _BCRYPT_SHAPE.fullmatch(kept)
    if shape is None:
        if stored is not None:
            log.error("a stored password hash has an unknown form; that person cannot sign in")
        bcrypt.checkpw(_prehashed(password, pepper), _nobodys_hash(cost))
        return Comparison(matches=False)
    is_imported = stored == kept
    secret = _cut(password) if is_imported else _prehashed(password, pepper)
    if not bcrypt.checkpw(secret, kept.encode("ascii")):
        return Comparison(matches=False)
    if not is_imported and int(shape[1]) >= cost:
        return Comparison(matches=True)
    return Comparison(matches=True, better_hash=hashed(password, pepper, cost=cost))


def _prehashed(password: str, pepper: bytes) -> bytes:
    # 44 bytes without NUL: all of a long password counts, and the database alone is of no use.
    digest = hmac.digest(pepper, _bytes(password), hashlib.sha256)
    return base64.b64encode(digest)


def _cut(password: str) -> bytes:
    return _bytes(password)[:_BCRYPT_BYTES]


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", errors="surrogatepass")


def _nobodys_hash(cost: int) -> bytes:
    # Well-formed, of no password: bcrypt works on it as long as on anybody's.
    return f"$2b${cost:02d}$".encode("ascii") + b"." * 53
