"""A program that goes away frees the engine, whatever it waits for, whichever interface it speaks."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.types import Message

from appliance.engine.text.model import Piece, Queued, Reading, Writing
from appliance.model_api.anthropic.routes import anthropic_router
from appliance.model_api.openai.routes import openai_router
from appliance.model_api.parts import ModelApiParts
from tests.fakes.text_engine import FINISHED, Gate, Step
from tests.model_api.serving import Served, served
from tests.waiting import until

QUESTION = [{"role": "user", "content": "Hola"}]
ROUTES: Mapping[str, tuple[Callable[[ModelApiParts], APIRouter], dict[str, Any]]] = {
    "/v1/chat/completions": (openai_router, {"messages": QUESTION}),
    "/v1/completions": (openai_router, {"prompt": "Hola"}),
    "/v1/responses": (openai_router, {"input": "Hola"}),
    "/v1/messages": (anthropic_router, {"messages": QUESTION, "max_tokens": 9}),
}
QUEUED = Queued(ahead=3, eta_s=None)
READING = Reading(percent=10, prompt_tokens=12, dropped_turns=0)
STAGES: Mapping[str, tuple[Step, ...]] = {
    "before anything": (),
    "in the queue": (QUEUED,),
    "in reading": (QUEUED, READING),
    "before the first word": (QUEUED, READING, Writing()),
    "in writing": (QUEUED, READING, Writing(), Piece("Bue")),
}


class _Client:
    """Sends a question by hand, takes what it wants to, and hangs up when it is told to."""

    def __init__(self, path: str, body: Mapping[str, object], *, takes: int = 10**6) -> None:
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self.path = path
        self._body = json.dumps(body).encode()
        self._is_asked = False
        self._may_take = asyncio.Semaphore(takes)

    async def ask(self, box: Served, router_of: Callable[[ModelApiParts], APIRouter]) -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        await box.app(router_of)(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self._may_take.acquire()
        self.sent.append(message)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("path", ROUTES)
async def test_a_client_that_hangs_up_ends_the_engines_work(
    path: str, stage: str, streams: bool
) -> None:
    router_of, fields = ROUTES[path]
    gate = Gate()
    box = served(*STAGES[stage], gate, Piece("nos"), FINISHED)
    client = _Client(path, {"model": "scripted", "stream": streams, **fields})

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(client.ask(box, router_of))
        await until(lambda: gate.reached)
        client.gone.set()

    assert len(box.engine.cut_short) == 1
    assert box.engine.state().running == 0


@pytest.mark.parametrize("path", ROUTES)
async def test_a_client_that_stays_is_answered_whole(path: str) -> None:
    # The control: without hanging up, nothing is cut short.
    router_of, fields = ROUTES[path]
    box = served(*STAGES["in writing"], FINISHED)
    client = _Client(path, {"model": "scripted", "stream": True, **fields})

    await client.ask(box, router_of)

    assert box.engine.cut_short == []
    assert client.sent[-1]["more_body"] is False


@pytest.mark.parametrize("path", ROUTES)
async def test_a_slow_reader_holds_the_engine_back_and_costs_no_memory(path: str) -> None:
    router_of, fields = ROUTES[path]
    box = served(Writing(), *(Piece(f"word{number} ") for number in range(500)), FINISHED)
    client = _Client(path, {"model": "scripted", "stream": True, **fields}, takes=3)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(client.ask(box, router_of))
        await until(lambda: len(client.sent) == 3)
        client.gone.set()

    assert b"word9 " not in b"".join(message.get("body", b"") for message in client.sent)
    assert len(box.engine.cut_short) == 1
