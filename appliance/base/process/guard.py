"""What a child process does to itself first of all: end with its parent, and hold nothing back.

Called by the child's own main function, before anything heavy is loaded. Everything here does
nothing where the system does not know it.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

import psutil

PARENT_VARIABLE = "NODO_PARENT_PID"

# From linux/prctl.h.
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_OOM_SCORE_FIRST_TO_GO = 800


def die_with_parent() -> None:
    """Make this process end when its parent ends, even by SIGKILL; end now if it is gone.

    The parent's id comes from the environment that `Child.start` makes. On Linux the kernel
    does it, tied to the thread that started this process, which must therefore live as long.
    """
    # The parent's word, not a setting of a person's: so it does not come through the settings.
    parent_pid = int(os.environ.get(PARENT_VARIABLE, os.getppid()))
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(
            target=_end_after, args=(parent_pid,), name="parent-watch", daemon=True
        ).start()
    # The parent may have died before the kernel was asked.
    if sys.platform != "win32" and os.getppid() != parent_pid:
        raise SystemExit("the parent process is gone")


def raise_oom_score() -> None:
    """Let the kernel take this process before the server when memory runs out."""
    score = Path("/proc/self/oom_score_adj")
    # Some containers mount /proc read-only; then the kernel's own choice stands.
    with contextlib.suppress(OSError):
        score.write_text(str(_OOM_SCORE_FIRST_TO_GO), encoding="ascii")


def no_core_dumps() -> None:
    """Keep this process's memory, with people's words in it, off the disk when it crashes."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(size_bytes: int) -> None:
    """Let allocations beyond so much address space fail, whatever a hostile file asks for (Linux).

    For processes without threads and big libraries: their address space is what they use.
    """
    if sys.platform != "linux":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (size_bytes, size_bytes))


def limit_cpu(seconds: int) -> None:
    """End this process by SIGXCPU once it has computed for so long."""
    if sys.platform == "win32":
        return
    import resource

    # A second later SIGKILL, in case somebody handles the first.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def write_nothing() -> None:
    """Give up, for good, writing to files and starting other processes; pipes stay open."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def no_new_privileges() -> None:
    """Give up, for good, gaining rights by starting other programs (Linux)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}, {value}): {os.strerror(number)}")


def _end_after(parent_pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(parent_pid).wait()
    os._exit(1)
