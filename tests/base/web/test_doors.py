"""Doors: the whole chain, in its order, around an application."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from appliance.base.logs import current_request_id
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import RateRule
from appliance.base.web.problems import install_problem_handlers
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.security_headers import CONTENT_SECURITY_POLICY
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds

_FIRST_ID = "00000000-0000-7000-8000-000000000001"
_PAGE = "https://panel.example.org"
_LOCAL = DoorPolicy(name="local")


def _app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/health")
    async def health() -> str:
        return current_request_id()

    @app.get("/app.js")
    async def script() -> Response:
        return Response(b"1", headers={"Cache-Control": "immutable"})

    @app.post("/things/{name}")
    async def change(name: str) -> str:
        return name

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("hunter2")

    return app


@asynccontextmanager
async def _client(policy: DoorPolicy = _LOCAL) -> AsyncIterator[httpx.AsyncClient]:
    clock = ManualClock()
    parts = DoorParts(clock=clock, ids=CountingIds(), counters=RateCounters(clock))
    transport = httpx.ASGITransport(app=protected(_app(), policy, parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as opened:
        yield opened


async def test_a_request_carries_an_id_of_ours_and_none_from_outside() -> None:
    async with _client() as client:
        answer = await client.get("/health", headers={"X-Request-Id": "forged"})

    assert answer.json() == _FIRST_ID
    assert answer.headers.get_list("x-request-id") == [_FIRST_ID]
    assert current_request_id() == ""


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/health", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/health", {}, 405),
        ("GET", "/bug", {}, 500),
        ("GET", "/health", {"Host": "evil.example"}, 421),
        ("POST", "/things/a", {"Origin": "https://evil.example"}, 403),
        ("POST", "/things/a", {"Content-Length": "9999999"}, 413),
        ("POST", "/things/a", {"Content-Length": "1", "Content-Encoding": "gzip"}, 415),
    ],
)
async def test_every_answer_has_the_security_headers_and_an_id(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    async with _client() as client:
        answer = await client.request(method, path, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == _FIRST_ID


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example", "Origin": "https://evil.example"}, 421),
        ({"Origin": "https://evil.example", "Content-Length": "9999999"}, 403),
    ],
)
async def test_the_cheapest_and_strictest_check_comes_first(
    headers: dict[str, str], status: int
) -> None:
    nothing_allowed = RateRule("none", "POST", "/things", 1, 60)
    async with _client(DoorPolicy(name="local", rate_rules=(nothing_allowed,))) as client:
        answers = [await client.post("/things/a", headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]


def test_the_policy_allows_no_inline_code_and_nothing_from_elsewhere() -> None:
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'"
    )


async def test_a_route_that_knows_better_may_be_cached() -> None:
    async with _client() as client:
        answer = await client.get("/app.js")

    assert answer.headers.get_list("cache-control") == ["immutable"]


async def test_a_bug_is_answered_by_its_id_only() -> None:
    async with _client() as client:
        answer = await client.get("/bug")

    assert answer.json()["request_id"] == _FIRST_ID
    assert "hunter2" not in answer.text


async def test_the_access_log_has_no_query_and_no_header(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="appliance.base.web.request_log"):
        async with _client() as client:
            await client.post("/things/a?token=hunter2", headers={"Authorization": "hunter3"})

    (record,) = [one for one in caplog.records if one.message == "request"]
    facts = {name: record.__dict__[name] for name in ("door", "method", "path", "status", "client")}
    assert facts == {
        "door": "local",
        "method": "POST",
        "path": "/things/a",
        "status": 200,
        "client": "127.0.0.1",
    }
    assert "hunter" not in json.dumps(record.__dict__, default=str)


async def test_health_checks_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="appliance.base.web.request_log"):
        async with _client() as client:
            await client.get("/health")

    assert "request" not in [record.message for record in caplog.records]


async def test_an_allowed_page_may_ask_first_and_read_the_answer() -> None:
    headers = {"Origin": _PAGE, "Access-Control-Request-Method": "POST"}
    async with _client(DoorPolicy(name="local", allowed_origins=(_PAGE,))) as client:
        asked = await client.options("/things/a", headers=headers)
        changed = await client.post("/things/a", headers={"Origin": _PAGE})

    assert asked.headers["access-control-allow-origin"] == _PAGE
    assert (changed.status_code, changed.headers["access-control-allow-origin"]) == (200, _PAGE)


async def test_an_allowed_page_can_read_that_it_asked_too_often() -> None:
    once = RateRule("once", "POST", "/things", 1, 60)
    policy = DoorPolicy(name="local", allowed_origins=(_PAGE,), rate_rules=(once,))
    async with _client(policy) as client:
        answers = [await client.post("/things/a", headers={"Origin": _PAGE}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["access-control-allow-origin"] == _PAGE


async def test_a_foreign_page_gets_no_permission() -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with _client(DoorPolicy(name="local", allowed_origins=(_PAGE,))) as client:
        answer = await client.options("/things/a", headers=headers)

    assert "access-control-allow-origin" not in answer.headers


async def test_a_foreign_page_may_not_open_a_websocket() -> None:
    sent: list[Message] = []

    async def reached(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("the application was reached")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    clock = ManualClock()
    parts = DoorParts(clock=clock, ids=CountingIds(), counters=RateCounters(clock))
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/ws",
        "headers": [(b"host", b"127.0.0.1:8001"), (b"origin", b"https://evil.example")],
        "client": ("127.0.0.1", 5000),
    }

    await protected(reached, _LOCAL, parts)(scope, receive, send)

    assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 403)


async def test_a_door_with_a_malformed_name_does_not_open() -> None:
    with pytest.raises(ValueError, match="http://nodo"):
        async with _client(DoorPolicy(name="local", allowed_hosts=("http://nodo",))):
            pass
