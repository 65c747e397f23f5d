"""How quickly something comes, over the last seconds."""

from collections import deque

_WINDOW_S = 8.0
_LEAST_SEEN = 2


class Rate:
    """Bytes per second, from what is here at different times."""

    def __init__(self) -> None:
        self._seen = deque[tuple[float, int]]()

    def note(self, now_s: float, done_bytes: int) -> None:
        """Say how much is here now."""
        self._seen.append((now_s, done_bytes))
        while len(self._seen) > _LEAST_SEEN and self._seen[1][0] <= now_s - _WINDOW_S:
            self._seen.popleft()

    @property
    def bytes_per_s(self) -> float:
        """Return the rate; 0 while it is unknown."""
        if len(self._seen) < _LEAST_SEEN:
            return 0.0
        (first_s, first_bytes), (last_s, last_bytes) = self._seen[0], self._seen[-1]
        return max(last_bytes - first_bytes, 0) / (last_s - first_s) if last_s > first_s else 0.0

    def remaining_s(self, total_bytes: int) -> float | None:
        """Return how long the rest takes; None while the rate is unknown."""
        rate = self.bytes_per_s
        if not self._seen or rate <= 0 or total_bytes <= 0:
            return None
        return max(total_bytes - self._seen[-1][1], 0) / rate
