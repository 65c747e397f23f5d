"""`/v1/embeddings`: vectors as numbers or packed, in full or in part."""

import base64
import math
import struct
from typing import Any

import pytest

from appliance.model_api.openai.routes import openai_router
from tests.fakes.model_host import ScriptedEmbedder
from tests.model_api.serving import Served, served


def box_with(**vectors: tuple[float, ...]) -> Served:
    box = served()
    box.embedder = ScriptedEmbedder(vectors=vectors)
    return box


async def ask(box: Served, **fields: object) -> Any:
    body = {"model": "scripted", "input": "sol", **fields}
    async with box.client(openai_router) as client:
        return await client.post("/v1/embeddings", json=body)


async def test_a_text_becomes_a_vector() -> None:
    answer = await ask(box_with(sol=(0.6, 0.8)))

    assert answer.json() == {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}],
        "model": "scripted",
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


async def test_numbers_are_packed_as_openais_libraries_ask_for_them() -> None:
    answer = await ask(box_with(sol=(0.5, -2.0)), encoding_format="base64")

    packed = answer.json()["data"][0]["embedding"]
    assert struct.unpack("<2f", base64.b64decode(packed)) == (0.5, -2.0)


async def test_fewer_dimensions_are_again_of_length_one() -> None:
    answer = await ask(box_with(sol=(0.6, 0.0, 0.8)), dimensions=2)

    assert answer.json()["data"][0]["embedding"] == [1.0, 0.0]


async def test_texts_keep_their_order() -> None:
    answer = await ask(box_with(a=(1.0,), b=(-1.0,)), input=["b", "a"])

    assert [one["embedding"] for one in answer.json()["data"]] == [[-1.0], [1.0]]


async def test_tokens_are_turned_into_their_text() -> None:
    box = box_with(ab=(1.0,))

    await ask(box, input=[97, 98])
    await ask(box, input=[[97], [98]])

    assert [request.texts for request in box.embedder.requests] == [("ab",), ("a", "b")]


async def test_a_text_that_is_too_long_is_refused_unless_it_may_be_cut() -> None:
    box, text = served(), "word " * 1001

    refused = await ask(box, input=text)
    cut = await ask(box, input=text, truncate=True)

    assert refused.json()["error"]["code"] == "context_length_exceeded"
    assert refused.status_code == 400
    assert cut.json()["usage"]["prompt_tokens"] == 1000
    assert math.isclose(math.hypot(*cut.json()["data"][0]["embedding"]), 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"input": ""},
        {"input": []},
        {"input": ["a", ""]},
        {"input": ["a"] * 2049},
        {"input": {"a": 1}},
        {"input": [-1]},
        {"dimensions": 0},
        {"dimensions": 9},
        {"encoding_format": "hex"},
    ],
)
async def test_what_is_none_of_this_is_refused(fields: dict[str, object]) -> None:
    answer = await ask(served(), **fields)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
