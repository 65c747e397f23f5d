"""The chat in a small application of its own; another box on the same database is a restart."""

import asyncio

import httpx
from fastapi import FastAPI

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.web.problems import install_problem_handlers
from appliance.chat.answering import AnswerOrder, SavingPace
from appliance.chat.build import build_chat
from tests.chat.tabs import Tab
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.signing_in import person, signed_in_by_token
from tests.fakes.text_engine import ScriptedEngine

IMMEDIATELY = SavingPace(every_s=0.0, every_tokens=1)


class Box:
    """One start of the chat."""

    def __init__(
        self,
        database: Database,
        engine: ScriptedEngine,
        clock: ManualClock,
        ids: CountingIds,
        *,
        pace: SavingPace = IMMEDIATELY,
    ) -> None:
        self.orders: list[AnswerOrder] = []
        self.works = True
        self.engine = engine
        self.tasks: list[asyncio.Task[None]] = []
        self.clock = clock
        self.chat = build_chat(database, engine, clock, ids, self._order, pace=pace)
        self.app = FastAPI()
        self.app.include_router(self.chat.router)
        self.app.state.authenticator = signed_in_by_token(
            person("ana"), person("luis", language="en")
        )
        install_problem_handlers(self.app)

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
            found: dict[str, object] = (
                await client.get(f"/conversations/{conversation_id}")
            ).json()
        return found

    async def all_written(self) -> None:
        """Wait until every answer that is being written has ended."""
        async with asyncio.timeout(5):
            await asyncio.gather(*self.tasks)

    async def settled(self) -> None:
        """Wait until every job has ended, well or with an error that the queue tries again."""
        async with asyncio.timeout(5):
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def saved(self, conversation_id: str, text: str) -> None:
        """Wait until this text of the newest answer is on disk."""
        async with asyncio.timeout(5):
            while (await self.last_message(conversation_id))["content"] != text:
                await asyncio.sleep(0.005)

    async def shut_down(self) -> None:
        """End the jobs as the box does when it goes down in good order."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def work_on(self, order: AnswerOrder) -> None:
        """Run a job, as the queue does for orders that were left by the box before."""
        self.tasks.append(asyncio.create_task(self.chat.answering.write(order)))

    def _order(self, tx: Transaction, order: AnswerOrder) -> None:
        self.orders.append(order)
        if self.works:
            tx.after_commit(lambda: self.work_on(order))
