"""The log: its lines, its files, and that no secret and no forged line gets in."""

import asyncio
import io
import json
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.base.log_lines import RotatingLines
from appliance.base.logs import LogPlan, Logs, request_named, start_logs

_CANARY = "hunter2canary"
log = logging.getLogger("tests.canary")


def _fail(error: BaseException) -> None:
    raise error


@contextmanager
def _running(plan: LogPlan, console: io.StringIO | None = None) -> Iterator[Logs]:
    before = logging.getLogger().level
    logs = start_logs(plan, console=console)
    try:
        yield logs
    finally:
        logs.close()
        logging.getLogger().setLevel(before)


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_json_with_the_requests_name_and_its_facts(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(file=file)), request_named("request-7"):
        log.info("message sent", extra={"channel": "web", "attempt": 2})

    (line,) = _lines(file)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "tests.canary",
        "event": "message sent",
        "request_id": "request-7",
        "channel": "web",
        "attempt": 2,
    }


def test_people_get_a_short_line() -> None:
    console = io.StringIO()
    with _running(LogPlan(), console), request_named("request-7"):
        log.warning("engine stopped", extra={"code": 1})

    assert console.getvalue()[8:] == " WARNING engine stopped code=1 [request-7]\n"


def test_less_important_lines_are_not_written(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(level="warning", file=file)):
        log.info("small talk")
        log.warning("something")

    assert [line["event"] for line in _lines(file)] == ["something"]


def test_no_secret_reaches_file_or_console(tmp_path: Path) -> None:
    file, console = tmp_path / "nodo.log", io.StringIO()
    with _running(LogPlan(file=file), console) as logs:
        logs.hide(_CANARY)
        log.info("a password=%s b", _CANARY)
        log.info("plain %s in words", _CANARY)
        log.info("fields", extra={"refresh_token": "other-canary", "data": {"note": _CANARY}})
        log.info("headers", extra={"headers": {"Authorization": "Bearer other-canary"}})
        try:
            _fail(RuntimeError(f"postgresql://nodo:{_CANARY}@db/nodo"))
        except RuntimeError:
            log.exception("it failed")

    written = file.read_text(encoding="utf-8") + console.getvalue()
    assert "it failed" in written
    assert _CANARY not in written
    assert "other-canary" not in written


def test_a_line_end_in_a_text_forges_no_line(tmp_path: Path) -> None:
    file, console = tmp_path / "nodo.log", io.StringIO()
    with _running(LogPlan(file=file), console):
        forged = "x\r\n12:00:00 ERROR forged\x1b[2J\u2028\x9b"
        log.info("path %s", forged, extra={"path": forged})

    assert len(_lines(file)) == 1
    assert len(console.getvalue().splitlines()) == 1
    assert "\x1b" not in console.getvalue() + file.read_text(encoding="utf-8")


def test_a_traceback_is_in_the_file_and_its_last_line_on_the_console(tmp_path: Path) -> None:
    file, console = tmp_path / "nodo.log", io.StringIO()
    with _running(LogPlan(file=file), console):
        try:
            _fail(ValueError("broken"))
        except ValueError:
            log.exception("it failed")

    assert "Traceback" in str(_lines(file)[0]["error"])
    assert console.getvalue().endswith(" ERROR   it failed (ValueError: broken)\n")


def test_without_a_file_the_console_has_the_traceback() -> None:
    console = io.StringIO()
    with _running(LogPlan(), console):
        try:
            _fail(ValueError("broken"))
        except ValueError:
            log.exception("it failed")

    assert "\n    | Traceback" in console.getvalue()


def test_the_files_are_bounded_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(file=file, file_bytes=1000, files=3)):
        for number in range(100):
            log.info("line", extra={"number": number})

    files = sorted(tmp_path.iterdir())
    assert [one.name for one in files] == ["nodo.log", "nodo.log.1", "nodo.log.2"]
    assert all(one.stat().st_size <= 1000 for one in files)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _lines(file)[-1]["number"] == 99
    assert _lines(tmp_path / "nodo.log.1")[-1]["number"] == int(str(_lines(file)[0]["number"])) - 1


def test_a_log_goes_on_in_the_file_of_the_last_start(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    for number in (1, 2):
        with _running(LogPlan(file=file)):
            log.info("start", extra={"number": number})

    assert [line["number"] for line in _lines(file)] == [1, 2]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_hurts_nobody_and_is_counted() -> None:
    with _running(LogPlan(file=Path("/dev/full"))) as logs:
        log.info("first")
        log.info("second")

    assert logs.lost == 2


def test_after_a_line_cut_by_a_full_disk_the_next_one_starts_anew(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    handler = _HalfFull(file, most_bytes=10_000, files=2)
    for text in ("first", "second"):
        handler.emit(logging.makeLogRecord({"msg": text}))
    handler.close()

    assert file.read_text(encoding="utf-8") == "fir\nsecond\n"
    assert handler.lost == 1


class _HalfFull(RotatingLines):
    """A disk that takes three bytes of the first line."""

    def append(self, descriptor: int, line: bytes) -> int:
        return os.write(descriptor, line[:3] if line.startswith(b"first") else line)


def test_a_file_that_cannot_be_written_is_known_from_the_start(tmp_path: Path) -> None:
    with _running(LogPlan(file=tmp_path / "not there" / "nodo.log")) as nowhere:
        assert nowhere.file_refusal == "No such file or directory"
    with _running(LogPlan(file=tmp_path)) as folder:
        assert folder.file_refusal == "Is a directory"
    with _running(LogPlan(file=tmp_path / "nodo.log")) as well:
        assert not well.file_refusal


def test_a_missing_folder_hurts_nobody(tmp_path: Path) -> None:
    with _running(LogPlan(file=tmp_path / "gone" / "nodo.log")) as logs:
        log.info("first")

    assert logs.lost == 1


def test_a_malformed_log_call_hurts_nobody() -> None:
    record = logging.makeLogRecord({"msg": "%d of %d", "args": ("x",)})
    with _running(LogPlan()) as logs:
        # To our handler alone: the one of the test runner raises on purpose.
        logging.getLogger().handlers[-1].handle(record)

    assert logs.lost == 1


class _Unprintable:
    def __str__(self) -> str:
        raise KeyError("no text")


def test_a_value_without_a_text_costs_its_line_only(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(file=file)) as logs:
        log.info("first", extra={"value": _Unprintable()})
        log.info("second")

    assert [line["event"] for line in _lines(file)] == ["second"]
    assert logs.lost == 1


def test_objects_are_written_as_they_were_when_they_were_logged(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    names = ["ana"]
    with _running(LogPlan(file=file)):
        log.info("people %s", names)
        names.append("juan")

    assert _lines(file)[0]["event"] == "people ['ana']"


def test_tasks_cancelled_at_the_end_are_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(file=file)):
        try:
            _fail(asyncio.CancelledError())
        except asyncio.CancelledError:
            log.exception("Exception in ASGI application")

    assert file.read_text(encoding="utf-8") == ""


def test_a_burst_costs_the_caller_no_more_than_the_queue(tmp_path: Path) -> None:
    file = tmp_path / "nodo.log"
    with _running(LogPlan(file=file, file_bytes=10**9)) as logs:
        for number in range(30_000):
            log.info("burst", extra={"number": number})

    assert len(_lines(file)) + logs.lost == 30_000
