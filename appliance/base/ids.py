"""New identifiers and secrets: the only place that draws random numbers for them."""

import secrets
import threading
import uuid
from typing import Protocol

from appliance.base.clock import Clock

# Without letters and digits that people confuse when they read them aloud (0/O, 1/I/L).
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

_LAST_COUNT = 0xFFF


class Ids(Protocol):
    """Where identifiers and secrets come from; tests count them."""

    def new_id(self) -> str:
        """Return a UUIDv7 as text: unique, and sorted by time of making. It is not a secret."""
        ...

    def new_secret(self) -> str:
        """Return 256 random bits as URL-safe text."""
        ...

    def new_code(self) -> str:
        """Return an 8-character code that a person can type from a screen."""
        ...


class SystemIds:
    """Identifiers from the system's clock and random source."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last_ms = 0
        self._counter = 0

    def new_id(self) -> str:
        """Return a UUIDv7 (RFC 9562 5.7), strictly growing within this process."""
        with self._lock:
            now_ms = int(self._clock.now().timestamp() * 1000)
            if now_ms > self._last_ms:
                self._last_ms, self._counter = now_ms, secrets.randbits(10)
            else:
                # 12 bits of counter; when they are used up, borrow the next millisecond.
                self._counter += 1
                if self._counter > _LAST_COUNT:
                    self._last_ms, self._counter = self._last_ms + 1, 0
            high = (self._last_ms << 16) | 0x7000 | self._counter
        low = (0b10 << 62) | secrets.randbits(62)
        return str(uuid.UUID(int=(high << 64) | low))

    def new_secret(self) -> str:
        """Return 256 random bits as URL-safe text."""
        return secrets.token_urlsafe(32)

    def new_code(self) -> str:
        """Return 8 characters of 31, about 40 bits: for codes that expire and are counted."""
        return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(8))
