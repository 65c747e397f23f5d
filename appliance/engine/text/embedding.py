"""Vectors of texts: several texts at a time, one step after the other, so that who goes is heard."""

import base64
import math
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from appliance.base.errors import ApplianceError, EngineUnavailableError, InvalidValueError
from appliance.engine.text.frames import Frame, error_values


class Encoder(Protocol):
    """What makes vectors of tokens."""

    @property
    def room_tokens(self) -> int:
        """Return the most that the texts of one call may have together."""
        ...

    @property
    def most_texts(self) -> int:
        """Return the most texts of one call."""
        ...

    def vectors_of(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the vector of each text."""
        ...


@dataclass
class _Work:
    """One order: what is still to be read, and what was made of the rest."""

    order_id: str
    texts: deque[list[int]]
    tokens: int
    vectors: list[str] = field(default_factory=list[str])


class Embedding:
    """All orders of one model. Call `step` again and again while it returns True."""

    def __init__(
        self,
        encoder: Encoder,
        split: Callable[[str], list[int]],
        *,
        context_tokens: int,
        tell: Callable[[Frame], None],
    ) -> None:
        """Begin with nothing to do.

        Args:
            encoder: The model.
            split: Returns the tokens of a text, with those that the model wants around it.
            context_tokens: The most tokens of one text.
            tell: Takes the answers.
        """
        self._encoder = encoder
        self._split = split
        self._context_tokens = min(context_tokens, encoder.room_tokens)
        self._tell = tell
        self._works: deque[_Work] = deque()

    def add(self, order: Frame) -> None:
        """Take an order, or tell at once why not."""
        order_id = str(order["id"])
        try:
            texts = [
                self._fitted(str(text), truncates=bool(order["truncates"]))
                for text in cast("Sequence[str]", order["texts"])
            ]
        except ApplianceError as error:
            self._tell({"is": "told", "id": order_id, "error": error_values(error)})
            return
        self._works.append(_Work(order_id, deque(texts), sum(map(len, texts))))

    def cancel(self, order_id: str) -> None:
        """Forget an order."""
        self._works = deque(work for work in self._works if work.order_id != order_id)

    def step(self) -> bool:
        """Read some texts of the oldest order; False if there is nothing to do."""
        if not self._works:
            return False
        work = self._works[0]
        handful = self._handful(work)
        try:
            work.vectors += [_sent(vector) for vector in self._encoder.vectors_of(handful)]
        except EngineUnavailableError as error:
            self._works.popleft()
            self._tell({"is": "told", "id": work.order_id, "error": error_values(error)})
            return bool(self._works)
        if not work.texts:
            self._works.popleft()
            self._tell({
                "is": "told", "id": work.order_id, "vectors": work.vectors, "tokens": work.tokens,
            })  # fmt: skip
        return bool(self._works)

    def _fitted(self, text: str, *, truncates: bool) -> list[int]:
        tokens = self._split(text)
        if not tokens:
            raise InvalidValueError("An empty text has no meaning.", code="empty_text")
        if len(tokens) <= self._context_tokens:
            return tokens
        if not truncates:
            raise InvalidValueError(
                f"A text has {len(tokens):,} tokens; this model reads "
                f"{self._context_tokens:,} at most.",
                code="text_too_long",
                hint="Shorten it, or split it into parts.",
                tokens=len(tokens),
                limit_tokens=self._context_tokens,
            )
        # The token at the end closes the text for models that are trained so.
        return [*tokens[: self._context_tokens - 1], tokens[-1]]

    def _handful(self, work: _Work) -> list[list[int]]:
        """Take as many texts as are read in one go."""
        handful: list[list[int]] = []
        room = self._encoder.room_tokens
        while work.texts and len(handful) < self._encoder.most_texts:
            if len(work.texts[0]) > room:
                break
            room -= len(work.texts[0])
            handful.append(work.texts.popleft())
        return handful


def _sent(vector: Sequence[float]) -> str:
    """Return a vector of length 1, as it travels; one without any length stays as it is."""
    length = math.hypot(*vector)
    scaled = [number / length for number in vector] if math.isfinite(length) and length else vector
    return base64.b64encode(array("f", scaled).tobytes()).decode()
