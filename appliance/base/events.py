"""What happened, told to whoever wants to know it: an event bus inside this process."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")


class Events:
    """Hands events (frozen dataclasses) to the subscribers of their type, in order of subscribing.

    Events are not kept: what must not be lost is a job. Publish after the commit:
    `tx.after_commit(lambda: events.publish(MessageSent(…)))`.
    """

    def __init__(self) -> None:
        self._subscribers: dict[type[Any], list[Callable[[Any], None]]] = {}

    def subscribe(self, kind: type[E], subscriber: Callable[[E], None]) -> Callable[[], None]:
        """Return the function that ends the subscription.

        Args:
            kind: Events of exactly this type are handed over.
            subscriber: Called on the publisher's thread; must be quick.
        """
        # Replaced, never changed, so that a subscriber may end a subscription while it is called.
        self._subscribers[kind] = [*self._subscribers.get(kind, []), subscriber]

        def unsubscribe() -> None:
            left = [other for other in self._subscribers[kind] if other is not subscriber]
            self._subscribers[kind] = left

        return unsubscribe

    def publish(self, event: object) -> None:
        """Tell all subscribers of this event's type; one that fails does not hurt the others."""
        for subscriber in self._subscribers.get(type(event), []):
            try:
                subscriber(event)
            except Exception:  # Whatever it is, it is the subscriber's fault, not the publisher's.
                log.exception("event subscriber failed", extra={"event": type(event).__name__})
