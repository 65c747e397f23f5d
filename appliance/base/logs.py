"""The log: one line per event, named by request, without anybody's secrets."""

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any, TextIO

from appliance.base.log_lines import ConsoleLines, JsonLines, RotatingLines
from appliance.base.redaction import Redactor

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_LONGEST_QUEUE = 10_000
_STOP_S = 2.0
# To wake a thread for each line costs more than the line.
_GATHER_S = 0.05
# They say at INFO what we say ourselves, or repeat whole addresses.
_TALKATIVE = ("uvicorn.error", "httpx", "httpcore", "apscheduler", "alembic", "asyncio")


def current_request_id() -> str:
    """Return the id of the request being answered; empty outside of one."""
    return _request_id.get()


@contextmanager
def request_named(request_id: str) -> Iterator[None]:
    """Give everything logged within this block the id of its request."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


@dataclass(frozen=True)
class LogPlan:
    """Where the log goes.

    Attributes:
        level: `debug`, `info`, `warning` or `error`; less important lines are not written.
        file: JSON lines go there; None writes no file.
        file_bytes: Largest size of one file.
        files: How many files are kept, the current one included.
    """

    level: str = "info"
    file: Path | None = None
    file_bytes: int = 5 * 1024 * 1024
    files: int = 5


class Logs:
    """The running log; close it last, so that it tells how everything else ended.

    Attributes:
        file_refusal: Why there will be no file, in the system's words; empty if there is one.
    """

    def __init__(
        self, redactor: Redactor, inlet: "_Inlet", listener: "_Listener", *, file_refusal: str = ""
    ) -> None:
        self.file_refusal = file_refusal
        self._redactor = redactor
        self._inlet = inlet
        self._listener = listener

    @property
    def lost(self) -> int:
        """Return how many lines could not be written since the start."""
        files = [one.lost for one in self._listener.handlers if isinstance(one, RotatingLines)]
        return self._inlet.lost + self._listener.lost + sum(files)

    def hide(self, secret: str) -> None:
        """Never write this value, wherever it stands."""
        self._redactor.hide(secret)

    def close(self) -> None:
        """Write what waits, and let go of the root logger."""
        logging.getLogger().removeHandler(self._inlet)
        self._listener.stop()
        for handler in self._listener.handlers:
            handler.close()


def start_logs(plan: LogPlan, *, console: TextIO | None) -> Logs:
    """Return the running log of this process; lines are written by a thread of its own.

    Args:
        plan: Level and file.
        console: Short lines for people go there; None writes none.
    """
    redactor = Redactor()
    handlers: list[logging.Handler] = []
    file_refusal = ""
    if plan.file is not None:
        file = RotatingLines(plan.file, most_bytes=plan.file_bytes, files=plan.files)
        file_refusal = file.refusal()
        file.setFormatter(JsonLines(redactor))
        handlers.append(file)
    if console is not None:
        screen = _Console(console)
        screen.setFormatter(ConsoleLines(redactor, with_tracebacks=plan.file is None))
        handlers.append(screen)
    lines: queue.Queue[logging.LogRecord | None] = queue.Queue(_LONGEST_QUEUE)
    inlet = _Inlet(lines)
    listener = _Listener(lines, *handlers)
    root = logging.getLogger()
    root.setLevel(plan.level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    root.addHandler(inlet)
    listener.start()
    return Logs(redactor, inlet, listener, file_refusal=file_refusal)


class _Inlet(QueueHandler):
    """Takes a record in the thread that logs, without ever waiting for the disk."""

    def __init__(self, lines: "queue.Queue[logging.LogRecord | None]") -> None:
        super().__init__(lines)
        self.lost = 0
        self.addFilter(_is_worth_a_line)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # A copy: other handlers see the record too. Its parts are made text here, because
        # objects may have changed by the time the line is written.
        own = logging.makeLogRecord(vars(record))
        own.msg, own.args = record.getMessage(), None
        own.request_id = current_request_id()
        if record.exc_info:
            own.exc_text = logging.Formatter().formatException(record.exc_info)
            own.exc_info = None
        return own

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.lost += 1

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's
        # A malformed log call must not hurt the request that made it.
        self.lost += 1


class _Listener(QueueListener):
    """Writes the records; goes on after a bad one, and stops even when the queue is full."""

    def __init__(
        self, lines: "queue.Queue[logging.LogRecord | None]", *handlers: logging.Handler
    ) -> None:
        super().__init__(lines, *handlers)
        self.lost = 0
        self._lines = lines
        self._is_stopping = threading.Event()

    def dequeue(self, block: bool) -> Any:  # noqa: FBT001 - logging's
        """Return the next line; after a silence, once those that come with it are there too."""
        with contextlib.suppress(queue.Empty):
            return self._lines.get_nowait()
        first = self._lines.get(block)
        self._is_stopping.wait(_GATHER_S)
        return first

    def handle(self, record: logging.LogRecord) -> None:
        try:
            super().handle(record)
        except Exception:  # noqa: BLE001 - a value's own text may raise anything
            self.lost += 1

    def enqueue_sentinel(self) -> None:
        self._is_stopping.set()
        try:
            self._lines.put(None, timeout=_STOP_S)
        except queue.Full:
            # The console or the disk hangs: the thread is a daemon and ends with the process.
            self._thread = None


class _Console(logging.StreamHandler[TextIO]):
    """Short lines on a terminal or a pipe, which may be gone."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's
        return


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Return False for the tasks that uvicorn cancels when it stops: that is no failure."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, asyncio.CancelledError)
