import base64
import math
from array import array
from collections.abc import Mapping, Sequence

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.embedding import Embedding


class Encoder:
    """Makes (number of tokens, first token) of each text; notes what was read together."""

    room_tokens = 10
    most_texts = 3

    def __init__(self) -> None:
        self.read: list[list[list[int]]] = []
        self.fails = False

    def vectors_of(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        if self.fails:
            raise EngineUnavailableError("It stopped computing.")
        self.read.append([list(text) for text in texts])
        return [[float(len(text)), float(text[0])] for text in texts]


class Box:
    """An embedding process without its pipe: a text's tokens are the numbers in it."""

    def __init__(self, context_tokens: int = 8) -> None:
        self.encoder = Encoder()
        self.told: list[Mapping[str, object]] = []
        self.embedding = Embedding(
            self.encoder,
            lambda text: [int(word) for word in text.split()],
            context_tokens=context_tokens,
            tell=self.told.append,
        )

    def add(self, *texts: str, order_id: str = "a", truncates: bool = True) -> None:
        self.embedding.add({"id": order_id, "texts": list(texts), "truncates": truncates})

    def run(self) -> None:
        while self.embedding.step():
            pass

    def vectors(self) -> list[tuple[float, ...]]:
        [told] = self.told
        sent = told["vectors"]
        assert isinstance(sent, list)
        return [tuple(array("f", base64.b64decode(one))) for one in sent]


def test_texts_are_read_together_as_far_as_they_fit():
    box = Box()

    box.add("1 2 3 4", "1 2 3 4", "1 2 3", "1", "1", "1", "1")
    box.run()

    assert [len(texts) for texts in box.encoder.read] == [2, 3, 2]
    assert box.told[0]["tokens"] == 15


def test_vectors_have_length_one_and_come_in_the_order_of_the_texts():
    box = Box()

    box.add("3 0 0 0", "1")
    box.run()

    first, second = box.vectors()
    assert first == pytest.approx((0.8, 0.6))
    assert second == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))


def test_a_long_text_is_cut_and_keeps_the_token_that_closes_it():
    box = Box(context_tokens=4)

    box.add("1 2 3 4 5 9")
    box.run()

    assert box.encoder.read == [[[1, 2, 3, 9]]]


def test_a_long_text_is_refused_with_its_length_where_it_must_not_be_cut():
    box = Box(context_tokens=4)

    box.add("1", "1 2 3 4 5", truncates=False)

    [told] = box.told
    error = told["error"]
    assert isinstance(error, dict)
    assert (error["code"], error["fields"]) == ("text_too_long", {"tokens": 5, "limit_tokens": 4})
    assert not box.embedding.step()


def test_an_empty_text_is_refused():
    box = Box()

    box.add("")

    error = box.told[0]["error"]
    assert isinstance(error, dict)
    assert error["code"] == "empty_text"


def test_nothing_more_is_read_for_who_has_gone():
    box = Box()
    box.add(*["1 2 3 4"] * 6)
    box.add("7", order_id="b")
    box.embedding.step()

    box.embedding.cancel("a")
    box.run()

    assert [told["id"] for told in box.told] == ["b"]
    assert len(box.encoder.read) == 2


def test_what_cannot_be_computed_is_told_and_the_next_one_is_read():
    box = Box()
    box.encoder.fails = True
    box.add("1")
    box.add("2", order_id="b")
    box.embedding.step()
    box.encoder.fails = False
    box.run()

    assert ["error" in told for told in box.told] == [True, False]


def test_no_texts_have_no_vectors():
    box = Box()
    box.add()
    box.run()

    assert box.told == [{"is": "told", "id": "a", "vectors": [], "tokens": 0}]
