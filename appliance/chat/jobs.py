"""The chat's jobs: answers to write, files to read ahead, a bin to empty, old texts to index."""

from collections.abc import Mapping

from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind, JobRefusedError
from appliance.base.jobs.schedule import Recurring
from appliance.chat.answering import Answering, AnswerOrder
from appliance.chat.indexing import Indexing
from appliance.chat.preparing import MOST_ATTEMPTS, Preparing, PreparingOrder
from appliance.chat.purging import Purging

ANSWER = "chat.answer"
PURGE = "chat.purge"
INDEX = "chat.index"
PREPARE = "chat.prepare"

# The engine has its own queue, which tells people their place; a job only waits there.
_ANSWERS_AT_ONCE = 64
# The handler raises only while storage takes no writes, and is to come back until it does;
# on a question that kills the box it gives up by itself, so that its row says so.
_UNTIL_STORED = 1_000_000
_LONGEST_PAUSE_S = 60.0
# All but one only wait for their turn.
_PREPARING_AT_ONCE = 1000
# The engine has begun anew by then, or will not so soon.
_FIRST_PREPARING_PAUSE_S, _LONGEST_PREPARING_PAUSE_S = 10.0, 600.0

RECURRING = (Recurring("chat.purge", PURGE, every_s=3600.0),)


class AnswerOrders:
    """Orders answers from the queue, in the transaction that writes their questions."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def __call__(self, tx: Transaction, order: AnswerOrder) -> None:
        """Enqueue the job of this answer, unless it is there."""
        payload = {
            "message_id": order.message_id,
            "owner_id": order.owner_id,
            "run": order.run,
        }
        # The job of the run before may be in the table a moment longer than that run.
        key = f"{order.message_id}:{order.run}" if order.run else order.message_id
        self._queue.enqueue(tx, ANSWER, payload, unique_key=key)


class PreparingOrders:
    """Orders files to be read ahead, in the transaction that keeps their texts."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def __call__(self, tx: Transaction, order: PreparingOrder) -> None:
        """Enqueue the job of this file, unless it is there."""
        payload = {"file_id": order.file_id, "owner_id": order.owner_id}
        self._queue.enqueue(tx, PREPARE, payload, unique_key=order.file_id)


class IndexingOrders:
    """Orders the indexing of old texts from the queue."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def __call__(self, tx: Transaction) -> None:
        """Enqueue the job, unless it is there."""
        self._queue.enqueue(tx, INDEX, {}, unique_key=INDEX)


def job_kinds(answering: Answering, purging: Purging, indexing: Indexing) -> tuple[JobKind, ...]:
    """Return the chat's kinds of jobs."""

    async def answer(payload: Mapping[str, object], attempt: int) -> None:
        await answering.write(_order_of(payload), attempt=attempt)

    async def purge(_payload: Mapping[str, object], _attempt: int) -> None:
        await purging.purge()

    async def index(_payload: Mapping[str, object], _attempt: int) -> None:
        await indexing.catch_up()

    return (
        JobKind(
            ANSWER,
            answer,
            concurrency=_ANSWERS_AT_ONCE,
            max_attempts=_UNTIL_STORED,
            longest_pause_s=_LONGEST_PAUSE_S,
        ),
        JobKind(PURGE, purge),
        JobKind(INDEX, index, max_attempts=_UNTIL_STORED, longest_pause_s=_LONGEST_PAUSE_S),
    )


def preparing_kinds(preparing: Preparing) -> tuple[JobKind, ...]:
    """Return the kind of job that reads files ahead, for a chat on a box that can."""

    async def prepare(payload: Mapping[str, object], attempt: int) -> None:
        file_id, owner_id = payload.get("file_id"), payload.get("owner_id")
        if not (isinstance(file_id, str) and isinstance(owner_id, str)):
            raise JobRefusedError("The job names no file and owner.")
        await preparing.prepare(PreparingOrder(file_id, owner_id), attempt=attempt)

    return (
        JobKind(
            PREPARE,
            prepare,
            concurrency=_PREPARING_AT_ONCE,
            max_attempts=MOST_ATTEMPTS,
            first_pause_s=_FIRST_PREPARING_PAUSE_S,
            longest_pause_s=_LONGEST_PREPARING_PAUSE_S,
        ),
    )


def _order_of(payload: Mapping[str, object]) -> AnswerOrder:
    message_id, owner_id = payload.get("message_id"), payload.get("owner_id")
    run = payload.get("run", 0)
    if not (isinstance(message_id, str) and isinstance(owner_id, str) and isinstance(run, int)):
        raise JobRefusedError("The job names no message and owner.")
    return AnswerOrder(message_id, owner_id, run)
