"""Texts and their tokens, told in a thread of its own: a long text must not hold up answers."""

import base64
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from appliance.base.errors import ApplianceError, InvalidValueError
from appliance.engine.text.frames import Frame, error_values


class Vocabulary(Protocol):
    """The part of a loaded model that knows tokens; any thread may ask it."""

    @property
    def vocabulary_size(self) -> int:
        """Return how many tokens there are."""
        ...

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`."""
        ...

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of a token."""
        ...


class Lexicon:
    """Answers questions about tokens, in their order.

    Attributes:
        KINDS: The orders that it takes.
    """

    KINDS = frozenset({"count", "tokens", "text"})

    def __init__(self, tell: Callable[[Frame], None]) -> None:
        """Begin without a model: `tell` takes the answers, from any thread."""
        self._tell = tell
        self._orders: queue.SimpleQueue[Frame] = queue.SimpleQueue()

    def start(self, vocabulary: Vocabulary) -> None:
        """Begin to answer with the tokens of a loaded model."""
        threading.Thread(target=self._serve, args=(vocabulary,), daemon=True).start()

    def add(self, order: Frame) -> None:
        """Take an order."""
        self._orders.put(order)

    def _serve(self, vocabulary: Vocabulary) -> None:
        while True:
            order = self._orders.get()
            self._tell({"is": "told", "id": order["id"], **told_of(order, vocabulary)})


def told_of(order: Frame, vocabulary: Vocabulary) -> Frame:
    """Return what is to be told to an order."""
    if order["do"] == "text":
        return _text(cast("Sequence[int]", order["tokens"]), vocabulary)
    tokens = vocabulary.tokens_of(str(order["text"]), special=False)
    return {"tokens": tokens if order["do"] == "tokens" else len(tokens)}


def _text(tokens: Sequence[int], vocabulary: Vocabulary) -> Frame:
    # llama.cpp ends its process if it is asked for a token that is not there.
    unknown = next((t for t in tokens if not 0 <= t < vocabulary.vocabulary_size), None)
    if unknown is not None:
        return {"error": error_values(_unknown(unknown, vocabulary.vocabulary_size))}
    data = b"".join(vocabulary.piece(token, special=True) for token in tokens)
    return {"data": base64.b64encode(data).decode()}


def _unknown(token: int, size: int) -> ApplianceError:
    return InvalidValueError(
        f"The model has no token {token}; its tokens are 0 to {size - 1:,}.",
        code="unknown_token",
        token=token,
    )
