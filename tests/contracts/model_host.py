"""What every tokeniser, embedder and host of models promises; each implementation runs these.

A test module inherits the classes as `Test…` and gives the fixture `host`: an object that is a
Tokeniser, an Embedder and a ModelHost, or several that know the same models. `other` names a
model besides the owner's choice.
"""

import math
from dataclasses import dataclass
from itertools import count

import pytest

from appliance.base.errors import InvalidValueError, NotFoundError
from appliance.engine.text.model import EmbeddingRequest, TextRequest, Turn
from appliance.engine.text.port import Embedder, ModelHost, Tokeniser

_numbers = count(1)
WORDS = "Tres tristes tigres tragaban trigo. ¿Café, ñandú? 🙂"


@dataclass(frozen=True)
class Hosted:
    """What is tested.

    Attributes:
        tokeniser: It as a tokeniser.
        embedder: It as an embedder.
        host: It as a host.
        chosen: Name of the owner's choice.
        other: Name of another model.
    """

    tokeniser: Tokeniser
    embedder: Embedder
    host: ModelHost
    chosen: str
    other: str


def texts(*contents: str, model: str | None = None, truncates: bool = True) -> EmbeddingRequest:
    """Return a request for vectors."""
    return EmbeddingRequest(
        f"contract-{next(_numbers)}", contents, "ana", model=model, truncates=truncates
    )


def asked(*contents: str, model: str | None = None) -> TextRequest:
    """Return a request whose prompt is to be measured."""
    turns = tuple(Turn("user", content) for content in contents)
    return TextRequest(f"contract-{next(_numbers)}", turns, "ana", model=model)


class ModelHostContract:
    """Inherit, and give the fixture `hosted`."""

    @pytest.fixture
    def hosted(self) -> Hosted:
        """Return what is tested; given by each implementation."""
        raise NotImplementedError

    async def test_tokens_make_the_text_again(self, hosted: Hosted) -> None:
        tokens = await hosted.tokeniser.tokens_of(WORDS)

        assert tokens
        assert await hosted.tokeniser.text_of(tokens) == WORDS

    async def test_no_text_has_no_tokens(self, hosted: Hosted) -> None:
        assert await hosted.tokeniser.tokens_of("") == []
        assert await hosted.tokeniser.text_of([]) == ""

    @pytest.mark.parametrize("token", [-1, 1 << 30])
    async def test_a_token_that_is_not_there_is_refused(self, hosted: Hosted, token: int) -> None:
        with pytest.raises(InvalidValueError) as refusal:
            await hosted.tokeniser.text_of([token])

        assert refusal.value.code == "unknown_token"

    async def test_a_prompt_has_more_tokens_than_its_words(self, hosted: Hosted) -> None:
        tokens = await hosted.tokeniser.tokens_of(WORDS)

        assert await hosted.tokeniser.prompt_tokens_of(asked(WORDS)) > len(tokens)

    async def test_a_prompt_longer_than_any_context_is_measured_whole(self, hosted: Hosted) -> None:
        words = "palabra " * 20_000

        assert await hosted.tokeniser.prompt_tokens_of(asked(words)) > 20_000

    async def test_a_model_that_is_not_here_is_told_by_everything(self, hosted: Hosted) -> None:
        for asking in (
            hosted.tokeniser.tokens_of("x", model="nobody"),
            hosted.tokeniser.text_of([1], model="nobody"),
            hosted.tokeniser.prompt_tokens_of(asked("x", model="nobody")),
            hosted.embedder.embed(texts("x", model="nobody")),
            hosted.host.load("nobody"),
            hosted.host.unload("nobody"),
        ):
            with pytest.raises(NotFoundError) as refusal:
                await asking
            assert refusal.value.code == "model_not_found"

    async def test_each_text_has_a_vector_of_length_one(self, hosted: Hosted) -> None:
        embeddings = await hosted.embedder.embed(texts("una casa", "dos perros", "una casa"))

        lengths = [math.hypot(*vector) for vector in embeddings.vectors]
        assert lengths == pytest.approx([1, 1, 1], abs=1e-5)
        assert len({len(vector) for vector in embeddings.vectors}) == 1
        assert embeddings.model == hosted.chosen
        assert embeddings.prompt_tokens > 0

    async def test_the_same_text_has_the_same_vector_and_another_one_not(
        self, hosted: Hosted
    ) -> None:
        first = await hosted.embedder.embed(texts("una casa", "dos perros"))
        again = await hosted.embedder.embed(texts("una casa"))

        assert again.vectors[0] == pytest.approx(first.vectors[0], abs=0.02)
        assert first.vectors[0] != pytest.approx(first.vectors[1], abs=0.02)

    async def test_no_texts_have_no_vectors(self, hosted: Hosted) -> None:
        embeddings = await hosted.embedder.embed(texts())

        assert (embeddings.vectors, embeddings.prompt_tokens) == ((), 0)

    async def test_a_text_that_is_too_long_is_cut_or_refused_as_asked(self, hosted: Hosted) -> None:
        long = "palabra " * 20_000

        cut = await hosted.embedder.embed(texts(long))
        with pytest.raises(InvalidValueError) as refusal:
            await hosted.embedder.embed(texts("corto", long, truncates=False))

        assert len(cut.vectors) == 1
        assert 0 < cut.prompt_tokens < 20_000
        assert refusal.value.code == "text_too_long"

    async def test_a_loaded_model_is_resident_and_an_unloaded_one_is_not(
        self, hosted: Hosted
    ) -> None:
        resident = await hosted.host.load(hosted.other)

        assert resident.name == hosted.other
        assert resident.context_tokens > 0
        assert hosted.other in {one.name for one in hosted.host.residents()}

        await hosted.host.unload(hosted.other)

        assert hosted.other not in {one.name for one in hosted.host.residents()}

    async def test_the_chosen_model_stays_and_another_one_has_a_last_hour(
        self, hosted: Hosted
    ) -> None:
        chosen = await hosted.host.load(None)
        other = await hosted.host.load(hosted.other)

        assert chosen.name == hosted.chosen
        assert chosen.expires_at is None
        assert other.expires_at is not None

    async def test_how_long_a_model_stays_is_as_asked(self, hosted: Hosted) -> None:
        kept = await hosted.host.load(hosted.other, keep_alive_s=-1)
        leaving = await hosted.host.load(hosted.other, keep_alive_s=3600)

        assert kept.expires_at is None
        assert leaving.expires_at is not None

    async def test_unloading_what_is_not_loaded_does_nothing(self, hosted: Hosted) -> None:
        await hosted.host.unload(hosted.other)

        assert hosted.other not in {one.name for one in hosted.host.residents()}
