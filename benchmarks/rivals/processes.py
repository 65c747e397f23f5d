"""What the system tells of processes, as finely as it can."""

import socket
from pathlib import Path


def cpu_s_of(pid: int) -> float:
    """Return the processor seconds of a process and all its threads.

    Source:
        Linux, Documentation/scheduler/sched-stats.rst: the first number is nanoseconds on a
        processor; /proc/PID/stat counts in hundredths of a second only.
    """
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def free_port() -> int:
    """Return a port of loopback that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
