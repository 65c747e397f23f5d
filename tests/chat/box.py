"""The chat in a small application of its own; another box on the same database is a restart."""

import asyncio
import math

import httpx
from fastapi import FastAPI

from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.worker import Worker
from appliance.base.live.model import LiveEvent
from appliance.base.web.identity import Role
from appliance.base.web.problems import install_problem_handlers
from appliance.chat.answering import SavingPace
from appliance.chat.build import Oversight, ReadingAhead, build_chat
from appliance.chat.jobs import PreparingOrders
from appliance.chat.preparing import PreparingOrder
from appliance.chat.store import answers
from appliance.engine.text.port import ModelHost
from tests.chat.shelf import Shelf
from tests.chat.tabs import Tab
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.model_host import ScriptedHost
from tests.fakes.signing_in import person, signed_in_by_token
from tests.fakes.text_engine import ScriptedEngine
from tests.waiting import until

IMMEDIATELY = SavingPace(every_s=0.0, characters_per_s=math.inf)


class Box:
    """One start of the chat, with its queue and worker."""

    def __init__(
        self,
        database: Database,
        engine: ScriptedEngine,
        clock: ManualClock,
        ids: CountingIds,
        *,
        pace: SavingPace = IMMEDIATELY,
        oversight: Oversight | None = None,
        host: ModelHost | None = None,
    ) -> None:
        self.engine = engine
        self.database = database
        queue = JobQueue(clock, ids)
        self.news: list[LiveEvent] = []
        events = Events()
        events.subscribe(LiveEvent, self.news.append)
        self.shelf = Shelf()
        self.host = ScriptedHost()
        self._order_preparing = PreparingOrders(queue)
        self.chat = build_chat(
            database,
            engine,
            clock,
            ids,
            queue,
            events=events,
            files=self.shelf,
            oversight=oversight,
            ahead=ReadingAhead(host or self.host, _language_of),
            pace=pace,
        )
        self._worker = Worker(database, queue, self.chat.job_kinds, clock)
        self._working: asyncio.Task[None] | None = None
        self.app = FastAPI()
        self.app.include_router(self.chat.router)
        self.app.state.authenticator = signed_in_by_token(
            person("ana"), person("luis", language="en"), person("root", Role.ADMIN)
        )
        install_problem_handlers(self.app)

    async def start(self) -> "Box":
        """Settle what was left, then work."""
        await self.chat.start()
        self._working = asyncio.create_task(self._worker.run())
        return self

    async def shut_down(self) -> None:
        """End in good order."""
        if self._working is not None:
            assert await self._worker.stop()
            await self._working
            self._working = None
        self.chat.stop()

    async def was_read(self, *file_ids: str, user: str = "ana") -> None:
        """Tell the chat that files are ready, as the files do."""
        for file_id in file_ids:
            order = PreparingOrder(file_id, user)
            await self.database.write(lambda tx, order=order: self._order_preparing(tx, order))

    def look_for_jobs(self) -> None:
        """Let the worker see that the clock was moved."""
        self._worker.wake()

    def client(self, user: str = "ana") -> httpx.AsyncClient:
        """Return a client for answers that are not streams."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {user}"},
        )

    def ask(self, message: str = "¿Qué hora es?", user: str = "ana", **more: object) -> Tab:
        """Return the tab of a new question."""
        return Tab(self.app, "POST", "/chat", user, {"message": message, **more})

    def follow(self, message_id: str, last_event_id: int | None = None, user: str = "ana") -> Tab:
        """Return a tab that attaches to an answer."""
        headers = {} if last_event_id is None else {"last-event-id": str(last_event_id)}
        return Tab(self.app, "GET", f"/chat/{message_id}/events", user, headers=headers)

    def retry(self, message_id: str, user: str = "ana") -> Tab:
        """Return the tab of a new answer to the same question."""
        return Tab(self.app, "POST", f"/chat/{message_id}/retry", user)

    def go_on(self, message_id: str, last_event_id: int | None = None, user: str = "ana") -> Tab:
        """Return the tab of an answer that is continued."""
        headers = {} if last_event_id is None else {"last-event-id": str(last_event_id)}
        return Tab(self.app, "POST", f"/chat/{message_id}/continue", user, headers=headers)

    async def stop(self, message_id: str, user: str = "ana") -> dict[str, object]:
        """Return what the box says to Stop."""
        async with self.client(user) as client:
            answer = await client.post(f"/chat/{message_id}/stop")
        assert answer.status_code == 202
        found: dict[str, object] = answer.json()
        return found

    async def messages(self, conversation_id: str, user: str = "ana") -> list[dict[str, object]]:
        """Return a conversation's newest messages, oldest first."""
        async with self.client(user) as client:
            answer = await client.get(f"/conversations/{conversation_id}/messages")
        found: list[dict[str, object]] = answer.json()["items"]
        return found

    async def last_message(self, conversation_id: str) -> dict[str, object]:
        """Return a conversation's newest message."""
        return (await self.messages(conversation_id))[-1]

    async def conversation(self, conversation_id: str) -> dict[str, object]:
        """Return a conversation."""
        async with self.client() as client:
            answer = await client.get(f"/conversations/{conversation_id}")
        found: dict[str, object] = answer.json()
        return found

    async def all_written(self) -> None:
        """Wait until no answer is unfinished."""
        await until(lambda: self._count_unfinished() == 0, what="the end of all answers")

    async def saved(self, text: str) -> None:
        """Wait until an unfinished answer has exactly this text on disk."""
        await until(lambda: text in self._unfinished(), what=f"saved text {text!r}")

    def _count_unfinished(self) -> int:
        return len(self._unfinished())

    def _unfinished(self) -> list[str]:
        found = self.database.read_now(answers.list_all_unfinished)
        return [answer.content for _owner_id, answer in found]


async def _language_of(owner_id: str, /) -> str | None:
    return {"ana": "es", "luis": "en"}.get(owner_id)
