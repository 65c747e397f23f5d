"""`/v1/models`, and who may ask any of it."""

import pytest

from appliance.base.identity import Scope
from appliance.model_api.openai.routes import openai_router
from tests.fakes.library import known_library, library_model
from tests.fakes.signing_in import nobody_signed_in, program, signed_in_by_token
from tests.model_api.serving import Served, served


def box_with(*names: str) -> Served:
    return served(library=known_library(*(library_model(name) for name in names)))


async def test_models_are_listed_for_both_kinds_of_clients() -> None:
    async with box_with("small", "hf.co/someone/large").client(openai_router) as client:
        answer = (await client.get("/v1/models")).json()

    assert answer["object"] == "list"
    assert (answer["first_id"], answer["last_id"]) == ("small", "hf.co/someone/large")
    assert answer["data"][0] == {
        "id": "small",
        "object": "model",
        "created": 1777896000,
        "owned_by": "library",
        "type": "model",
        "display_name": "small",
        "created_at": "2026-05-04T12:00:00Z",
        "context_length": 32768,
        "capabilities": ["completion", "tools"],
    }


@pytest.mark.parametrize("name", ["hf.co/someone/large", "SMALL", "small:latest"])
async def test_a_model_is_found_by_its_name(name: str) -> None:
    async with box_with("small", "hf.co/someone/large").client(openai_router) as client:
        answer = await client.get(f"/v1/models/{name}")

    assert answer.status_code == 200


async def test_a_model_that_is_not_here_is_told_so_in_openais_words() -> None:
    async with box_with("small").client(openai_router) as client:
        answer = await client.get("/v1/models/gpt-5")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"


async def test_nobody_is_told_anything() -> None:
    box = box_with("small")
    box.authenticator = nobody_signed_in()
    async with box.client(openai_router) as client:
        answer = await client.get("/v1/models")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["code"] == "invalid_api_key"


async def test_a_key_needs_the_scope_of_models() -> None:
    box = box_with("small")
    box.authenticator = signed_in_by_token(
        program("chats", scopes=frozenset({Scope.CHAT})),
        program("asks", scopes=frozenset({Scope.MODELS})),
    )
    async with box.client(openai_router) as client:
        refused = await client.get("/v1/models", headers={"Authorization": "Bearer chats"})
        taken = await client.get("/v1/models", headers={"Authorization": "Bearer asks"})

    assert (refused.status_code, taken.status_code) == (403, 200)
    assert refused.json()["error"]["code"] == "scope_missing"


async def test_an_address_that_is_not_there_is_refused_in_openais_words() -> None:
    async with box_with("small").client(openai_router) as client:
        answers = [await client.post("/v1/images"), await client.get("/v1/chat/completions")]

    assert [answer.status_code for answer in answers] == [404, 405]
    assert all("message" in answer.json()["error"] for answer in answers)
