"""Whether a silent child still works: a long step is patience, a stopped process is not."""

from dataclasses import dataclass, replace

import psutil

# With nothing heard and nothing done for this long, the child hangs. Clients hear of it within 5 s.
SILENT_AND_IDLE_S = 3.5
# Even a child that burns the processor must say something within this time.
SILENT_BUT_BUSY_S = 90.0
_LEAST_CPU_S = 0.02
_LEAST_READ_BYTES = 64 << 10


@dataclass(frozen=True)
class Vitals:
    """What a process has done so far.

    Attributes:
        cpu_s: Processor seconds.
        read_bytes: Bytes fetched from disks, those of mapped files included.
        is_stopped: Whether somebody has stopped it (SIGSTOP).
    """

    cpu_s: float
    read_bytes: int
    is_stopped: bool


@dataclass(frozen=True)
class Pulse:
    """What is known of a child that has work to do; times are monotonic seconds.

    Attributes:
        heard_s: When it last said anything.
        worked_s: When it was last seen to have done something.
        vitals: What it had done by then.
    """

    heard_s: float
    worked_s: float
    vitals: Vitals

    def after_words(self, now_s: float) -> "Pulse":
        """Return the pulse of a child that has just said something."""
        return replace(self, heard_s=now_s, worked_s=now_s)

    def after_look(self, vitals: Vitals, now_s: float) -> "Pulse":
        """Return the pulse after a look at the process; crumbs of work add up to a sign of life."""
        worked = vitals.cpu_s - self.vitals.cpu_s >= _LEAST_CPU_S
        fetched = vitals.read_bytes - self.vitals.read_bytes >= _LEAST_READ_BYTES
        if not worked and not fetched:
            return replace(self, vitals=replace(self.vitals, is_stopped=vitals.is_stopped))
        return replace(self, worked_s=now_s, vitals=vitals)

    def hangs(self, now_s: float) -> bool:
        """Return whether the child must be given up."""
        silent_s = now_s - self.heard_s
        if silent_s < SILENT_AND_IDLE_S:
            return False
        idle_s = now_s - self.worked_s
        return (
            silent_s >= SILENT_BUT_BUSY_S or self.vitals.is_stopped or idle_s >= SILENT_AND_IDLE_S
        )


def vitals_of(pid: int) -> Vitals | None:
    """Return what the process has done; None if it has gone."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        stopped = process.status() == psutil.STATUS_STOPPED
        counters = process.io_counters() if hasattr(process, "io_counters") else None
    except psutil.Error:
        return None
    return Vitals(times.user + times.system, counters.read_bytes if counters else 0, stopped)
