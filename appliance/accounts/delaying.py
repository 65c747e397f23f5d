"""Slowing down those who guess: how long an attempt waits, and who may wait at all.

Nobody is ever locked out: that would let anybody lock out anybody (docs/decisions/0011-signing-in.md).
"""

import asyncio
import ipaddress
import math
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.errors import TooManyRequestsError

FORGOTTEN_AFTER_S = 12 * 3600.0
LONGEST_DELAY_S = 25.0
# Everybody mistypes; a guesser needs more than this.
FREE_FAILURES = 3
_FIRST_DELAY_S = 0.5
# The delay has been the longest for a while by then.
MOST_COUNTED = 12
_MOST_KEYS = 20_000
_MOST_WAITING = 256
_REFUSAL_HELD_S = 1.0
_MOST_WAITING_AT: Mapping[str, int] = {"network": 4, "device": 4, "account": 64, "second factor": 4}
_IPV4_NETWORK_BITS, _IPV6_NETWORK_BITS = 24, 64


@dataclass(frozen=True)
class Key:
    """One thing that attempts have in common.

    Attributes:
        kind: `network`, `account`, `device` or `second factor`.
        name: Which one.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Failure:
    """An attempt that was no success, or is not one yet.

    Attributes:
        at_s: When it began, on the monotonic clock.
        keys: From where, and at whose account.
    """

    at_s: float
    keys: tuple[Key, ...]


def delay_s(failures: int) -> float:
    """Return how long an attempt waits after so many failures."""
    if failures < FREE_FAILURES:
        return 0.0
    doublings = min(failures, MOST_COUNTED) - FREE_FAILURES
    return min(LONGEST_DELAY_S, _FIRST_DELAY_S * 2**doublings)


def counted(failures: Sequence[Failure], now_s: float) -> tuple[Failure, ...]:
    """Return those of the failures that count still, the newest few of them."""
    young = [one for one in failures if now_s - one.at_s < FORGOTTEN_AFTER_S]
    return tuple(young[-MOST_COUNTED:])


def network_of(address: str | None) -> str:
    """Return the network that counts as one guesser: /24 of IPv4, /64 of IPv6."""
    try:
        host = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or "unknown"
    if isinstance(host, ipaddress.IPv6Address):
        if host.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((host, _IPV6_NETWORK_BITS), strict=False))
        host = host.ipv4_mapped
    return str(ipaddress.IPv4Network((host, _IPV4_NETWORK_BITS), strict=False))


@dataclass
class Attempt:
    """A secret that somebody offers.

    Attributes:
        keys: What is counted and slowed together with it.
        failures: How many failures there were before it.
        is_success: Set by whoever compared the secret.
    """

    keys: tuple[Key, ...]
    failures: int
    is_success: bool = False

    @property
    def is_worth_noting(self) -> bool:
        """Return whether this failure tells something that many before it have not told."""
        return self.failures < MOST_COUNTED


class Delaying:
    """Remembers failures, and lets attempts wait before their secret is compared.

    The memory is this process's own: a restart forgets it, which gives a guesser three more tries
    each time, and nobody outside can restart the box.

    Args:
        clock: Failures age on the monotonic clock.
        pause: Waits so many seconds.
    """

    def __init__(
        self, clock: Clock, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._failures: OrderedDict[Key, tuple[Failure, ...]] = OrderedDict()
        self._waiting: Counter[Key] = Counter()
        self._all_waiting = 0
        self._held = 0

    @asynccontextmanager
    async def attempt(self, *keys: Key) -> AsyncIterator[Attempt]:
        """Give the attempt once it has waited; it is a failure unless it is called a success.

        It counts from its beginning, so that many at once do not pass for first ones.

        Raises:
            TooManyRequestsError: If too many wait already.
        """
        now_s = self._clock.monotonic_s()
        before = max(len(self._counted(key, now_s)) for key in keys)
        attempt = Attempt(keys, before)
        wait_s = delay_s(before)
        if wait_s and self._is_full(keys):
            await self._hold_back()
            raise _too_many(wait_s)
        failure = Failure(now_s, keys)
        for key in keys:
            self._keep(key, (*self._counted(key, now_s), failure))
        if wait_s:
            await self._wait(keys, wait_s)
        try:
            yield attempt
        finally:
            if attempt.is_success:
                self._forgive(attempt)

    def _counted(self, key: Key, now_s: float) -> tuple[Failure, ...]:
        return counted(self._failures.get(key, ()), now_s)

    def _keep(self, key: Key, failures: tuple[Failure, ...]) -> None:
        self._failures[key] = failures[-MOST_COUNTED:]
        self._failures.move_to_end(key)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def _is_full(self, keys: Sequence[Key]) -> bool:
        return self._all_waiting >= _MOST_WAITING or any(
            self._waiting[key] >= _MOST_WAITING_AT[key.kind] for key in keys
        )

    async def _hold_back(self) -> None:
        # Whoever asks on and on is slowed down; a bounded number, each holds a connection.
        if self._held >= _MOST_WAITING:
            return
        self._held += 1
        try:
            await self._pause(_REFUSAL_HELD_S)
        finally:
            self._held -= 1

    async def _wait(self, keys: Sequence[Key], wait_s: float) -> None:
        self._waiting.update(keys)
        self._all_waiting += 1
        try:
            await self._pause(wait_s)
        finally:
            self._all_waiting -= 1
            self._waiting.subtract(keys)
            for key in keys:
                if not self._waiting[key]:
                    del self._waiting[key]

    def _forgive(self, attempt: Attempt) -> None:
        # Only what came from there to this account: nobody's success hides other guesses.
        for key in attempt.keys:
            kept = [one for one in self._failures.get(key, ()) if one.keys != attempt.keys]
            self._failures.pop(key, None)
            if kept:
                self._failures[key] = tuple(kept)


def _too_many(wait_s: float) -> TooManyRequestsError:
    return TooManyRequestsError(
        "Too many attempts to sign in wait already.",
        hint="Sign in from a device that you have used before, or try again later.",
        retry_after_s=math.ceil(wait_s),
    )
