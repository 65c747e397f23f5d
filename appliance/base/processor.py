"""Which processor this computer has, in the words of its maker."""

import platform
from pathlib import Path

_LINUX_FACTS = Path("/proc/cpuinfo")


def processor_name() -> str:
    """Return the name of the processor; only its kind where nobody tells more."""
    try:
        lines = _LINUX_FACTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
