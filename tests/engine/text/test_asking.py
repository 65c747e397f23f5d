"""Questions that the child owes answers to: answered, given up, or failed with it."""

import asyncio
import base64
from collections.abc import Mapping

import pytest

from appliance.base.errors import EngineUnavailableError, InvalidValueError, TooManyRequestsError
from appliance.engine.text.asking import Asking
from appliance.engine.text.frames import error_values

Order = Mapping[str, object]


class Child:
    """Takes the orders; the test answers them."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.asking = Asking(self.orders.append)

    def answer(self, number: int, **told: object) -> None:
        self.asking.hear({"is": "told", "id": self.orders[number]["id"], **told})

    async def asked(self, count: int) -> None:
        while len(self.orders) < count:
            await asyncio.sleep(0)


async def test_the_pieces_of_a_text_are_summed() -> None:
    child = Child()
    counting = asyncio.create_task(child.asking.count_tokens(["x" * 450_000, "", "y"]))
    await child.asked(4)
    for number, tokens in enumerate((3, 4, 1, 9)):
        child.answer(number, tokens=tokens)

    assert await counting == [8, 0, 9]
    assert not child.asking.is_waiting


async def test_a_character_that_two_tokens_share_is_whole_again() -> None:
    child = Child()
    joining = asyncio.create_task(child.asking.text_of(list(range(100_001))))
    await child.asked(2)
    child.answer(1, data=base64.b64encode("é".encode()[1:]).decode())
    child.answer(0, data=base64.b64encode(b"caf" + "é".encode()[:1]).decode())

    assert await joining == "café"


async def test_when_the_child_ends_nobody_waits_any_longer() -> None:
    child = Child()
    counting = asyncio.create_task(child.asking.count_tokens(["una", "dos"]))
    await child.asked(2)

    child.asking.fail_all()

    with pytest.raises(EngineUnavailableError):
        await counting
    assert not child.asking.is_waiting


async def test_who_gives_up_tells_the_child_and_an_answer_that_comes_too_late_is_nobodys() -> None:
    child = Child()
    embedding = asyncio.create_task(child.asking.embed(["una"], truncates=True))
    await child.asked(1)
    embedding.cancel()
    await asyncio.wait([embedding])

    child.answer(0, vectors=[], tokens=3)

    assert child.orders[1:] == [{"do": "cancel", "id": child.orders[0]["id"]}]
    assert child.asking.embedding == 0


async def test_a_refusal_of_the_child_is_raised_and_the_rest_is_not_asked_any_more() -> None:
    child = Child()
    embedding = asyncio.create_task(child.asking.embed(["una"] * 40, truncates=False))
    await child.asked(2)
    refusal = InvalidValueError("It is too long.", code="text_too_long", tokens=9)

    child.answer(0, error=error_values(refusal))

    with pytest.raises(InvalidValueError) as raised:
        await embedding
    assert (raised.value.code, raised.value.fields) == ("text_too_long", {"tokens": 9})
    assert child.orders[-1]["do"] == "cancel"


async def test_half_characters_are_sent_as_replaced() -> None:
    child = Child()
    counting = asyncio.create_task(child.asking.count_tokens(["a\ud83d"]))
    await child.asked(1)
    child.answer(0, tokens=2)

    assert await counting == [2]
    assert child.orders[0]["text"] == "a?"


async def test_more_requests_for_vectors_than_are_useful_are_refused() -> None:
    child = Child()
    waiting = [asyncio.create_task(child.asking.embed(["una"], truncates=True)) for _ in range(64)]
    await child.asked(64)

    with pytest.raises(TooManyRequestsError) as refusal:
        await child.asking.embed(["una"], truncates=True)

    assert refusal.value.code == "queue_full"
    for task in waiting:
        task.cancel()


@pytest.mark.parametrize("told", [{"tokens": "many", "vectors": []}, {"vectors": ["!"]}, {}])
async def test_nonsense_is_raised_where_it_is_heard(told: dict[str, object]) -> None:
    child = Child()
    embedding = asyncio.create_task(child.asking.embed(["una"], truncates=True))
    await child.asked(1)

    with pytest.raises((ValueError, LookupError)):
        child.answer(0, **told)
    embedding.cancel()
