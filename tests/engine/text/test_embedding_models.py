"""Vectors of a real encoder, made by a real process beside the model that writes."""

import math
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base.errors import ApplianceError
from appliance.engine.text.model import EmbeddingRequest
from appliance.engine.text.residency import Residency
from tests.engine.text.bert_gguf import CONTEXT, TOKENS, WIDTH, bert
from tests.engine.text.engines import answered, asked, at_work, ready, real_parts

pytestmark = pytest.mark.usefixtures("real_engine_here")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Residency]:
    folder = tmp_path / "none"
    folder.mkdir()
    (folder / "bert.gguf").write_bytes(bert())
    parts = real_parts(tmp_path)
    parts.record.choose("nodo-demo", "")
    async with at_work(parts) as engine:
        await ready(engine)
        yield engine


def texts(*contents: str) -> EmbeddingRequest:
    return EmbeddingRequest("e", contents, "ana", model="bert")


def likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_an_encoder_tells_vectors_of_its_width(engine: Residency):
    embeddings = await engine.embed(texts("una casa", "dos perros", "una casa"))

    one, other, again = embeddings.vectors
    assert {len(vector) for vector in embeddings.vectors} == {WIDTH}
    assert math.hypot(*one) == pytest.approx(1, abs=1e-5)
    assert likeness(one, again) == pytest.approx(1, abs=1e-5)
    assert likeness(one, other) < 0.999
    assert embeddings.prompt_tokens == 12


async def test_many_texts_have_the_vectors_that_each_has_alone(engine: Residency):
    contents = ["una casa", "a b c", "dos perros", "z"] * 20

    together = (await engine.embed(texts(*contents))).vectors

    alone = [(await engine.embed(texts(content))).vectors[0] for content in contents[:4]]
    assert len(together) == 80
    for number, vector in enumerate(together):
        assert likeness(vector, alone[number % 4]) == pytest.approx(1, abs=1e-3)


async def test_a_text_longer_than_the_encoder_reads_is_cut(engine: Residency):
    embeddings = await engine.embed(texts("casa " * 1000))

    assert embeddings.prompt_tokens == CONTEXT


async def test_an_encoder_is_not_asked_to_write(engine: Residency):
    heard = await answered(engine, replace(asked("Hola"), model="bert"))
    with pytest.raises(ApplianceError) as refusal:
        await engine.choose("bert")

    assert heard.error is not None
    assert "cannot write" in str(heard.error)
    assert "cannot write" in refusal.value.message
    assert engine.state().model == "nodo-demo"


async def test_words_of_an_encoder_are_tokens_too(engine: Residency):
    tokens = await engine.tokens_of("una casa", model="bert")

    assert [TOKENS[token] for token in tokens] == ["▁una", "▁casa"]


async def test_an_encoder_is_loaded_for_what_it_is_there_for(engine: Residency):
    resident = await engine.load("bert", keep_alive_s=60)

    assert (resident.is_for_embeddings, resident.context_tokens) == (True, CONTEXT)
    assert resident.expires_at is not None
