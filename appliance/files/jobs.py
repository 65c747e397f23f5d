"""The jobs of the files: one to be read, and what nobody can use to be removed."""

from collections.abc import Mapping

from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind, JobRefusedError
from appliance.base.jobs.schedule import Recurring
from appliance.files.extracting import Extracting, ReadingOrder
from appliance.files.model import StoredFile
from appliance.files.purging import Purging

READ = "files.read"
PURGE = "files.purge"

# A second one, so that a short text need not wait for the end of a long book.
_READ_AT_ONCE = 2
# The handler gives up by itself, so that the file's row says so; it raises only while the box
# cannot start a process or storage takes no writes.
_UNTIL_STORED = 1_000_000
_LONGEST_PAUSE_S = 60.0

RECURRING = (Recurring("files.purge", PURGE, every_s=3600.0),)


class ReadingOrders:
    """Orders readings from the queue, in the transaction that notes their files."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def __call__(self, tx: Transaction, file: StoredFile, *, others_waiting: int) -> None:
        """Enqueue the job of this file; who has many waiting comes after who has few."""
        payload = {"file_id": file.id, "owner_id": file.owner_id}
        self._queue.enqueue(tx, READ, payload, unique_key=file.id, priority=-others_waiting)


class PurgeOrders:
    """Orders a purge from the queue, in the transaction that leaves something to be removed."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def __call__(self, tx: Transaction) -> None:
        """Enqueue one, unless it is there."""
        self._queue.enqueue(tx, PURGE, {}, unique_key="released")


def job_kinds(extracting: Extracting, purging: Purging) -> tuple[JobKind, ...]:
    """Return the kinds of jobs of the files."""

    async def read(payload: Mapping[str, object], attempt: int) -> None:
        await extracting.extract(_order_of(payload), attempt=attempt)

    async def purge(_payload: Mapping[str, object], _attempt: int) -> None:
        await purging.purge()

    return (
        JobKind(
            READ,
            read,
            concurrency=_READ_AT_ONCE,
            max_attempts=_UNTIL_STORED,
            longest_pause_s=_LONGEST_PAUSE_S,
        ),
        JobKind(PURGE, purge),
    )


def _order_of(payload: Mapping[str, object]) -> ReadingOrder:
    file_id, owner_id = payload.get("file_id"), payload.get("owner_id")
    if not isinstance(file_id, str) or not isinstance(owner_id, str):
        raise JobRefusedError("The job names no file and owner.")
    return ReadingOrder(file_id, owner_id)
