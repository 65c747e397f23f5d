"""The forms of a log line: JSON for files and programs, a short line for people."""

import json
import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from appliance.base.redaction import Redactor

# What every record has; all else came by `extra`.
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "request_id",
    "color_message",
    "taskName",
}
_LONGEST_TEXT = 16_000
# A cut right here could leave half a secret that no pattern knows; it is cut again after.
_LONGEST_RAW_TEXT = 4 * _LONGEST_TEXT
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_OWNER_ONLY = 0o600


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, without secrets."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. JSON's escapes keep line ends of a text from starting a new line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": _clean(self._redactor, record.getMessage()),
        }
        request_id = getattr(record, "request_id", "")
        if request_id:
            line["request_id"] = request_id
        for name, value in _extra(record).items():
            line.setdefault(name, self._redactor.value(name, value))
        if record.exc_text:
            line["error"] = _clean(self._redactor, record.exc_text)
        return json.dumps(line, default=str)


class ConsoleLines(logging.Formatter):
    """Writes a record as a short line for people, without secrets and control characters."""

    def __init__(self, redactor: Redactor, *, with_tracebacks: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._with_tracebacks = with_tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback follows indented where no file keeps it."""
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        facts = "".join(
            f" {name}={self._redactor.value(name, value)}"
            for name, value in _extra(record).items()
            if value not in ("", None)
        )
        text = _clean(self._redactor, record.getMessage())
        request_id = getattr(record, "request_id", "")
        tail = f" [{request_id}]" if request_id else ""
        line = _visible(f"{moment:%H:%M:%S} {record.levelname:7} {text}{facts}{tail}")
        return line + self._error(record)

    def _error(self, record: logging.LogRecord) -> str:
        if not record.exc_text:
            return ""
        lines = _clean(self._redactor, record.exc_text).splitlines()
        if not self._with_tracebacks:
            return f" ({_visible(lines[-1])})"
        return "".join(f"\n    | {_visible(line)}" for line in lines)


class RotatingLines(logging.Handler):
    """Appends lines to a file, and starts a new one before it grows too large.

    What cannot be written is counted and let go: a full disk must not hurt a request.
    """

    def __init__(self, file: Path, *, most_bytes: int, files: int) -> None:
        """Prepare the handler; the file is opened with the first line, or by `refusal`.

        Args:
            file: The current file; older ones are beside it as `.1` (newest) and so on.
            most_bytes: Largest size of one file.
            files: How many there are, the current one included.
        """
        super().__init__()
        self.lost = 0
        self._file = file
        self._most_bytes = most_bytes
        self._files = files
        self._descriptor: int | None = None
        self._size_bytes = 0
        self._is_line_open = False

    def refusal(self) -> str:
        """Return why lines cannot be written, in the system's words; empty if they can."""
        try:
            self._open()
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""

    def emit(self, record: logging.LogRecord) -> None:
        """Append one line."""
        line = self.format(record).encode("utf-8", errors="backslashreplace") + b"\n"
        if self._is_line_open:
            # The disk filled up in the middle of a line: do not write on within it.
            line = b"\n" + line
        try:
            self._write(line)
        except OSError:
            self.lost += 1
            self._close_file()

    def close(self) -> None:
        """Close the file."""
        self._close_file()
        super().close()

    def _write(self, line: bytes) -> None:
        if self._descriptor is None:
            self._open()
        if self._size_bytes and self._size_bytes + len(line) > self._most_bytes:
            self._rotate()
        if self._descriptor is None:
            return
        written = self.append(self._descriptor, line)
        self._size_bytes += written
        self._is_line_open = written < len(line)
        if self._is_line_open:
            raise OSError("the disk took a part of the line only")

    def append(self, descriptor: int, line: bytes) -> int:
        """Return how many bytes of `line` the disk took."""
        return os.write(descriptor, line)

    def _open(self) -> None:
        # Windows would write its own line ends otherwise.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self._file, flags, _OWNER_ONLY)
        self._size_bytes = os.fstat(self._descriptor).st_size

    def _rotate(self) -> None:
        self._close_file()
        names = [self._file, *(Path(f"{self._file}.{n}") for n in range(1, self._files))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
        self._open()

    def _close_file(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}


def _clean(redactor: Redactor, text: str) -> str:
    clean = redactor.text(text[:_LONGEST_RAW_TEXT])
    return clean if len(clean) <= _LONGEST_TEXT else clean[:_LONGEST_TEXT] + "…"


def _visible(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
