"""Handing what happened over to the event loop, from whichever thread it is told."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class LoopCalls:
    """Calls functions on one event loop.

    Subscribers of the event bus are called on the publisher's thread. After a commit that is the
    loop's own (`Database.write`), but start-up and threads publish too.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self) -> None:
        """From now on, call on the loop that runs this."""
        self._loop = asyncio.get_running_loop()

    def call(self, action: Callable[[T], None], value: T) -> None:
        """Call `action` with `value`: at once on the loop itself, soon from elsewhere.

        Without a loop nobody is there yet, or any more, for whom it could matter.
        """
        if self._loop is None or self._loop.is_closed():
            return
        if _running_loop() is self._loop:
            action(value)
        else:
            self._loop.call_soon_threadsafe(action, value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
