"""How the providers are doing: who is left alone for now, and how much each is writing for us."""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.engine.providers import breaker as breakers
from appliance.engine.providers.breaker import NEW, Breaker, Standing
from appliance.engine.providers.chain import Step, least_loaded
from appliance.engine.providers.model import Fault, Provider, ProviderFaultError

# Whose standing: its id, its model, and which of its boxes.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Trouble:
    """A provider that needs a person.

    Attributes:
        provider_id: Which.
        name: As people call it.
        detail: What happened.
    """

    provider_id: str
    name: str
    detail: str


@dataclass(frozen=True)
class Doing:
    """How one provider is doing.

    Attributes:
        standing: Whether it is asked; the best of its boxes counts.
        wait_s: Seconds until it may be asked; 0 is now.
        running: Answers that it is writing for us.
        answered: Answers that it has finished since the start.
        failed: Calls that came to nothing since the start.
        last_fault: What went wrong last; empty if nothing did since it last answered.
    """

    standing: Standing
    wait_s: float
    running: int
    answered: int
    failed: int
    last_fault: str


class Standings:
    """Remembers how calls ended; everything is on the event loop.

    Args:
        clock: Gives the monotonic seconds.
        on_trouble: Told when a provider needs a person.
    """

    def __init__(self, clock: Clock, on_trouble: Callable[[Trouble], None]) -> None:
        self._clock = clock
        self._on_trouble = on_trouble
        self._breakers: dict[Key, Breaker] = {}
        self._running: dict[Key, int] = {}
        self._answered: dict[str, int] = {}
        self._failed: dict[str, int] = {}
        self._last_faults: dict[str, str] = {}

    def find_address(self, provider: Provider, *, avoid: str = "") -> str | None:
        """Return the address with the least work; None if all of them are left alone.

        Args:
            provider: Whose.
            avoid: One that has just failed: it is taken only if there is no other.
        """
        loads = [(one, self._running.get(_key(provider, one), 0)) for one in provider.addresses]
        others = [(address, work) for address, work in loads if address != avoid]

        def is_resting(address: str) -> bool:
            return self._standing(_key(provider, address)) is Standing.OPEN

        found = least_loaded(others, is_resting=is_resting)
        return found or least_loaded(loads, is_resting=is_resting)

    def began(self, provider: Provider, address: str) -> bool:
        """Note that a call begins; return whether it is the one that looks if all is well again."""
        key = _key(provider, address)
        self._running[key] = self._running.get(key, 0) + 1
        is_probe = self._standing(key) is Standing.HALF_OPEN
        self._breakers[key] = breakers.asked(self._breakers.get(key, NEW), self._now_s)
        return is_probe

    def left(self, provider: Provider, address: str, *, is_probe: bool) -> None:
        """Note that a call is over; how it ended is noted before.

        Args:
            provider: Who was asked.
            address: Where.
            is_probe: What `began` returned.
        """
        key = _key(provider, address)
        self._running[key] = max(self._running.get(key, 0) - 1, 0)
        if is_probe:
            # If nobody waited for its end, nothing can be said: another may try.
            self._breakers[key] = breakers.released(self._breakers.get(key, NEW))

    def succeeded(self, provider: Provider, address: str) -> None:
        """Note that a call brought an answer."""
        key = _key(provider, address)
        self._breakers[key] = breakers.succeeded(self._breakers.get(key, NEW), self._now_s)
        self._answered[provider.id] = self._answered.get(provider.id, 0) + 1
        self._last_faults.pop(provider.id, None)

    def failed(
        self, provider: Provider, address: str, failure: ProviderFaultError, step: Step
    ) -> None:
        """Note that a call came to nothing."""
        self._failed[provider.id] = self._failed.get(provider.id, 0) + 1
        self._last_faults[provider.id] = failure.fault.value
        if not step.counts:
            return
        key = _key(provider, address)
        before = self._breakers.get(key, NEW)
        self._breakers[key] = breakers.failed(before, self._now_s, rest_s=step.rest_s)
        if failure.fault is Fault.CONFIG:
            self._on_trouble(Trouble(provider.id, provider.name, failure.detail))

    def reset(self, provider_id: str) -> None:
        """Forget what a provider did: somebody says that it works now."""
        self._breakers = {key: one for key, one in self._breakers.items() if key[0] != provider_id}
        self._last_faults.pop(provider_id, None)

    def doing(self, provider: Provider) -> Doing:
        """Return how a provider is doing."""
        keys = [_key(provider, address) for address in provider.addresses]
        order = (Standing.CLOSED, Standing.HALF_OPEN, Standing.OPEN)
        return Doing(
            standing=min((self._standing(key) for key in keys), key=order.index),
            wait_s=min(breakers.wait_s(self._breakers.get(key, NEW), self._now_s) for key in keys),
            running=sum(self._running.get(key, 0) for key in keys),
            answered=self._answered.get(provider.id, 0),
            failed=self._failed.get(provider.id, 0),
            last_fault=self._last_faults.get(provider.id, ""),
        )

    def _standing(self, key: Key) -> Standing:
        return breakers.standing(self._breakers.get(key, NEW), self._now_s)

    @property
    def _now_s(self) -> float:
        return self._clock.monotonic_s()


def _key(provider: Provider, address: str) -> Key:
    return (provider.id, provider.model, address)
