"""How a child process ended, and why it probably did."""

from dataclasses import dataclass
from pathlib import Path

_VMSTAT = Path("/proc/vmstat")


@dataclass(frozen=True)
class ChildExit:
    """The end of a child process.

    Attributes:
        code: What it gave back; None if a signal ended it.
        signal: Which signal ended it; None if it ended by itself.
        reason: One clause for people and logs, such as `stopped with code 1`.
    """

    code: int | None
    signal: int | None
    reason: str


def exit_of(returncode: int, *, out_of_memory: bool) -> ChildExit:
    """Return the end that `returncode` tells of, in the counting of `subprocess`.

    Args:
        returncode: The exit code, or the negative number of the signal.
        out_of_memory: Whether the kernel killed something for memory while the child ran.
    """
    if returncode >= 0:
        return ChildExit(returncode, None, f"stopped with code {returncode}")
    reason = f"killed by signal {-returncode}"
    if out_of_memory:
        reason += "; the system was out of memory"
    return ChildExit(None, -returncode, reason)


def count_memory_kills(vmstat: Path = _VMSTAT) -> int:
    """Return how many processes the kernel has killed for memory since it started; 0 if unknown."""
    try:
        lines = vmstat.read_text(encoding="ascii").splitlines()
    except OSError:  # Not Linux, or /proc is closed to us.
        return 0
    found = (line.split()[1] for line in lines if line.startswith("oom_kill "))
    return int(next(found, "0"))
