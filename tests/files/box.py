"""The files in a small application of their own; another box on the same folder is a restart."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
from fastapi import FastAPI

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.events import Events
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.worker import Worker
from appliance.base.live.model import LiveEvent
from appliance.base.process.child import ChildSpec
from appliance.base.web.problems import install_problem_handlers
from appliance.boot.extraction_process import extraction_process
from appliance.files.build import build_files
from appliance.files.model import FileRemoved, FileState, StoredFile
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.signing_in import person, signed_in_by_token
from tests.fakes.text_engine import ScriptedEngine
from tests.waiting import until

Json = dict[str, object]


class Box:
    """One start of the files, with their queue and worker."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clock: ManualClock,
        ids: CountingIds,
        *,
        spec: ChildSpec | None = None,
        longest_reading_s: float = 60.0,
    ) -> None:
        self.engine = ScriptedEngine()
        self.database = database
        self.folder = folder
        self.news: list[LiveEvent] = []
        self.events = Events()
        self.events.subscribe(LiveEvent, self.news.append)
        self.removed: list[FileRemoved] = []
        self.events.subscribe(FileRemoved, self.removed.append)
        self.ready: list[str] = []
        queue = JobQueue(clock, ids)
        self.files = build_files(
            database,
            self.engine,
            clock,
            ids,
            queue,
            events=self.events,
            folder=folder,
            spec=spec or extraction_process(os.environ),
            when_read=self._hear_ready,
            longest_reading_s=longest_reading_s,
        )
        self._worker = Worker(database, queue, self.files.job_kinds, clock)
        self._working: asyncio.Task[None] | None = None
        self.app = FastAPI()
        self.app.include_router(self.files.router)
        self.app.state.authenticator = signed_in_by_token(person("ana"), person("luis"))
        install_problem_handlers(self.app)

    async def start(self, *, works: bool = True) -> "Box":
        """Prepare, then work; unless it `works`, no job begins."""
        await self.files.start()
        if works:
            self._working = asyncio.create_task(self._worker.run())
        return self

    async def shut_down(self) -> None:
        """End in good order."""
        if self._working is not None:
            assert await self._worker.stop()
            await self._working
            self._working = None

    def client(self, user: str = "ana") -> httpx.AsyncClient:
        """Return a client."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {user}"},
        )

    async def upload(
        self, name: str, content: bytes | AsyncIterator[bytes], user: str = "ana"
    ) -> httpx.Response:
        """Return the answer to an upload as browsers send it."""
        async with self.client(user) as client:
            return await client.post("/files", files={"file": (name, content)})  # type: ignore[dict-item]

    async def get(self, path: str, user: str = "ana") -> httpx.Response:
        """Return the answer to a request."""
        async with self.client(user) as client:
            return await client.get(path)

    async def delete(self, file_id: object, user: str = "ana") -> httpx.Response:
        """Return the answer to a removal."""
        async with self.client(user) as client:
            return await client.delete(f"/files/{file_id}")

    async def settled(self, file_id: object) -> Json:
        """Return the file once it is ready or failed."""
        await until(lambda: self._is_settled(file_id), within_s=30, what="the file to be read")
        found: Json = (await self.get(f"/files/{file_id}")).json()
        return found

    async def read(self, name: str, content: bytes) -> Json:
        """Return a new file once it is ready or failed."""
        return await self.settled((await self.upload(name, content)).json()["id"])

    async def text(self, file_id: object) -> str:
        """Return what was read in a file."""
        return str((await self.get(f"/files/{file_id}/text")).json()["text"])

    def on_disk(self) -> list[str]:
        """Return the names of all that lies in the folder."""
        return sorted(path.name for path in self.folder.iterdir())

    def reads_now(self) -> bool:
        """Return whether a bad reader is at work."""
        return any("order = json" in " ".join(child.cmdline()) for child in _children())

    def _hear_ready(self, _tx: Transaction, file: StoredFile, /) -> None:
        assert file.state is FileState.READY
        self.ready.append(file.id)

    def _is_settled(self, file_id: object) -> bool:
        return any(
            news.data["id"] == file_id and news.data["state"] != "extracting" for news in self.news
        )


def _children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE
    ]
