"""Problem answers: what a client is told when something fails."""

import logging
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from appliance.base.errors import (
    ApplianceError,
    ConflictError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)
from appliance.base.logs import request_named
from appliance.base.web.problems import install_problem_handlers, problem_body


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=10)]
    amount: Annotated[int, Field(ge=1, le=5)] = 1
    password: Annotated[str, Field(min_length=8)] = "long enough"
    refresh_token: Annotated[str, Field(min_length=8)] = "long enough"


def _raise(error: Exception) -> None:
    raise error


def _app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    raised: dict[str, Exception] = {
        "conflict": ConflictError("“Mayo” runs already.", hint="Stop it first.", campaign="Mayo"),
        "often": TooManyRequestsError("Too many attempts.", retry_after_s=2.1),
        "busy": UnavailableError("The engine starts.", retry_after_s=5),
        "nobody": UnauthenticatedError("Nobody is signed in."),
        "bug": RuntimeError("/srv/private/nodo.db exploded with hunter2"),
    }

    @app.get("/raises/{kind}")
    async def raises(kind: str) -> None:
        _raise(raised[kind])

    @app.post("/orders")
    async def order(body: _Order) -> str:
        return body.name

    @app.get("/pages")
    async def pages(limit: Annotated[int, Query(ge=1, le=100)]) -> int:
        return limit

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


async def test_our_own_error_becomes_a_problem_with_its_fields(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raises/conflict")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:nodo:problem:conflict",
        "title": "Conflict",
        "status": 409,
        "code": "conflict",
        "detail": "“Mayo” runs already.",
        "hint": "Stop it first.",
        "request_id": "",
        "campaign": "Mayo",
    }


@pytest.mark.parametrize(("kind", "header"), [("often", "3"), ("busy", "5")])
async def test_a_wait_is_told_in_whole_seconds_rounded_up(
    client: httpx.AsyncClient, kind: str, header: str
) -> None:
    answer = await client.get(f"/raises/{kind}")

    assert answer.headers["retry-after"] == header


async def test_401_says_how_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raises/nobody")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_bug_is_told_without_its_details_and_logged_with_them(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with request_named("request-7"), caplog.at_level(logging.ERROR):
        answer = await client.get("/raises/bug")

    assert answer.status_code == 500
    assert answer.json()["request_id"] == "request-7"
    assert "hunter2" not in answer.text
    assert "nodo.db" not in answer.text
    assert "exploded" in caplog.text


async def test_a_refused_field_is_named_with_its_value_and_what_is_allowed(
    client: httpx.AsyncClient,
) -> None:
    problem = (await client.post("/orders", json={"name": "Ana", "amount": 9})).json()

    assert problem["status"] == 422
    assert problem["code"] == "invalid_value"
    assert problem["field"] == "amount"
    assert problem["value"] == 9
    assert problem["allowed"] == "it must be less than or equal to 5"
    assert problem["detail"] == "amount is 9: it must be less than or equal to 5."


async def test_a_parameter_of_the_address_is_named_too(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/pages?limit=many")).json()

    assert problem["field"] == "limit"
    assert problem["value"] == "many"


async def test_a_long_value_is_shortened(client: httpx.AsyncClient) -> None:
    problem = (await client.post("/orders", json={"name": "x" * 5000})).json()

    assert problem["value"] == "x" * 59 + "…"


@pytest.mark.parametrize("field", ["password", "refresh_token"])
async def test_a_refused_secret_is_never_repeated(client: httpx.AsyncClient, field: str) -> None:
    answer = await client.post("/orders", json={"name": "Ana", field: "hunt3r"})

    assert answer.json()["field"] == field
    assert "hunt3r" not in answer.text


async def test_a_secret_under_a_mistyped_or_beside_a_missing_name_is_never_repeated(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/orders", json={"pasword": "hunter2hunter2"})

    details = [finding["detail"] for finding in answer.json()["errors"]]
    assert details == ["name is missing.", "pasword is not known here."]
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": }', b"[" * 200_000, b"\xff\xfe", b'{"amount": ' + b"9" * 9000 + b"}"]
)
async def test_wrong_json_is_a_bad_request(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(
        "/orders", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_where_json_is_needed_is_an_unsupported_type(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/orders", data={"name": "Ana"})

    assert answer.status_code == 415
    assert "application/x-www-form-urlencoded" in answer.json()["detail"]


async def test_half_a_surrogate_pair_does_not_break_the_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/orders",
        content=rb'{"name": "\ud800", "amount": "\ud800"}',
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422


async def test_an_unknown_address_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_wrong_method_is_a_problem_that_keeps_the_header_allow(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/orders")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_the_standard_members_of_a_problem_win_over_fields() -> None:
    error = ApplianceError("Text.", status=999, ahead=3)

    assert problem_body(error, request_id="r") == {
        "type": "urn:nodo:problem:internal_error",
        "title": "Internal error",
        "status": 500,
        "code": "internal_error",
        "detail": "Text.",
        "hint": "",
        "request_id": "r",
        "ahead": 3,
    }
