"""Progress in a terminal: one line that changes; elsewhere a new line now and then."""

from collections.abc import Mapping
from typing import TextIO

from appliance.base.clock import Clock
from appliance.engine.download.model import DownloadState
from appliance.engine.download.rate import Rate

_BETWEEN_CHANGES_S = 0.2
_BETWEEN_LINES_S = 5.0
_LINE_WIDTH = 78
_WORDS: Mapping[DownloadState, str] = {
    DownloadState.ASKING: "asking the hub",
    DownloadState.VERIFYING: "checking",
}


class ProgressLines:
    """Tells how far something is, with its rate and the remaining time."""

    def __init__(self, what: str, stream: TextIO, clock: Clock) -> None:
        self._what = what
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._clock = clock
        self._rate = Rate()
        self._next_s = 0.0

    def tell(self, state: DownloadState, done_bytes: int, total_bytes: int) -> None:
        """Tell it, if it is time to."""
        now_s = self._clock.monotonic_s()
        self._rate.note(now_s, done_bytes)
        if now_s < self._next_s and done_bytes != total_bytes:
            return
        self._next_s = now_s + (_BETWEEN_CHANGES_S if self._is_terminal else _BETWEEN_LINES_S)
        self._write(self._line(state, done_bytes, total_bytes))

    def end(self) -> None:
        """Leave the line, so that what is printed next stands below it."""
        if self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _write(self, line: str) -> None:
        shown = f"\r{line:{_LINE_WIDTH}.{_LINE_WIDTH}}" if self._is_terminal else f"{line}\n"
        self._stream.write(shown)
        self._stream.flush()

    def _line(self, state: DownloadState, done_bytes: int, total_bytes: int) -> str:
        if state is not DownloadState.RUNNING or not total_bytes:
            return f"{self._what}: {_WORDS.get(state, state.value)}"
        rate = f"{self._rate.bytes_per_s / 1e6:.1f} MB/s"
        return (
            f"{self._what}: {done_bytes / total_bytes:4.0%}  {done_bytes / 1e9:.2f} of "
            f"{total_bytes / 1e9:.2f} GB  {rate}  {_in_words(self._rate.remaining_s(total_bytes))}"
        )


def _in_words(remaining_s: float | None) -> str:
    if remaining_s is None:
        return ""
    minutes, seconds = divmod(round(remaining_s), 60)
    return f"{minutes} min {seconds:02} s left" if minutes else f"{seconds} s left"
