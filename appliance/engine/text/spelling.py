"""How a model writes its tokens, its marks for thoughts and calls included."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.engine.text.llama import Llama

_NO_TEXT, _ENDS_ANSWER = -1, -2


class Spelling:
    """The tokens of one model as bytes. Any thread may ask."""

    def __init__(self, llama: Llama, marks: Sequence[str]) -> None:
        """Learn the texts `marks` that the model may have tokens of their own for."""
        self._llama = llama
        found = {mark: llama.tokens_of(mark, special=True) for mark in marks}
        self._tokens = {mark: tokens[0] for mark, tokens in found.items() if len(tokens) == 1}
        self._marks = {token: mark.encode() for mark, token in self._tokens.items()}
        self._beginnings: NDArray[np.int16] | None = None
        self._cut = re.compile("|".join(map(re.escape, self._tokens)) or "(?!)")

    def beginnings(self) -> NDArray[np.int16]:
        """Return the first two bytes of each token and its length in bytes, shape (tokens, 3).

        The first is -1 for tokens without text and -2 for those that end answers; the second is -1
        for tokens of one byte. It takes some tenths of a second the first time.
        """
        if self._beginnings is None:
            tokens = range(self._llama.vocabulary_size)
            self._beginnings = np.array([self._beginning(token) for token in tokens], np.int16)
        return self._beginnings

    def text_of(self, token: int) -> bytes:
        """Return the bytes of a token; empty for those that are no text."""
        return self._marks.get(token) or self._llama.piece(token)

    def ends_answer(self, token: int) -> bool:
        """Return whether the answer is over with it."""
        return self._llama.ends_answer(token)

    def tokens_of(self, text: str) -> list[int]:
        """Return the tokens of a text, in which nothing but the marks is special."""
        tokens: list[int] = []
        start = 0
        for found in self._cut.finditer(text):
            tokens += self._plain(text[start : found.start()])
            tokens.append(self._tokens[found.group()])
            start = found.end()
        return tokens + self._plain(text[start:])

    def _plain(self, text: str) -> list[int]:
        return self._llama.tokens_of(text, special=False) if text else []

    def _beginning(self, token: int) -> tuple[int, int, int]:
        data = self.text_of(token)
        if self.ends_answer(token) or not data:
            return (_ENDS_ANSWER if self.ends_answer(token) else _NO_TEXT), _NO_TEXT, 0
        return data[0], data[1] if len(data) > 1 else _NO_TEXT, len(data)
