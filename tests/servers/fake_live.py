"""The stand-in's live channel: a test tells news, drops lines, and sees who listens."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

_HISTORY = 100

Json = dict[str, Any]


@dataclass
class FakeLive:
    """All lines that are open, and what was told.

    Attributes:
        hellos: First words of all lines so far.
        renewals: How often a token was said again.
        forgets: Whether the next line that comes back is told to begin anew.
        is_silent: Whether lines are open but nothing is answered.
        refuses: Whether no line is taken.
    """

    hellos: list[Json] = field(default_factory=list[Json])
    renewals: int = 0
    forgets: bool = False
    is_silent: bool = False
    refuses: bool = False
    _loop: asyncio.AbstractEventLoop | None = None
    _lines: list[asyncio.Queue[Json | int]] = field(default_factory=list[asyncio.Queue[Json | int]])
    _told: list[Json] = field(default_factory=list[Json])
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    @property
    def open_count(self) -> int:
        """How many lines are open."""
        return len(self._lines)

    def tell(self, event: str, data: Json) -> None:
        """Tell all lines something; from any thread."""
        told = {"id": next(self._ids), "event": event, "data": data}
        self._told.append(told)
        self._put(told)

    def drop(self, code: int = 1012) -> None:
        """End all lines with this code; from any thread."""
        self._put(code)

    async def talk(self, websocket: WebSocket, is_known: Callable[[str], bool]) -> None:
        """Serve one line."""
        if self.refuses:
            await websocket.close()
            return
        await websocket.accept()
        hello = json.loads(await websocket.receive_text())
        self.hellos.append(hello)
        if not is_known(hello["access_token"]):
            await websocket.close(4401)
            return
        self._loop = asyncio.get_running_loop()
        line: asyncio.Queue[Json | int] = asyncio.Queue()
        await self._welcome(websocket, hello.get("last_event_id"))
        self._lines.append(line)
        hearing = asyncio.create_task(self._hear(websocket, line))
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while not isinstance(told := await line.get(), int):
                await websocket.send_text(json.dumps(told))
            await websocket.close(told)
        self._lines.remove(line)
        hearing.cancel()

    async def _welcome(self, websocket: WebSocket, last_id: int | None) -> None:
        is_resumed = last_id is not None and not self.forgets
        self.forgets = False
        newest_id = self._told[-1]["id"] if self._told else 1000
        start_id = last_id if is_resumed else newest_id
        welcome = {"type": "welcome", "last_event_id": start_id, "resumed": is_resumed}
        await websocket.send_text(json.dumps(welcome))
        for told in self._told[-_HISTORY:]:
            if is_resumed and told["id"] > (last_id or 0):
                await websocket.send_text(json.dumps(told))

    async def _hear(self, websocket: WebSocket, line: asyncio.Queue[Json | int]) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await websocket.receive_text()
                self.renewals += 1
                if not self.is_silent:
                    await websocket.send_text('{"type":"renewed"}')
        line.put_nowait(1000)

    def _put(self, told: Json | int) -> None:
        if self._loop is None or self._loop.is_closed():
            return
        for line in list(self._lines):
            self._loop.call_soon_threadsafe(line.put_nowait, told)


def follow(nodo: Any, message: Json, writing: asyncio.Task[None]) -> None:
    """Tell that an answer begins, and how it ends."""

    def tell() -> None:
        conversation = nodo.conversations.get(message["conversation_id"])
        if conversation is not None:
            news = {"conversation_id": conversation["id"], "message_id": message["id"]}
            more = {"state": message["state"], "title": conversation["title"]}
            nodo.live.tell("answer", {**news, **more})

    def end(_: object) -> None:
        conversation = nodo.conversations.get(message["conversation_id"])
        if conversation is not None:
            conversation.update(unread=True, updated_at=nodo.now())
            tell()

    tell()
    writing.add_done_callback(end)
