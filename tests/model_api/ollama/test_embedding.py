"""Texts into numbers, as Ollama's clients ask."""

import math

import pytest

from appliance.model_api.ollama.embedding import cut
from tests.fakes.model_host import ScriptedEmbedder
from tests.fakes.text_engine import script
from tests.model_api.ollama.box import ask
from tests.model_api.serving import Served, served


def _box() -> Served:
    box = served(*script("x"))
    box.embedder = ScriptedEmbedder(context_tokens=2, vectors={"a": (0.6, 0.8, 0.0)})
    return box


async def test_one_text_or_several_become_vectors() -> None:
    answer = await ask(_box(), "/api/embed", input=["a", "a"], dimensions=1)

    assert answer.json() == {
        "model": "scripted",
        "embeddings": [[1.0], [1.0]],
        "total_duration": 1,
        "load_duration": 1_000_000,
        "prompt_eval_count": 2,
    }


@pytest.mark.parametrize(
    ("fields", "status", "answer"),
    [
        ({"input": []}, 200, {"model": "scripted", "embeddings": []}),
        ({}, 200, {"model": "scripted", "embeddings": []}),
        ({"input": 5}, 400, {"error": "invalid input type"}),
        ({"input": ["a", 5]}, 400, {"error": "invalid input type"}),
        (
            {"input": "a b c", "truncate": False},
            400,
            {"error": "the input length exceeds the context length"},
        ),
    ],
)
async def test_what_is_no_text_or_too_long_is_told_in_ollamas_words(
    fields: dict[str, object], status: int, answer: dict[str, object]
) -> None:
    found = await ask(_box(), "/api/embed", **fields)

    assert (found.status_code, found.json()) == (status, answer)


async def test_older_clients_get_one_vector_and_none_for_nothing() -> None:
    assert (await ask(_box(), "/api/embeddings", prompt="a")).json() == {
        "embedding": [0.6, 0.8, 0.0]
    }
    assert (await ask(_box(), "/api/embeddings")).json() == {"embedding": []}


def test_a_vector_that_was_cut_has_length_one_again() -> None:
    assert math.hypot(*cut((0.6, 0.0, 0.8), 2)) == 1.0
