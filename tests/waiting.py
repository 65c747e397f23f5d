"""Waiting for something to become true, with a deadline instead of a sleep."""

import asyncio
import time
from collections.abc import Callable

_PAUSE_S = 0.005


async def until(condition: Callable[[], object], *, within_s: float = 5, what: str = "") -> None:
    """Return once `condition()` is true, letting other tasks run meanwhile.

    Raises:
        AssertionError: If it is not true within `within_s` seconds; `what` names it.
    """
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() >= deadline_s:
            raise AssertionError(f"{what or 'the condition'} did not become true in {within_s} s")
        await asyncio.sleep(_PAUSE_S)


def until_now(condition: Callable[[], object], *, within_s: float = 5, what: str = "") -> None:
    """Like `until`, for tests without an event loop."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() >= deadline_s:
            raise AssertionError(f"{what or 'the condition'} did not become true in {within_s} s")
        time.sleep(_PAUSE_S)
