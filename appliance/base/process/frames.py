"""Messages over a pipe: one JSON object per line, with a limit on the line."""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from appliance.base.errors import TooLargeError

LONGEST_LINE_BYTES = 8 * 1024 * 1024


def encoded(message: Mapping[str, object]) -> bytes:
    """Return the message as one line.

    Raises:
        TooLargeError: If the line is longer than `LONGEST_LINE_BYTES`.
    """
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    # JSON from outside may hold halves of characters (lone surrogates), which have no bytes.
    line = text.encode(errors="replace") + b"\n"
    if len(line) > LONGEST_LINE_BYTES:
        raise TooLargeError(
            f"A message of {len(line)} bytes is over the {LONGEST_LINE_BYTES} that a pipe takes."
        )
    return line


def decoded(line: bytes) -> dict[str, object] | None:
    """Return the message of one line, or None if it is not a JSON object."""
    try:
        # RecursionError: "[[[[…" is a line too.
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", message) if isinstance(message, dict) else None


class LineSplitter:
    """Cuts a stream of bytes into lines, and holds no line that is longer than allowed."""

    def __init__(self, longest_bytes: int = LONGEST_LINE_BYTES) -> None:
        self._longest_bytes = longest_bytes
        self._pieces: list[bytes] = []
        self._held_bytes = 0
        self._skipping = False
        self._skipped = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that are complete now, without their line ends."""
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            line = self._finished(end)
            if line is not None:
                yield line
        self._hold(rest)

    def take_skipped(self) -> int:
        """Return how many lines were too long and thrown away since it was last asked."""
        skipped, self._skipped = self._skipped, 0
        return skipped

    def _finished(self, end: bytes) -> bytes | None:
        self._hold(end)
        line = None if self._skipping else b"".join(self._pieces)
        self._forget()
        self._skipping = False
        return line

    def _hold(self, piece: bytes) -> None:
        if self._skipping or not piece:
            return
        self._pieces.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > self._longest_bytes:
            self._forget()
            self._skipping = True
            self._skipped += 1

    def _forget(self) -> None:
        self._pieces.clear()
        self._held_bytes = 0
