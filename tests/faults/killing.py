"""One of our programs in a process of its own, which is killed at the end."""

import subprocess
import sys
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).resolve().parents[2]


class Program:
    """A running `python -m module arguments`; leaving the `with` block kills it (SIGKILL)."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def line(self) -> str:
        """Return the next line that it writes; empty when it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def go_on(self) -> None:
        """Let it take its next step."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def kill(self) -> list[str]:
        """Kill it at once; return the lines that nobody had read."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            return []
        self._process.stdin.close()
        # Not `communicate`: it would leave out what `readline` has read ahead.
        rest = self._process.stdout.read().decode().splitlines()
        self._process.stdout.close()
        return rest
