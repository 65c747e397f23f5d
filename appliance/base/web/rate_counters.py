"""Where requests are counted: in memory, or in Redis for as long as it answers."""

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from appliance.base.clock import Clock
from appliance.base.web.limits import RateRule

if TYPE_CHECKING:
    from limits.aio.storage.redis.redispy import RedispyBridge

log = logging.getLogger(__name__)

_MOST_KEYS = 50_000
_REDIS_DEADLINE_S = 0.5
_REDIS_RETRY_S = 30.0


@dataclass(frozen=True)
class Taken:
    """What one request took from a rule.

    Attributes:
        rule: Which one.
        is_allowed: Whether there was something left to take.
        remaining: How many more may follow within the window.
        reset_s: Seconds until the window ends.
    """

    rule: RateRule
    is_allowed: bool
    remaining: int
    reset_s: float


class MemoryStorage(Storage):
    """Counts of fixed windows in this process, for the strategies of `limits`.

    The library's own memory storage starts a task that walks through all keys at every request,
    follows the wall clock, and grows without bound; this one does none of that.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, *, most_keys: int = _MOST_KEYS) -> None:
        super().__init__()
        self._clock = clock
        self._most_keys = most_keys
        # Key → count and end of its window in monotonic seconds; oldest window first.
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what may go wrong: nothing."""
        return StorageError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Return the count of this window after adding to it."""
        now_s = self._clock.monotonic_s()
        count, ends_s = self._counts.get(key, (0, 0.0))
        if ends_s <= now_s:
            self._counts.pop(key, None)
            self._make_room(now_s)
            count, ends_s = 0, now_s + expiry
        self._counts[key] = (count + amount, ends_s)
        return count + amount

    async def get(self, key: str) -> int:
        """Return the count of this window."""
        count, ends_s = self._counts.get(key, (0, 0.0))
        return count if ends_s > self._clock.monotonic_s() else 0

    async def get_expiry(self, key: str) -> float:
        """Return when this window ends, in Unix time as `limits` wants it."""
        now_s = self._clock.monotonic_s()
        ends_s = self._counts.get(key, (0, now_s))[1]
        return self._clock.now().timestamp() + max(0.0, ends_s - now_s)

    async def check(self) -> bool:
        """Return that memory is there."""
        return True

    async def reset(self) -> int:
        """Forget all counts; return how many there were."""
        count = len(self._counts)
        self._counts.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)

    def _make_room(self, now_s: float) -> None:
        while self._counts:
            oldest = next(iter(self._counts))
            if len(self._counts) < self._most_keys and self._counts[oldest][1] > now_s:
                return
            del self._counts[oldest]


class RateCounters:
    """Takes one request from a rule, wherever the counts are kept."""

    def __init__(self, clock: Clock, shared: Storage | None = None) -> None:
        self._clock = clock
        self._memory = FixedWindowRateLimiter(MemoryStorage(clock))
        self._shared = None if shared is None else FixedWindowRateLimiter(shared)
        self._retry_at_s = 0.0
        self._is_shared_down = False

    async def take(self, rule: RateRule, client: str) -> Taken:
        """Return what one request of `client` took from `rule`."""
        if self._shared is None or self._clock.monotonic_s() < self._retry_at_s:
            return await self._take_from(self._memory, rule, client)
        try:
            async with asyncio.timeout(_REDIS_DEADLINE_S):
                taken = await self._take_from(self._shared, rule, client)
        except (StorageError, OSError, TimeoutError) as error:
            self._note_down(error)
            return await self._take_from(self._memory, rule, client)
        self._note_up()
        return taken

    async def _take_from(
        self, limiter: FixedWindowRateLimiter, rule: RateRule, client: str
    ) -> Taken:
        item = RateLimitItemPerSecond(rule.count, rule.window_s, "nodo")
        is_allowed = await limiter.hit(item, rule.name, client)
        stats = await limiter.get_window_stats(item, rule.name, client)
        # Redis knows ends in whole seconds, and its clock need not be ours.
        reset_s = stats.reset_time - self._clock.now().timestamp()
        return Taken(rule, is_allowed, stats.remaining, min(max(0.0, reset_s), rule.window_s))

    async def aclose(self) -> None:
        """Close what is open; counts in memory are forgotten."""
        shared = None if self._shared is None else self._shared.storage
        if isinstance(shared, RedisCounts):
            await shared.aclose()

    def _note_down(self, error: Exception) -> None:
        self._retry_at_s = self._clock.monotonic_s() + _REDIS_RETRY_S
        if not self._is_shared_down:
            self._is_shared_down = True
            log.warning(
                "redis does not answer; requests are counted in memory",
                extra={"error": type(error).__name__, "retry_s": _REDIS_RETRY_S},
            )

    def _note_up(self) -> None:
        if self._is_shared_down:
            self._is_shared_down = False
            log.info("redis answers again; requests are counted there")


class RedisCounts(RedisStorage):
    """Counts kept in Redis, so that they outlive a restart; connects when it is first asked."""

    STORAGE_SCHEME = None

    def __init__(self, url: str) -> None:
        """Prepare a client.

        Args:
            url: `redis://…`, `rediss://…` or `redis+unix://…`.

        Raises:
            ValueError: If `url` is not such an address.
        """
        super().__init__(
            url,
            wrap_exceptions=True,
            implementation="redispy",
            socket_timeout=_REDIS_DEADLINE_S,
            socket_connect_timeout=_REDIS_DEADLINE_S,
        )
        # The library never closes its client; only this class of its bridges has one.
        self._client = cast("RedispyBridge", self.bridge).storage

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
