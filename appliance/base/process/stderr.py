"""What a child writes on its standard error: into our log, line by line, within a limit."""

import asyncio
import logging

from appliance.base.process.frames import LineSplitter

log = logging.getLogger(__name__)

_CHUNK_BYTES = 16 * 1024
_LONGEST_LINE_BYTES = 4 * 1024
_WINDOW_S = 10.0
_LINES_PER_WINDOW = 100


class LineAllowance:
    """Lets so many lines through in each window of time, and counts the others.

    Attributes:
        dropped: Lines refused since `take_dropped` was last called.
    """

    def __init__(self, lines: int = _LINES_PER_WINDOW, window_s: float = _WINDOW_S) -> None:
        self._lines = lines
        self._window_s = window_s
        self._window_end_s = float("-inf")
        self._left = 0
        self.dropped = 0

    def admits(self, now_s: float) -> bool:
        """Return whether one more line may pass at this time (monotonic seconds)."""
        if now_s >= self._window_end_s:
            self._window_end_s, self._left = now_s + self._window_s, self._lines
        if self._left == 0:
            self.dropped += 1
            return False
        self._left -= 1
        return True

    def take_dropped(self) -> int:
        """Return how many lines were refused, and begin counting anew."""
        dropped, self.dropped = self.dropped, 0
        return dropped


async def forward_lines(name: str, stream: asyncio.StreamReader) -> None:
    """Log each line until the stream ends; a flood is read, so that nobody blocks, and counted."""
    loop = asyncio.get_running_loop()
    splitter = LineSplitter(_LONGEST_LINE_BYTES)
    allowance = LineAllowance()
    while chunk := await stream.read(_CHUNK_BYTES):
        for line in splitter.feed(chunk):
            if allowance.admits(loop.time()):
                _report(name, allowance.take_dropped())
                log.info(
                    "child writes", extra={"child": name, "line": line.decode(errors="replace")}
                )
        allowance.dropped += splitter.take_skipped()
    _report(name, allowance.take_dropped())


def _report(name: str, dropped: int) -> None:
    if dropped:
        log.warning("child wrote too much", extra={"child": name, "lines_dropped": dropped})
