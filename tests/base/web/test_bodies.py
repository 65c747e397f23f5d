"""Bodies: refused before they are read, counted while they are, and never waited for too long."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.types import Message

from appliance.base.web.bodies import BodyLayer, BodyPace
from appliance.base.web.limits import BodyLimit
from appliance.base.web.problems import install_problem_handlers
from tests.fakes.clock import ManualClock

_FAST = BodyPace(linger_s=0.05)


class _Note(BaseModel):
    text: str


def _app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/notes")
    async def note(body: _Note) -> int:
        return len(body.text)

    @app.post("/files")
    async def take_file(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    return app


@asynccontextmanager
async def _client(pace: BodyPace = _FAST) -> AsyncIterator[httpx.AsyncClient]:
    limits = (BodyLimit("POST", "/notes", 100), BodyLimit("POST", "/files", 1000))
    layer = BodyLayer(_app(), ManualClock(), limits, pace)
    transport = httpx.ASGITransport(app=layer)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


async def _chunks(count: int, size_bytes: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size_bytes


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    async with _client() as client:
        answer = await client.post("/files", content=b"x" * 1000)

    assert (answer.status_code, answer.json()) == (200, 1000)


async def test_a_declared_body_over_the_limit_is_refused_with_both_sizes() -> None:
    async with _client() as client:
        answer = await client.post("/files", content=b"x" * 1001)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["detail"] == "The body has 1001 bytes; this route takes at most 1000."


async def test_an_undeclared_body_over_the_limit_is_refused_while_it_comes() -> None:
    async with _client() as client:
        answer = await client.post("/files", content=_chunks(11, 100))

    assert (answer.status_code, answer.json()["limit_bytes"]) == (413, 1000)


async def test_a_framework_that_swallows_the_refusal_does_not_change_it() -> None:
    async with _client() as client:
        answer = await client.post(
            "/notes", content=_chunks(2, 100), headers={"Content-Type": "application/json"}
        )

    assert answer.status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "GZIP", "gzip, identity"])
async def test_a_packed_body_is_refused(encoding: str) -> None:
    async with _client() as client:
        answer = await client.post("/files", content=b"x", headers={"Content-Encoding": encoding})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_body_that_says_it_is_not_packed_is_taken() -> None:
    async with _client() as client:
        answer = await client.post("/files", content=b"x", headers={"Content-Encoding": "identity"})

    assert answer.status_code == 200


async def test_a_body_that_never_comes_is_given_up() -> None:
    async with _client(BodyPace(grace_s=0.01, linger_s=0.01)) as client:

        async def stalling() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.Event().wait()

        answer = await client.post("/files", content=stalling())

    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")


class _Wire:
    """The server's side of one request: gives messages, keeps the answer."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = list(parts)
        self.asked = 0
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        self.asked += 1
        part = self._parts.pop(0) if self._parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def send(self, message: Message) -> None:
        self.sent.append({**message, "asked": self.asked})


async def _refused(wire: _Wire, *headers: tuple[bytes, bytes], path: str = "/files") -> None:
    layer = BodyLayer(_app(), ManualClock(), (BodyLimit("POST", "/files", 1000),), _FAST)
    scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
    await layer(scope, wire.receive, wire.send)


async def test_the_answer_to_a_large_body_is_out_before_a_byte_of_it_is_read() -> None:
    wire = _Wire([b"x" * 100] * 3)

    await _refused(wire, (b"content-length", b"300000000"))

    start, answer, end = wire.sent
    assert (start["status"], start["asked"], answer["asked"]) == (413, 0, 0)
    assert (b"connection", b"close") in start["headers"]
    assert (end["body"], end["more_body"], end["asked"]) == (b"", False, 3)


async def test_swallowing_a_refused_body_ends_after_its_share() -> None:
    pace = BodyPace(linger_s=5, linger_bytes=1000)
    wire = _Wire([b"x" * 100] * 50)
    layer = BodyLayer(_app(), ManualClock(), (BodyLimit("POST", "/files", 1000),), pace)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/files",
        "headers": [(b"content-length", b"300000")],
    }

    await layer(scope, wire.receive, wire.send)

    assert wire.asked == 10


async def test_a_length_that_is_no_number_is_a_bad_request() -> None:
    wire = _Wire([])

    await _refused(wire, (b"content-length", b"+5"))

    assert wire.sent[0]["status"] == 400


async def test_a_body_for_a_route_that_does_not_read_it_ends_the_connection() -> None:
    wire = _Wire([b"x" * 100] * 3)

    await _refused(wire, (b"transfer-encoding", b"chunked"), path="/nowhere")

    assert wire.sent[0]["status"] == 404
    assert (b"connection", b"close") in wire.sent[0]["headers"]


def test_a_body_earns_time_by_what_has_come() -> None:
    assert BodyPace().allowed_s(0) == 30
    assert BodyPace().allowed_s(64 * 1024 * 10) == 40
