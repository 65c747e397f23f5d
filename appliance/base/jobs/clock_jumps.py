"""Noticing that somebody has set the clock: wall time against time that cannot be set."""

from appliance.base.clock import Clock

# Clocks that are only corrected a little run at most 0.5 ms per second fast or slow.
_TOLERATED_S = 2.0


class ClockWatch:
    """Compares how far both clocks have come since the last look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_s = self._measured_offset_s()

    def take_jump_s(self) -> float:
        """Return by how much the wall clock was set since the last look; 0 if it was not.

        Forwards is positive. Sleep of the whole computer counts as a jump forwards where the
        monotonic clock stands still in sleep, which is right for plans.
        """
        offset_s = self._measured_offset_s()
        jump_s = offset_s - self._offset_s
        self._offset_s = offset_s
        return jump_s if abs(jump_s) > _TOLERATED_S else 0.0

    def _measured_offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic_s()
