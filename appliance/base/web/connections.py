"""How many connections a listener holds: few per foreign address, and a bounded total."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from appliance.base.web.addresses import address_key, is_loopback


class Abortable(Protocol):
    """A connection, as far as counting goes: what asyncio calls a transport."""

    def abort(self) -> None:
        """Close at once."""
        ...


@dataclass
class ConnectionGate:
    """Decides who may connect, and whose connection makes room.

    Attributes:
        per_address: Most connections of one address other than this computer's own. Browsers
            open about six; a home or an office may share one address.
        in_all: Most connections in all. Each takes a file descriptor, and the database needs some.
    """

    per_address: int = 64
    in_all: int = 4096
    _open: dict[Abortable, str] = field(default_factory=dict[Abortable, str])
    _per_address: Counter[str] = field(default_factory=Counter[str])
    # In the order in which they began to wait.
    _idle: dict[Abortable, None] = field(default_factory=dict[Abortable, None])

    def admits(self, connection: Abortable, host: str) -> bool:
        """Return whether a new connection from `host` may stay; then it is counted, and idle."""
        key = address_key(host)
        if self._per_address[key] >= self.per_address and not is_loopback(host):
            return False
        if len(self._open) >= self.in_all and not self._close_longest_idle():
            return False
        self._open[connection] = key
        self._per_address[key] += 1
        self._idle[connection] = None
        return True

    def note_busy(self, connection: Abortable) -> None:
        """Remember that this connection's request is being answered."""
        self._idle.pop(connection, None)

    def note_idle(self, connection: Abortable) -> None:
        """Remember that this connection waits for its client."""
        if connection in self._open:
            self._idle[connection] = None

    def release(self, connection: Abortable) -> None:
        """Forget a connection that is closed; twice is once."""
        self._idle.pop(connection, None)
        key = self._open.pop(connection, None)
        if key is None:
            return
        self._per_address[key] -= 1
        if not self._per_address[key]:
            del self._per_address[key]

    def open_count(self) -> int:
        """Return how many connections there are."""
        return len(self._open)

    def _close_longest_idle(self) -> bool:
        # Honest clients send their request at once: who has waited longest is the likeliest
        # to hold the connection for its own sake.
        longest = next(iter(self._idle), None)
        if longest is None:
            return False
        longest.abort()
        self.release(longest)
        return True
