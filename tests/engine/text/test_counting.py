"""Counts that the child owes: answered, given up, or failed with it."""

import asyncio

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.counting import Counts, pieces_of, sums_of

GONE = EngineUnavailableError("The engine stopped.")


async def test_the_pieces_of_a_text_are_summed() -> None:
    counts = Counts()
    orders, answers = zip(*(counts.ask(piece) for piece in ("una", "dos", "x")), strict=True)
    for order, tokens in zip(orders, (3, 4, 1), strict=True):
        counts.hear({"is": "counted", "id": order["id"], "tokens": tokens})

    assert await sums_of([answers[:2], [], answers[2:]]) == [7, 0, 1]


async def test_when_the_child_ends_nobody_waits_any_longer() -> None:
    counts = Counts()
    answers = [counts.ask(piece)[1] for piece in ("una", "dos")]

    counts.fail_all(GONE)

    with pytest.raises(EngineUnavailableError):
        await sums_of([answers])


async def test_an_answer_that_comes_too_late_is_taken_by_nobody() -> None:
    counts = Counts()
    order, answer = counts.ask("una")
    waiting = asyncio.create_task(sums_of([[answer]]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    counts.hear({"is": "counted", "id": order["id"], "tokens": 3})

    assert answer.cancelled()


def test_a_long_text_is_sent_in_pieces_and_an_empty_one_not_at_all() -> None:
    assert [len(piece) for piece in pieces_of("x" * 450_000)] == [200_000, 200_000, 50_000]
    assert list(pieces_of("")) == []


async def test_half_characters_are_counted_as_replaced() -> None:
    order, _answer = Counts().ask("a\ud83d")

    assert order["text"] == "a?"
