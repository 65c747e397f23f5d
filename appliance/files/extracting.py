"""Reading a file: the job that runs the extraction process, tells how far it is, keeps the text."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.events import Events
from appliance.base.process.child import Child, ChildGoneError, ChildSpec
from appliance.base.process.exits import ChildExit
from appliance.files import store
from appliance.files.blobs import Blobs
from appliance.files.extraction.frames import order_frame
from appliance.files.listening import FAILED, Heard
from appliance.files.measuring import Measuring
from appliance.files.model import (
    LONGEST_TEXT_CHARACTERS,
    Fault,
    FileState,
    ReadText,
    StoredFile,
)
from appliance.files.telling import tell

# A file on which the whole box dies again and again must not be read for ever.
_MOST_ATTEMPTS = 3
_TOLD_EVERY_S = 1.0
_BOX_STOPPED = Fault(
    "extraction_failed",
    "Nodo was stopped several times while it read this file.",
    "Upload the file again; if it stays, save it as plain text.",
)
_TOO_LONG = Fault(
    "extraction_too_long",
    "Reading this file takes too long.",
    "Split it into parts, or save it as plain text.",
)
_NO_MEMORY = Fault(
    "file_needs_memory",
    "Reading this file needs more memory than there is.",
    "Split it into parts, or save it as plain text.",
)


@dataclass(frozen=True)
class ReadingOrder:
    """What a job is told: which file is to be read, and whose it is."""

    file_id: str
    owner_id: str


class WhenRead(Protocol):
    """Hears, within the transaction that keeps its text, that a file is ready."""

    def __call__(self, tx: Transaction, file: StoredFile, /) -> None:
        """Note durably what is to be done with it."""
        ...


class Extracting:
    """Reads files, each in a process of its own that ends with it."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: Blobs,
        measuring: Measuring,
        clock: Clock,
        events: Events,
        spec: ChildSpec,
        longest_s: float,
        when_read: WhenRead,
    ) -> None:
        """Take what it works with.

        Args:
            database: Where files are kept.
            blobs: Where their contents are.
            measuring: Counts the tokens of what was read.
            clock: For how often progress is told.
            events: Hears how far files are.
            spec: How the extraction process is started.
            longest_s: Reading may take so long, whatever else the box does meanwhile.
            when_read: Hears which files are ready.
        """
        self._database = database
        self._blobs = blobs
        self._measuring = measuring
        self._clock = clock
        self._events = events
        self._spec = spec
        self._longest_s = longest_s
        self._when_read = when_read
        self._children: dict[str, Child] = {}

    async def extract(self, order: ReadingOrder, *, attempt: int) -> None:
        """Bring a file to `READY` or `FAILED`; nothing happens if it is there or gone.

        Raises:
            UnavailableError: If the process cannot be started now, or the database does not
                answer; the job is to be tried again.
            StorageFullError: Likewise, if the disk is full.
        """
        file = await self._database.read(
            lambda connection: store.find_file(connection, order.owner_id, order.file_id)
        )
        if file is None or file.state is not FileState.EXTRACTING:
            return
        outcome = _BOX_STOPPED if attempt > _MOST_ATTEMPTS else await self._outcome(file)
        if isinstance(outcome, Fault):
            await self._settle(file, lambda tx: store.set_failed(tx.connection, file.id, outcome))
        else:
            await self._keep(file, outcome)

    def give_up(self, file_id: str) -> None:
        """End the reading of a file that nobody wants any more."""
        child = self._children.get(file_id)
        if child is not None:
            child.kill()

    async def _outcome(self, file: StoredFile) -> ReadText | Fault:
        child = await Child.start(self._spec)
        self._children[file.id] = child
        heard = Heard()
        try:
            async with asyncio.timeout(self._longest_s):
                await self._listen(child, file, heard)
                return heard.outcome or _fault_of(await child.wait())
        except TimeoutError:
            return _TOO_LONG
        finally:
            child.kill()
            del self._children[file.id]
            await child.stop(grace_s=0)

    async def _listen(self, child: Child, file: StoredFile, heard: Heard) -> None:
        path = self._blobs.path_of(file.blob)
        told_s, told_pages = self._clock.monotonic_s(), 0
        try:
            await child.send(
                order_frame(path, file.kind, longest_characters=LONGEST_TEXT_CHARACTERS)
            )
        except ChildGoneError:
            return
        async for frame in child.messages():
            heard.take(frame)
            if heard.outcome is not None:
                return
            now_s = self._clock.monotonic_s()
            if heard.pages_done > told_pages and now_s - told_s >= _TOLD_EVERY_S:
                told_s, told_pages = now_s, heard.pages_done
                await self._tell_pages(file, heard)

    async def _tell_pages(self, file: StoredFile, heard: Heard) -> None:
        done, total = heard.pages_done, heard.pages or 0
        await self._database.write(
            lambda tx: store.set_pages(tx.connection, file.id, done=done, total=total)
        )
        tell(self._events, replace(file, pages=total, pages_done=done))

    async def _keep(self, file: StoredFile, read: ReadText) -> None:
        tokens, model = await self._measuring.tokens_of(read.text)
        await self._settle(
            file,
            lambda tx: store.set_ready(
                tx.connection, file.id, read, tokens=tokens, tokens_model=model
            ),
        )

    async def _settle(self, file: StoredFile, write: Callable[[Transaction], bool]) -> None:
        """Write the end down, and tell it if the file is still there."""

        def settled(tx: Transaction) -> None:
            if not write(tx):
                return
            final = store.find_file(tx.connection, file.owner_id, file.id)
            if final is not None and final.state is FileState.READY:
                self._when_read(tx, final)
            if final is not None:
                tx.after_commit(lambda: tell(self._events, final))

        await self._database.write(settled)


def _fault_of(ended: ChildExit) -> Fault:
    if ended.signal == getattr(signal, "SIGXCPU", None):
        return _TOO_LONG
    return _NO_MEMORY if "memory" in ended.reason else FAILED
