"""Which files are being read before anybody asks, so that it can end when nobody wants it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Preparations:
    """The readings that run now; all of it on the event loop."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Timeout] = {}

    def give_up(self, file_id: str) -> None:
        """End the reading of this file; nothing happens if it is not being read."""
        running = self._running.get(file_id)
        if running is not None:
            running.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def running(self, file_id: str) -> AsyncIterator[None]:
        """Let what stands in the block end as soon as this file is given up, without a word."""
        until_given_up = asyncio.timeout(None)
        self._running[file_id] = until_given_up
        try:
            async with until_given_up:
                yield
        except TimeoutError:
            if not until_given_up.expired():
                raise
        finally:
            del self._running[file_id]
