"""Browser tabs: requests whose answers are read while they come, over ASGI."""

import asyncio
import json
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.types import Message

from tests.waiting import until


@dataclass(frozen=True)
class Seen:
    """One event as a client sees it."""

    id: int
    event: str
    data: dict[str, object]


@dataclass
class Tab:
    """One request; `events` grows while the answer comes."""

    app: FastAPI
    method: str
    path: str
    user: str = "ana"
    body: object = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.status = 0
        self._received = b""
        self._gone = asyncio.Event()
        self._request_read = False
        self._task = asyncio.create_task(self._run())

    @property
    def events(self) -> list[Seen]:
        """Return the whole events that have come so far."""
        frames = self._received.decode().split("\n\n")[:-1]
        return [_event_of(frame) for frame in frames if not frame.startswith(":")]

    @property
    def names(self) -> list[str]:
        """Return the names of the events so far."""
        return [event.event for event in self.events]

    @property
    def text(self) -> str:
        """Return the text so far."""
        return "".join(str(event.data["text"]) for event in self.events if event.event == "token")

    @property
    def problem(self) -> dict[str, object]:
        """Return a refusal's body."""
        found: dict[str, object] = json.loads(self._received)
        return found

    @property
    def message_id(self) -> str:
        """Return which answer this is."""
        return str(self.events[0].data["message_id"])

    @property
    def conversation_id(self) -> str:
        """Return in which conversation it is."""
        return str(self.events[0].data["conversation_id"])

    @property
    def last_event_id(self) -> int:
        """Return what a client sends to come back."""
        return self.events[-1].id

    async def shows(self, text: str) -> None:
        """Wait until exactly this text has come."""
        await until(lambda: self.text == text, what=f"text {text!r}")

    async def comes(self, number: int) -> None:
        """Wait until so many events are there."""
        await until(lambda: len(self.events) >= number, what=f"{number} events")

    async def begins(self) -> None:
        """Wait until the first event is there."""
        await until(lambda: self.events, what="the first event")

    async def waits_behind(self, ahead: int) -> None:
        """Wait until so many others are said to come first."""
        await until(lambda: ahead in self._places, what=f"{ahead} ahead")

    @property
    def _places(self) -> list[object]:
        return [event.data.get("ahead") for event in self.events if event.event == "stage"][-1:]

    async def close(self) -> None:
        """Go away, as a reload or a lost network does."""
        self._gone.set()
        await self._task

    async def ends(self) -> "Tab":
        """Wait for the end of the answer."""
        async with asyncio.timeout(5):
            await self._task
        return self

    async def _run(self) -> None:
        content = b"" if self.body is None else json.dumps(self.body).encode()
        headers = {
            "authorization": f"Bearer {self.user}",
            "content-type": "application/json",
            **self.headers,
        }
        path, _, query = self.path.partition("?")
        scope: dict[str, object] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8001),
        }

        async def receive() -> Message:
            if not self._request_read:
                self._request_read = True
                return {"type": "http.request", "body": content, "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            await asyncio.sleep(0)
            if message["type"] == "http.response.start":
                self.status = message["status"]
            else:
                self._received += message.get("body", b"")

        await self.app(scope, receive, send)


def _event_of(frame: str) -> Seen:
    fields = dict(line.split(": ", 1) for line in frame.split("\n"))
    return Seen(int(fields["id"]), fields["event"], json.loads(fields["data"]))
