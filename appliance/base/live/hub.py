"""Where news arrives and everybody who is open right now hears it."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto

from appliance.base.clock import Clock
from appliance.base.errors import TooManyRequestsError
from appliance.base.events import Events
from appliance.base.identity import Identity
from appliance.base.live.model import LiveEvent
from appliance.base.live.ring import Rings, Told, first_id_at
from appliance.base.loop_calls import LoopCalls

# Says that some news are lost to this listener: it asks for everything that it shows again.
RESET = "reset"


@dataclass(frozen=True)
class HubLimits:
    """How much the hub holds.

    Attributes:
        per_person: Most listeners of one person: tabs, devices and programs together.
        in_all: Most listeners of the box.
        unread: Most news that wait for one listener; then it is cut off and comes again.
        kept: Most news kept of one audience, for those who were away.
        audiences: Most audiences of which news are kept.
    """

    per_person: int = 20
    in_all: int = 1000
    unread: int = 256
    kept: int = 256
    audiences: int = 512


class Ending(Enum):
    """Why a listener hears nothing more."""

    TOO_SLOW = auto()
    STOPPING = auto()


class Listener:
    """One open connection: what waits for it.

    Attributes:
        identity: Who listens.
        start_id: The number that it has heard everything up to, or of the newest news.
        is_resumed: Whether it goes on where it was; else it knows nothing, and asks for all.
        ending: Why it is over; None while it is not.
    """

    def __init__(
        self,
        identity: Identity,
        start_id: int,
        missed: Sequence[Told],
        *,
        is_resumed: bool,
        most_unread: int,
    ) -> None:
        self.identity = identity
        self.start_id = start_id
        self.is_resumed = is_resumed
        self.ending: Ending | None = None
        self._unread = deque(missed)
        self._most_unread = most_unread + len(missed)
        self._changed = asyncio.Event()
        self._is_over = asyncio.Event()

    async def next(self) -> Told | None:
        """Return the next piece of news; None when it is over."""
        while not self._unread and self.ending is None:
            self._changed.clear()
            await self._changed.wait()
        return None if self.ending is not None else self._unread.popleft()

    async def over(self) -> Ending:
        """Return why it is over, as soon as it is, whatever is being done with the last news."""
        await self._is_over.wait()
        return self.ending or Ending.STOPPING

    def hear(self, told: Told) -> None:
        """Take one more piece of news, or end if too many wait already."""
        if len(self._unread) >= self._most_unread:
            self.end(Ending.TOO_SLOW)
        elif self.ending is None:
            self._unread.append(told)
            self._changed.set()

    def end(self, ending: Ending) -> None:
        """Let it hear nothing more; the first reason counts."""
        self.ending = self.ending or ending
        self._unread.clear()
        self._changed.set()
        self._is_over.set()


class LiveHub:
    """Takes news from the event bus, keeps the latest, and hands them to all listeners.

    Everything here is bounded: a listener that does not read costs some hundred references, and
    then its place. Subscribes by itself; made before the event loop runs or on it.
    """

    def __init__(self, events: Events, clock: Clock, limits: HubLimits | None = None) -> None:
        self._limits = limits or HubLimits()
        self._rings = Rings(
            before_first_id=first_id_at(clock.now()),
            per_audience=self._limits.kept,
            audiences=self._limits.audiences,
        )
        self._listeners: dict[Listener, None] = {}
        self._per_person: Counter[str] = Counter()
        self._is_stopping = False
        self._loop_calls = LoopCalls()
        events.subscribe(LiveEvent, lambda event: self._loop_calls.call(self._tell, event))

    @contextmanager
    def listening(self, identity: Identity, last_id: int | None = None) -> Iterator[Listener]:
        """Give a listener for as long as this block runs.

        Args:
            identity: Who listens: news for others are not heard.
            last_id: The last one that was heard before; None begins with what comes now.

        Raises:
            TooManyRequestsError: If this person, or the box, has too many (`too_many_listeners`).
        """
        self._refuse_too_many(identity)
        self._loop_calls.attach()
        listener = self._opened(identity, last_id)
        if self._is_stopping:
            listener.end(Ending.STOPPING)
        self._listeners[listener] = None
        self._per_person[identity.user_id] += 1
        try:
            yield listener
        finally:
            del self._listeners[listener]
            self._per_person -= Counter([identity.user_id])

    def stop(self) -> None:
        """Let all listeners go, and those who still come; before the doors close."""
        self._is_stopping = True
        for listener in self._listeners:
            listener.end(Ending.STOPPING)

    def listener_count(self) -> int:
        """Return how many listen now."""
        return len(self._listeners)

    def _refuse_too_many(self, identity: Identity) -> None:
        is_persons = self._per_person[identity.user_id] >= self._limits.per_person
        if not is_persons and len(self._listeners) < self._limits.in_all:
            return
        limit = self._limits.per_person if is_persons else self._limits.in_all
        raise TooManyRequestsError(
            f"{limit} live connections are open already"
            + (" in your name." if is_persons else " on this box."),
            code="too_many_listeners",
            hint="Close some tabs, or try again in a minute.",
            retry_after_s=60,
        )

    def _opened(self, identity: Identity, last_id: int | None) -> Listener:
        newest_id, most_unread = self._rings.newest_id, self._limits.unread
        if last_id is None:
            return Listener(identity, newest_id, (), is_resumed=False, most_unread=most_unread)
        missed = self._rings.since(identity, last_id)
        if missed is None:
            reset = Told(newest_id, RESET, {})
            return Listener(
                identity, newest_id, (reset,), is_resumed=False, most_unread=most_unread
            )
        return Listener(identity, last_id, missed, is_resumed=True, most_unread=most_unread)

    def _tell(self, event: LiveEvent) -> None:
        told = self._rings.keep(event)
        for listener in self._listeners:
            if event.audience.includes(listener.identity):
                listener.hear(told)
