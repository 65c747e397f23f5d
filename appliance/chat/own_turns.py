"""One answer at a time for each person; their others wait in line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class OwnTurns:
    """Lines of waiting answers, one per person."""

    def __init__(self) -> None:
        self._lines: dict[str, list[asyncio.Event]] = {}

    @asynccontextmanager
    async def turn(self, owner_id: str, on_wait: Callable[[int], None]) -> AsyncIterator[None]:
        """Wait until this is the person's oldest answer; then the block runs alone.

        Args:
            owner_id: Whose line.
            on_wait: Called with how many are ahead, whenever that changed.
        """
        line = self._lines.setdefault(owner_id, [])
        moved = asyncio.Event()
        line.append(moved)
        try:
            while line[0] is not moved:
                on_wait(line.index(moved))
                moved.clear()
                await moved.wait()
            yield
        finally:
            self._leave(owner_id, moved)

    def _leave(self, owner_id: str, moved: asyncio.Event) -> None:
        line = self._lines[owner_id]
        line.remove(moved)
        for waiting in line:
            waiting.set()
        if not line:
            del self._lines[owner_id]
