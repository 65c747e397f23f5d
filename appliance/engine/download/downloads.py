"""The downloads of this box: a few at once, and going on after a restart."""

import asyncio
import hashlib
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from appliance.base.clock import Clock
from appliance.base.errors import ApplianceError, NotFoundError
from appliance.engine.download.addresses import Reach
from appliance.engine.download.copying import Copying
from appliance.engine.download.fetching import Fetching
from appliance.engine.download.model import Download, DownloadState, Progress, StoppedError, Wanted
from appliance.engine.download.rate import Rate
from appliance.engine.download.sources import wanted_of
from appliance.engine.library.admitting import admit
from appliance.engine.library.blobs import not_written
from appliance.engine.library.files import write_json
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel

log = logging.getLogger(__name__)

_AT_ONCE = 2
_LOOK_S = 0.1


class Underway:
    """A download and the thread that does it. Written by one thread, read by the loop."""

    def __init__(self, download: Download, clock: Clock) -> None:
        self.download = download
        self.fetching: Fetching | Copying | None = None
        self._clock = clock
        self._rate = Rate()

    def progress(self, state: DownloadState, done_bytes: int, total_bytes: int) -> None:
        """Note how far it is."""
        self._rate.note(self._clock.monotonic_s(), done_bytes)
        self.download = replace(
            self.download,
            state=state,
            done_bytes=done_bytes,
            total_bytes=total_bytes,
            rate_bytes_per_s=self._rate.bytes_per_s,
            remaining_s=self._rate.remaining_s(total_bytes),
        )

    def end(self, state: DownloadState, error: ApplianceError | None = None) -> None:
        """Note how it ended."""
        self.download = replace(
            self.download, state=state, rate_bytes_per_s=0.0, remaining_s=None, error=error
        )


