"""Whether a silent child still works: a long step is patience, a stopped process is not."""

from dataclasses import dataclass

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


def hangs(*, silent_s: float, before: Vitals, now: Vitals) -> bool:
    """Return whether a child with work to do hangs.

    Args:
        silent_s: Seconds since it last said anything.
        before: Its vitals then.
        now: Its vitals now.
    """
    if silent_s < SILENT_AND_IDLE_S:
        return False
    if silent_s >= SILENT_BUT_BUSY_S or now.is_stopped:
        return True
    worked = now.cpu_s - before.cpu_s >= _LEAST_CPU_S
    fetched = now.read_bytes - before.read_bytes >= _LEAST_READ_BYTES
    return not worked and not fetched
