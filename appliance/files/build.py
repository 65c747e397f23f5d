"""Putting the files together; the signature is all that they need."""

from dataclasses import dataclass
from pathlib import Path

from appliance.base.checks import Check
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.events import Events
from appliance.base.ids import Ids
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring
from appliance.base.process.child import ChildSpec
from appliance.engine.text.port import TextEngine
from appliance.files.blobs import Blobs
from appliance.files.checks import FilesCheck
from appliance.files.extracting import Extracting, WhenRead
from appliance.files.jobs import RECURRING, PurgeOrders, ReadingOrders, job_kinds
from appliance.files.keeping import Keeping
from appliance.files.lending import Lending
from appliance.files.measuring import Measuring
from appliance.files.model import StoredFile
from appliance.files.purging import Purging
from appliance.files.routes import Activities, APIRouter, build_router
from appliance.files.uploading import Uploading

# Of real time, while answers may take all cores; of processor time a file has less.
_LONGEST_READING_S = 900.0


@dataclass(frozen=True)
class Files:
    """The slice of files, ready to be mounted and started.

    Attributes:
        router: Its routes.
        lending: What other parts may do with people's files.
        job_kinds: What the worker must know how to do.
        recurring: What the schedule enqueues again and again.
        check: Whether files can be taken.
    """

    router: APIRouter
    lending: Lending
    job_kinds: tuple[JobKind, ...]
    recurring: tuple[Recurring, ...]
    check: Check
    _blobs: Blobs

    async def start(self) -> None:
        """Make room for contents, without what uploads of an earlier run left half."""
        await self._blobs.prepare()


def build_files(
    database: Database,
    engine: TextEngine,
    clock: Clock,
    ids: Ids,
    queue: JobQueue,
    *,
    events: Events,
    folder: Path,
    spec: ChildSpec,
    when_read: WhenRead | None = None,
    longest_reading_s: float = _LONGEST_READING_S,
) -> Files:
    """Return the files.

    Args:
        database: Where files are noted.
        engine: Counts their tokens.
        clock: What time it is.
        ids: Names for new things.
        queue: Sees to it that files are read.
        events: Hears how far files are, and which are removed.
        folder: Where their contents lie; nobody else writes in it.
        spec: How the extraction process is started.
        when_read: Hears which files are ready, in the transaction that makes them so.
        longest_reading_s: A file whose reading takes longer is given up.
    """
    blobs = Blobs(folder, ids)
    measuring = Measuring(database, engine)
    extracting = Extracting(
        database=database,
        blobs=blobs,
        measuring=measuring,
        clock=clock,
        events=events,
        spec=spec,
        longest_s=longest_reading_s,
        when_read=when_read or _nobody_waits,
    )
    uploading = Uploading(
        database=database, blobs=blobs, clock=clock, ids=ids, order=ReadingOrders(queue)
    )
    keeping = Keeping(database, blobs, extracting, events)
    return Files(
        router=build_router(Activities(uploading, keeping, measuring)),
        lending=Lending(measuring, PurgeOrders(queue)),
        job_kinds=job_kinds(extracting, Purging(database, blobs, clock)),
        recurring=RECURRING,
        check=FilesCheck(blobs),
        _blobs=blobs,
    )


def _nobody_waits(_tx: Transaction, _file: StoredFile) -> None:
    """Nobody wants to know which files are ready."""