class Downloads:
    """All downloads.

    Args:
        library: Where models go.
        reach: The hub, and where it may send us.
        clock: For rates.
        pause: Waits the given seconds.
        at_once: How many may run at the same time.
    """

    def __init__(
        self,
        *,
        library: ModelLibrary,
        reach: Reach,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        at_once: int = _AT_ONCE,
    ) -> None:
        self.library = library
        self._reach = reach
        self._clock = clock
        self._pause = pause
        self._turns = asyncio.Semaphore(at_once)
        self._all: dict[str, Underway] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._changed: Callable[[], None] = _nobody

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` when a download begins or ends, on the event loop."""
        self._changed = changed

    async def run(self) -> None:
        """Go on with what was not finished, and keep at it until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                for wanted, is_stopped in await asyncio.to_thread(_noted, self._folder):
                    underway = self._place(wanted)
                    if is_stopped:
                        underway.end(DownloadState.STOPPED)
                    else:
                        self._begin(underway)
                await asyncio.Event().wait()
        finally:
            self._tasks = None
            for underway in self._all.values():
                if underway.fetching:
                    underway.fetching.stop()

    async def pull(self, name: str) -> Download:
        """Fetch a model, or go on with it; return how far it is.

        Raises:
            InvalidValueError: If it is no name.
            NotFoundError: If nobody knows where that is.
            HubError: If the hub was asked, and does not tell.
        """
        return await self._start(
            await asyncio.to_thread(asked_for, self.library, self._reach, name)
        )

    async def take_in(self, file: Path) -> Download:
        """Copy a file of this computer into the library; return how far it is.

        Args:
            file: One that was found here, never one that somebody sent us the path of.
        """
        return await self._start(
            Wanted(name=file.stem, title=file.stem, repository="", file=file.name, path=str(file))
        )

    async def _start(self, wanted: Wanted) -> Download:
        found = self._all.get(_id_of(wanted))
        if found is not None and not found.download.is_over:
            return found.download
        underway = self._place(wanted)
        try:
            await asyncio.to_thread(self._note, wanted, is_stopped=False)
        except OSError as error:
            # It has not begun: who asks again must not be told that it waits.
            underway.end(DownloadState.FAILED, failed := not_written(error))
            raise failed from error
        self._begin(underway)
        return underway.download

    def list_all(self) -> list[Download]:
        """Return all downloads of this run, and those that were not finished before."""
        return [underway.download for underway in self._all.values()]

    def download_of(self, download_id: str) -> Download:
        """Return how far a download is.

        Raises:
            NotFoundError: If there is none (`download_not_found`).
        """
        return self._underway(download_id).download

    async def follow(self, download_id: str) -> AsyncIterator[Download]:
        """Yield how far it is whenever that changes; the last one is over.

        Raises:
            NotFoundError: If there is none.
        """
        told: Download | None = None
        while True:
            now = self.download_of(download_id)
            if now != told:
                yield now
                told = now
            if now.is_over:
                return
            await self._pause(_LOOK_S)

    async def stop(self, download_id: str) -> None:
        """Stop a download; what came is kept, and `pull` goes on with it.

        Raises:
            NotFoundError: If there is none.
        """
        underway = self._underway(download_id)
        await asyncio.to_thread(self._note, underway.download.wanted, is_stopped=True)
        self._halt(underway)

    async def remove(self, download_id: str) -> None:
        """Stop a download and throw away what came of it.

        Raises:
            NotFoundError: If there is none.
        """
        underway = self._underway(download_id)
        self._halt(underway)
        del self._all[download_id]
        await asyncio.to_thread(self._forget, download_id)
        self._changed()

    @property
    def _folder(self) -> Path:
        return self.library.folder / "downloads"

    def _underway(self, download_id: str) -> Underway:
        found = self._all.get(download_id)
        if found is None:
            raise NotFoundError("There is no such download.", code="download_not_found")
        return found

    def _place(self, wanted: Wanted) -> Underway:
        download_id = _id_of(wanted)
        waiting = Download(
            download_id, wanted, DownloadState.WAITING, total_bytes=wanted.size_bytes
        )
        self._all[download_id] = Underway(waiting, self._clock)
        return self._all[download_id]

    def _begin(self, underway: Underway) -> None:
        if self._tasks is None:
            raise StoppedError("Nodo is shutting down.")
        self._tasks.create_task(self._get(underway))
        self._changed()

    def _halt(self, underway: Underway) -> None:
        if underway.fetching is not None:
            underway.fetching.stop()
        if not underway.download.is_over:
            underway.end(DownloadState.STOPPED)
            self._changed()

    async def _get(self, underway: Underway) -> None:
        async with self._turns:
            # It may have been stopped, or thrown away, while it waited for its turn.
            if underway.download.is_over:
                return
            try:
                await _in_a_thread(lambda: self._fetch(underway))
            except StoppedError:
                underway.end(DownloadState.STOPPED)
            except (ApplianceError, OSError) as error:
                failed = not_written(error) if isinstance(error, OSError) else error
                log.warning("download failed", extra={"code": failed.code})
                underway.end(DownloadState.FAILED, failed)
            else:
                underway.end(DownloadState.DONE)
        self._changed()

    def _fetch(self, underway: Underway) -> None:
        """Fetch the file and give it to the library; in a thread."""
        wanted, download_id = underway.download.wanted, underway.download.id
        # One that was stopped a moment ago may still be waiting for its hub.
        with self._locks.setdefault(download_id, threading.Lock()):
            if underway.download.is_over:
                raise StoppedError("The download was stopped.")
            if not self._is_here(wanted):
                self._fetch_into(self._folder / f"{download_id}.part", underway)
            self._forget(download_id)

    def _fetch_into(self, part: Path, underway: Underway) -> None:
        wanted = underway.download.wanted
        underway.fetching = fetching_of(self.library, self._reach, wanted, part, underway.progress)
        sha256 = underway.fetching.run()
        received(self.library, wanted, part, sha256)

    def _is_here(self, wanted: Wanted) -> bool:
        """Return whether this very file of the catalogue is in the library already."""
        if wanted.path or not wanted.is_of_catalogue:
            return False
        model = self.library.find_model(wanted.name)
        return model is not None and model.size_bytes == wanted.size_bytes

    def _note(self, wanted: Wanted, *, is_stopped: bool) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        note = self._folder / f"{_id_of(wanted)}.json"
        write_json(note, {"wanted": asdict(wanted), "is_stopped": is_stopped})

    def _forget(self, download_id: str) -> None:
        for ending in ("part", "etag", "json"):
            (self._folder / f"{download_id}.{ending}").unlink(missing_ok=True)


def asked_for(library: ModelLibrary, reach: Reach, name: str) -> Wanted:
    """Return what is to be fetched for a name; asks the hub where the catalogue does not know.

    Raises:
        InvalidValueError: If it is no name.
        NotFoundError: If nobody knows where that is.
        HubError: If the hub was asked, and does not tell.
    """
    from appliance.engine.download.hub import Hub

    with Hub(reach) as hub:
        return wanted_of(name, library.catalogue, files_of=hub.files_of)


def fetching_of(
    library: ModelLibrary, reach: Reach, wanted: Wanted, part: Path, progress: Progress
) -> Fetching | Copying:
    """Return what brings a file into `part`: from the hub, or from this computer."""
    if wanted.path:
        return Copying(Path(wanted.path), part, library.folder / wanted.file, progress)
    return Fetching(reach, wanted, part, progress)


def received(library: ModelLibrary, wanted: Wanted, part: Path, sha256: str) -> LibraryModel:
    """Give what came to the library, and return the model that it is then.

    Raises:
        InvalidValueError: If it is no model that Nodo can run (`bad_model_file`).
    """
    name = None if wanted.is_of_catalogue else wanted.name
    return admit(library, part, file_name=wanted.file, sha256=sha256, name=name)


def _id_of(wanted: Wanted) -> str:
    return hashlib.sha256(f"{wanted.repository}/{wanted.file}{wanted.path}".encode()).hexdigest()[
        :16
    ]


def _noted(folder: Path) -> list[tuple[Wanted, bool]]:
    found: list[tuple[Wanted, bool]] = []
    for note in sorted(folder.glob("*.json")):
        try:
            content = cast("dict[str, object]", json.loads(note.read_text(encoding="utf-8")))
            wanted = Wanted(**cast("dict[str, object]", content["wanted"]))  # type: ignore[arg-type]
            found.append((wanted, bool(content["is_stopped"])))
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("note of a download not read; it is left alone")
    return found


async def _in_a_thread(work: Callable[[], None]) -> None:
    """Do long work in a thread that does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def at_work() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - whoever waits raises it
            error = fault
        # The loop may be over: then nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=at_work, name="download", daemon=True).start()
    await done


def _nobody() -> None:
    """Nobody watches."""
