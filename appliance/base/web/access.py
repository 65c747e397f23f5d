"""What is open in somebody's name ends when their access does: streams and sockets of all slices."""

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

from appliance.base.errors import UnauthenticatedError, UnavailableError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded, Identity
from appliance.base.loop_calls import LoopCalls

log = logging.getLogger(__name__)

# What this process does is told on the event bus at once. What another one does (a command that
# disables somebody), and sign-ins that end by their age, are found by looking.
_LOOK_EVERY_S = 5.0


class OpenSignIns(Protocol):
    """Knows which sign-ins and keys still count; provided by accounts."""

    async def ended_among(self, identities: Collection[Identity]) -> Collection[Identity]:
        """Return those whose access has ended: signed out, expired, revoked, disabled."""
        ...


class OpenAccess:
    """Everything that is open now, by whose access.

    Args:
        events: Tells `AccessEnded`.
        sign_ins: Asked now and then about all that is open.
    """

    def __init__(self, events: Events, sign_ins: OpenSignIns) -> None:
        self._sign_ins = sign_ins
        self._held: dict[asyncio.Event, Identity] = {}
        self._has_some = asyncio.Event()
        self._loop_calls = LoopCalls()
        events.subscribe(AccessEnded, lambda event: self._loop_calls.call(self._end, event))

    @contextmanager
    def held(self, identity: Identity) -> Iterator[asyncio.Event]:
        """Give an event that is set when this access ends, for as long as this block runs."""
        self._loop_calls.attach()
        ended = asyncio.Event()
        self._held[ended] = identity
        self._has_some.set()
        try:
            yield ended
        finally:
            del self._held[ended]

    def held_count(self) -> int:
        """Return how much is open now."""
        return len(self._held)

    async def run(self) -> None:
        """Look after what is open until cancelled; a box with nothing open sleeps."""
        while True:
            await self._has_some.wait()
            await self.look()
            await asyncio.sleep(_LOOK_EVERY_S)
            if not self._held:
                self._has_some.clear()

    async def look(self) -> None:
        """End what is open by an access that has ended without being told."""
        try:
            ended = await self._sign_ins.ended_among(set(self._held.values()))
        except UnavailableError as error:
            # The database may be back in a moment; until then requests are refused as well.
            log.warning("open connections could not be looked after", extra={"code": error.code})
            return
        for event, identity in self._held.items():
            if identity in ended:
                event.set()

    def _end(self, what: AccessEnded) -> None:
        for event, identity in self._held.items():
            if what.concerns(identity):
                event.set()


def session_ended() -> UnauthenticatedError:
    """Return what the last event of a stream says whose access has ended."""
    return UnauthenticatedError(
        "This sign-in has ended.", code="session_ended", hint="Sign in again."
    )
