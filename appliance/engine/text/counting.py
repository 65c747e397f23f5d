"""Counts of tokens that the supervisor has asked its child for."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from typing import cast

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.frames import Frame

# Far below what a pipe takes for a line; the seams may cost a token more.
_PIECE_CHARACTERS = 200_000


def pieces_of(text: str) -> Iterator[str]:
    """Yield the text in pieces that can be sent."""
    for start in range(0, len(text), _PIECE_CHARACTERS):
        yield text[start : start + _PIECE_CHARACTERS]


def count_frame(text: str, order_id: str) -> Frame:
    """Return the order to count the tokens of a piece."""
    sendable = text.encode("utf-8", "replace").decode()
    return {"do": "count", "id": order_id, "text": sendable}


class Counts:
    """Counts that are not answered yet."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Future[int]] = {}
        self._numbers = count(1)

    def ask(self, text: str) -> tuple[Frame, asyncio.Future[int]]:
        """Return the order for one piece, and what will hold its answer."""
        order_id = f"count:{next(self._numbers)}"
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._asked[order_id] = answer
        answer.add_done_callback(lambda _answer: self._asked.pop(order_id, None))
        return count_frame(text, order_id), answer

    def hear(self, frame: Frame) -> None:
        """Take an answer of the child; nobody may be waiting for it any more."""
        answer = self._asked.get(str(frame["id"]))
        if answer is not None and not answer.done():
            answer.set_result(max(int(cast("int", frame["tokens"])), 0))

    def fail_all(self, error: EngineUnavailableError) -> None:
        """Tell those who wait that no answer will come."""
        for answer in list(self._asked.values()):
            if not answer.done():
                answer.set_exception(error)


async def sums_of(answers: Sequence[Sequence[asyncio.Future[int]]]) -> list[int]:
    """Return the sum of each text's pieces; nothing stays asked for if we are cancelled.

    Raises:
        EngineUnavailableError: If one of them will not come.
    """
    try:
        return [sum([await piece for piece in pieces]) for pieces in answers]
    finally:
        for piece in (piece for pieces in answers for piece in pieces):
            piece.cancel()
            # An answer that nobody takes any more must not complain of that.
            _ = piece.done() and not piece.cancelled() and piece.exception()
