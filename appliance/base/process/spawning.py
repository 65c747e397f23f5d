"""Starting a program with pipes, in a process group of its own, and ending that group."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import psutil

_BUFFER_BYTES = 64 * 1024


class Pipes(SubprocessStreamProtocol):
    """The pipes of a child, and the moment when it ends.

    The standard library's own `Process.wait` also waits for the pipes (Python 3.11), which a
    grandchild may hold open for ever.

    Attributes:
        exited: Set to the return code when the child has ended.
        stdout_closed: Set when its standard output is read to the end.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_BUFFER_BYTES, loop=loop)
        self.exited: asyncio.Future[int] = loop.create_future()
        self.stdout_closed: asyncio.Future[None] = loop.create_future()
        self._process: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, which knows the return code."""
        super().connection_made(transport)
        # uvloop's transport has the methods but is no subclass.
        self._process = cast("asyncio.SubprocessTransport", transport)

    def process_exited(self) -> None:
        """Tell those who wait for the end."""
        super().process_exited()
        returncode = self._process.get_returncode() if self._process is not None else None
        if not self.exited.done():
            self.exited.set_result(returncode if returncode is not None else -signal.SIGTERM)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Tell those who wait for the last words."""
        super().pipe_connection_lost(fd, exc)
        if fd == 1 and not self.stdout_closed.done():
            self.stdout_closed.set_result(None)


async def spawn(
    argv: tuple[str, ...], *, environment: Mapping[str, str], cwd: Path | None
) -> tuple[asyncio.SubprocessTransport, Pipes]:
    """Return the running program and its pipes.

    Raises:
        OSError: If it cannot be started.
    """
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        flags, own_session = subprocess.CREATE_NEW_PROCESS_GROUP, False
    else:
        flags, own_session = 0, True
    return await loop.subprocess_exec(
        lambda: Pipes(loop),
        *argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=cwd,
        start_new_session=own_session,
        creationflags=flags,
    )


def ask_group_to_end(pid: int) -> None:
    """Send SIGTERM to the group of this child; end it outright on Windows, which has none."""
    _signal_group(pid, signal.SIGTERM)


def kill_group(pid: int) -> None:
    """Kill this child and all that it started; fine if they are gone."""
    _signal_group(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> None:
    if sys.platform == "win32":
        _end_tree(pid)
        return
    # The group is gone, or (macOS) holds only its dead leader.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _end_tree(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        leader = psutil.Process(pid)
        for process in [*leader.children(recursive=True), leader]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
