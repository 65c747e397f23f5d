from collections import Counter
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.database.opening import open_sqlite
from appliance.base.ids import SystemIds
from appliance.base.jobs.migrations import MIGRATIONS
from appliance.base.jobs.queue import JobQueue, count_jobs
from tests.databases import migrated
from tests.faults.killing import Program

_JOBS = 200
_LINES_BEFORE_KILLS = (1, 9, 23, 57)


def _with_jobs(file: Path) -> None:
    clock = SystemClock()
    queue = JobQueue(clock, SystemIds(clock))
    database = migrated(open_sqlite(file), MIGRATIONS)

    def enqueue_all(tx) -> None:
        for n in range(_JOBS):
            queue.enqueue(tx, "note", {"n": n})

    database.write_now(enqueue_all)
    database.close()


def _is_finished(file: Path) -> bool:
    database = open_sqlite(file)
    left = database.read_now(count_jobs)
    database.close()
    return left == {}


def _worked_with_kills(file: Path, mode: str) -> list[tuple[str, int]]:
    """Return what all the killed programs told, in order; the last one was not killed early."""
    told: list[str] = []
    for lines in _LINES_BEFORE_KILLS:
        with Program("tests.faults.working_program", file, mode) as program:
            told += [program.line() for _ in range(lines)]
            told += program.kill()
    if not _is_finished(file):
        with Program("tests.faults.working_program", file, mode) as program:
            while not (_is_finished(file)):
                told.append(program.line())
            told += program.kill()
    return [(word, int(n)) for word, n in (line.split() for line in told if line)]


def test_no_job_is_lost_and_none_begins_again_after_it_was_acknowledged(tmp_path: Path):
    file = tmp_path / "nodo.db"
    _with_jobs(file)

    told = _worked_with_kills(file, "durable")

    begun = Counter(n for word, n in told if word == "begun")
    ended: set[int] = set()
    begun_after_end: list[int] = []
    for word, n in told:
        if word == "ended":
            ended.add(n)
        elif n in ended:
            begun_after_end.append(n)
    assert set(begun) == set(range(_JOBS))
    assert max(Counter(n for word, n in told if word == "ended").values()) == 1
    assert begun_after_end == []
    # The kills did come in the middle: some jobs began more than once.
    assert max(begun.values()) > 1


def test_a_queue_that_forgets_what_it_hands_out_loses_jobs(tmp_path: Path):
    # The negative control: the same kills find the fault that the test above looks for.
    assert any(_some_are_lost(tmp_path / f"round-{number}.db") for number in range(8))


def _some_are_lost(file: Path) -> bool:
    # A kill may find nothing in anybody's hands, so that one round alone proves little.
    _with_jobs(file)
    told = _worked_with_kills(file, "forgetful")
    return {n for word, n in told if word == "begun"} != set(range(_JOBS))
