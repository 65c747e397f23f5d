"""Dialects: the same problems, in the words that a program of another system knows."""

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from appliance.base.errors import TooManyRequestsError
from appliance.base.web.dialects import Dialect, Problem, Spoken
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import BodyLimit, RateRule
from appliance.base.web.problems import install_problem_handlers
from appliance.base.web.rate_counters import RateCounters
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds


class _Order(BaseModel):
    amount: int


def _short(problem: Problem) -> Spoken:
    if problem.code == "queue_full":
        return Spoken(503, {"error": "busy"}, {"X-Theirs": "yes"})
    return Spoken(problem.status, {"error": f"{problem.code}: {problem.detail}"})


def _plain(problem: Problem) -> Spoken:
    return Spoken(problem.status, f"{problem.status} page not found")


def _client() -> httpx.AsyncClient:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/theirs/orders")
    async def order(_order: _Order) -> None:
        raise TooManyRequestsError("The queue is full.", code="queue_full", retry_after_s=3)

    @app.get("/theirs/bug")
    async def bug() -> None:
        raise RuntimeError("/srv/private exploded")

    clock = ManualClock()
    policy = DoorPolicy(
        name="local",
        body_limits=(BodyLimit("POST", "/theirs/small", 10),),
        rate_rules=(RateRule("often", "GET", "/theirs/often", count=1, window_s=60),),
        dialects=(Dialect("/theirs", _short), Dialect("/theirs/plain", _plain)),
    )
    door = protected(app, policy, DoorParts(clock, CountingIds(), RateCounters(clock)))
    transport = httpx.ASGITransport(app=door, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "begins"),
    [
        ("POST", "/theirs/orders", {"json": {}}, 422, "invalid_value: amount is missing"),
        ("POST", "/theirs/orders", {"content": b"{"}, 415, "unsupported_media_type: "),
        ("GET", "/theirs/bug", {}, 500, "internal_error: Something failed inside"),
        ("GET", "/theirs/nothing", {}, 404, "not_found: There is nothing"),
        ("GET", "/theirs/orders", {}, 405, "method_not_allowed: "),
        ("GET", "/theirs/bug", {"headers": {"host": "evil.example"}}, 421, "host_refused: "),
        (
            "POST",
            "/theirs/orders",
            {"json": {"amount": 1}, "headers": {"origin": "https://evil.example"}},
            403,
            "origin_refused: ",
        ),
        ("POST", "/theirs/small", {"content": b"12345678901"}, 413, "too_large: "),
    ],
)
async def test_every_layer_speaks_the_words_of_the_route(
    method: str, path: str, options: dict[str, object], status: int, begins: str
) -> None:
    answer = await _client().request(method, path, **options)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(begins)
    assert begins.startswith(answer.headers["x-nodo-problem"])


async def test_a_count_that_is_used_up_is_told_in_their_words_with_the_time_to_wait() -> None:
    client = _client()
    await client.get("/theirs/often")

    answer = await client.get("/theirs/often")

    assert answer.json()["error"].startswith("too_many_requests: ")
    assert answer.headers["retry-after"] == "60"


async def test_a_dialect_may_give_another_status_and_keeps_the_time_to_wait() -> None:
    answer = await _client().post("/theirs/orders", json={"amount": 1})

    assert (answer.status_code, answer.json()) == (503, {"error": "busy"})
    assert (answer.headers["retry-after"], answer.headers["x-theirs"]) == ("3", "yes")


async def test_the_more_specific_dialect_counts_and_may_be_plain_text() -> None:
    answer = await _client().get("/theirs/plain/x")

    assert answer.text == "404 page not found"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_other_routes_keep_the_usual_form() -> None:
    answer = await _client().get("/ours")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
