"""One child process that we own: messages over its pipes, its words in the log, its end."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from appliance.base.errors import UnavailableError
from appliance.base.process.exits import ChildExit, count_memory_kills, exit_of
from appliance.base.process.frames import LineSplitter, decoded, encoded
from appliance.base.process.guard import PARENT_VARIABLE
from appliance.base.process.spawning import Pipes, ask_group_to_end, kill_group, spawn
from appliance.base.process.stderr import forward_lines

log = logging.getLogger(__name__)

_CHUNK_BYTES = 64 * 1024
_TERMINATE_WAIT_S = 2.0
_LAST_MESSAGES_WAIT_S = 1.0
_IGNORED_LINES_LOGGED = 3


class ChildGoneError(UnavailableError):
    """The child process has ended."""

    code = "child_gone"


@dataclass(frozen=True)
class ChildSpec:
    """How a child is started.

    Attributes:
        name: For logs and errors.
        argv: Program and arguments; the program by its full path.
        environment: All that the child sees, and `NODO_PARENT_PID`; nothing else of ours.
        cwd: Its working folder; ours if None.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    cwd: Path | None = None


class Child:
    """A running child process in a session of its own; made by `Child.start`.

    Whoever starts it reads `messages()` to the end or calls `stop`: a child whose messages
    nobody reads stands still once its pipe is full.

    Attributes:
        name: From its spec.
        pid: Its process id.
        ignored_lines: How many lines on its standard output were not messages.
    """

    def __init__(
        self,
        name: str,
        process: tuple[asyncio.SubprocessTransport, Pipes],
        *,
        memory_kills: int,
    ) -> None:
        self.name = name
        self.ignored_lines = 0
        self._transport, self._pipes = process
        self.pid = self._transport.get_pid()
        self._memory_kills = memory_kills
        self._usage = _usage_of(self.pid)
        loop = asyncio.get_running_loop()
        stderr = self._pipes.stderr
        self._errors = loop.create_task(forward_lines(name, stderr)) if stderr else None
        self._end = loop.create_task(self._watch())

    @classmethod
    async def start(cls, spec: ChildSpec) -> "Child":
        """Return the child once its program is running.

        Raises:
            UnavailableError: If it cannot be started.
        """
        memory_kills = await asyncio.to_thread(count_memory_kills)
        environment = {**spec.environment, PARENT_VARIABLE: str(os.getpid())}
        try:
            process = await spawn(spec.argv, environment=environment, cwd=spec.cwd)
        except OSError as error:
            raise UnavailableError(
                f"{spec.name} could not be started: {error.strerror}.",
                code="child_not_started",
                hint=f"Check that {Path(spec.argv[0]).name} is there and may be run.",
            ) from error
        child = cls(spec.name, process, memory_kills=memory_kills)
        log.info("child started", extra={"child": child.name, "child_pid": child.pid})
        return child

    async def send(self, message: Mapping[str, object]) -> None:
        """Send a message; waits while the child does not read, so give it a deadline.

        Raises:
            ChildGoneError: If the child has ended, or is being stopped.
            TooLargeError: If the message is longer than a pipe takes.
        """
        line = encoded(message)
        stdin = self._pipes.stdin
        if stdin is None or stdin.is_closing() or self._pipes.exited.done():
            raise self._gone()
        try:
            stdin.write(line)
            await stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            # RuntimeError is uvloop's word for a pipe that was closed a moment ago.
            raise self._gone() from error

    async def messages(self) -> AsyncIterator[dict[str, object]]:
        """Yield what the child says, until it closes its standard output; for one reader."""
        stdout = self._pipes.stdout
        splitter = LineSplitter()
        while stdout is not None and (chunk := await stdout.read(_CHUNK_BYTES)):
            for line in splitter.feed(chunk):
                message = decoded(line)
                if message is None:
                    self._ignore("a line that is not a JSON object")
                else:
                    yield message
            for _ in range(splitter.take_skipped()):
                self._ignore("a line that is too long")

    async def wait(self) -> ChildExit:
        """Return how the child ended, once it has."""
        return await asyncio.shield(self._end)

    async def stop(self, *, grace_s: float) -> ChildExit:
        """Return how the child ended: asked first, then told, then killed with all it started.

        Args:
            grace_s: How long it may take to end by itself after its standard input is closed.
        """
        if self._pipes.stdin is not None:
            self._pipes.stdin.close()
        try:
            if not await self._ends_within(grace_s):
                ask_group_to_end(self.pid)
                await self._ends_within(_TERMINATE_WAIT_S)
        finally:
            self.kill()
        ended = await self.wait()
        # Its last words are still in the pipe; whoever reads gets them, if quick.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MESSAGES_WAIT_S):
                await asyncio.shield(self._pipes.stdout_closed)
        self._transport.close()
        return ended

    def kill(self) -> None:
        """Kill the child and all that it started, at once; does nothing if it has ended."""
        if not self._pipes.exited.done():
            kill_group(self.pid)

    def cpu_s(self) -> float:
        """Return the processor seconds that it has used; 0 when it is gone."""
        if self._usage is None:
            return 0.0
        try:
            times = self._usage.cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def rss_bytes(self) -> int:
        """Return the memory that it holds now; 0 when it is gone."""
        if self._usage is None:
            return 0
        try:
            return self._usage.memory_info().rss
        except psutil.Error:
            return 0

    async def _watch(self) -> ChildExit:
        try:
            returncode = await self._pipes.exited
        finally:
            # What it started goes too, and lets go of the pipes, so that `messages` ends.
            # If we are cancelled, the event loop ends: then nobody owns the child any more.
            kill_group(self.pid)
        memory_kills = await asyncio.to_thread(count_memory_kills)
        ended = exit_of(returncode, out_of_memory=memory_kills > self._memory_kills)
        facts = {"child": self.name, "child_pid": self.pid, "reason": ended.reason}
        log.info("child ended", extra=facts)
        return ended

    async def _ends_within(self, seconds: float) -> bool:
        done, _ = await asyncio.wait([self._end], timeout=seconds)
        return bool(done)

    def _ignore(self, what: str) -> None:
        self.ignored_lines += 1
        if self.ignored_lines <= _IGNORED_LINES_LOGGED:
            # Never the line itself: it may hold people's words.
            log.warning("child said no message", extra={"child": self.name, "what": what})

    def _gone(self) -> ChildGoneError:
        ended = self._end.done() and not self._end.cancelled()
        why = f": {self._end.result().reason}" if ended else ""
        return ChildGoneError(f"{self.name} has ended{why}.")


def _usage_of(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:  # It ended at once.
        return None
