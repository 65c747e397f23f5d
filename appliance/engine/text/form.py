"""Which tokens an answer may go on with, so that its text keeps to a grammar."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.engine.text.grammar import bad_grammar
from appliance.engine.text.matching import Machine, State, first_bytes_of

# Of those that may begin well, so many likely ones are looked at in full at a time.
_LOOKED_AT = 256
# About 50 ms; more in one choice would be felt by those who are being answered meanwhile.
_MOST_WORK = 40_000
# Rows of several answers must fit into one step, and everybody waits for it.
_MOST_FORCED = 16
_CONTINUATION = range(0x80, 0xC0)
_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = 0x10FFFF
_SHORTEST: Mapping[int, int] = {1: 0, 2: 0x80, 3: 0x800, 4: 0x10000}
_LEADS = ((0x00, 0x80, 1), (0xC2, 0xE0, 2), (0xE0, 0xF0, 3), (0xF0, 0xF5, 4))


class Spelling(Protocol):
    """How the model writes its tokens."""

    def beginnings(self) -> NDArray[np.int16]:
        """Return the first two bytes of each token and its length in bytes, shape (tokens, 3).

        The first is -1 for tokens without text and -2 for those that end answers; the second is -1
        for tokens of one byte.
        """
        ...

    def text_of(self, token: int) -> bytes:
        """Return the bytes of a token."""
        ...

    def ends_answer(self, token: int) -> bool:
        """Return whether the answer is over with it."""
        ...

    def tokens_of(self, text: str) -> Sequence[int]:
        """Return the tokens of a text."""
        ...


class Written:
    """One answer that keeps to a grammar, as far as it is written."""

    def __init__(self, machine: Machine, spelling: Spelling) -> None:
        self._machine = machine
        self._spelling = spelling
        self._state = machine.start
        # Bytes of a character whose end has not come.
        self._open = b""

    @property
    def must_end(self) -> bool:
        """Return whether nothing can come any more."""
        return self._state.must_end and not self._open

    def allows(self, token: int) -> bool:
        """Return whether this token may come next."""
        if self._spelling.ends_answer(token):
            return self._state.may_end and not self._open
        return self._after(self._spelling.text_of(token)) is not None

    def allowed_of(self, logits: NDArray[np.float32], most: int) -> list[int]:
        """Return the likeliest tokens that may come next, the likeliest first.

        Raises:
            InvalidValueError: If it takes too long to find one (`bad_grammar`).
        """
        first = self._spelling.beginnings()[:, 0]
        begins_well = np.flatnonzero(self._may_begin()[first])
        likeliest = begins_well[np.argsort(-logits[begins_well])]
        limit = self._machine.work + _MOST_WORK
        found = self._allowed_among(likeliest[:_LOOKED_AT], most, limit)
        if found or len(likeliest) <= _LOOKED_AT:
            return self._in_time(found, limit)
        # Where hardly any token fits (the last characters of a bounded text), the first byte says
        # too little, and the short ones fit first.
        beginnings = self._spelling.beginnings()[likeliest]
        fitting = self._goes_on_well(beginnings)
        likeliest = likeliest[fitting][np.argsort(beginnings[fitting, 2], kind="stable")]
        for start in range(0, len(likeliest), _LOOKED_AT):
            found = self._allowed_among(likeliest[start : start + _LOOKED_AT], most, limit)
            if found or self._machine.work > limit:
                break
        return self._in_time(found, limit)

    def accept(self, token: int) -> None:
        """Take a token that is written; it must be allowed."""
        if self._spelling.ends_answer(token):
            return
        following = self._after(self._spelling.text_of(token))
        if following is None:
            raise bad_grammar("the answer has left it")
        self._state, self._open = following

    def forced(self) -> list[int]:
        """Return tokens that must come next since only one text can; accepts none of them.

        The last one is left out where the text goes on freely: it may be the beginning of a
        longer token.
        """
        if self._open:
            return []
        text = self._machine.forced(self._state)
        if not text:
            return []
        tokens = list(self._spelling.tokens_of(text))
        end = self._machine.read(self._state, text)
        is_all = end is not None and end.must_end
        return (tokens if is_all else tokens[:-1])[:_MOST_FORCED]

    def _allowed_among(self, tokens: NDArray[np.int64], most: int, limit: int) -> list[int]:
        found: list[int] = []
        for token in tokens.tolist():
            if len(found) >= most or self._machine.work > limit:
                break
            if self.allows(token):
                found.append(token)
        return found

    def _in_time(self, found: list[int], limit: int) -> list[int]:
        if not found and self._machine.work > limit:
            raise bad_grammar("it takes too long to find what it allows")
        return found

    def _may_begin(self) -> NDArray[np.bool_]:
        """Return, by first byte, which tokens may come; the last two are those of no text."""
        if self._open:
            table = bytearray(256)
            for byte in _CONTINUATION:
                table[byte] = 1
        else:
            table = first_bytes_of(self._state.ranges)
        ends = self._state.may_end and not self._open
        # Read from behind by -2 and -1: tokens that end answers, and tokens without text.
        return np.array([*table, ends, False], dtype=np.bool_)

    def _goes_on_well(self, beginnings: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Return which tokens may come as far as their first two bytes tell."""
        if self._open:
            return np.ones(len(beginnings), dtype=np.bool_)
        # Row by first byte, column by second one; the last column is for tokens of one byte.
        table = np.ones((257, 257), dtype=np.bool_)
        for byte in range(0x80):
            following = None
            if self._state.takes(byte, byte):
                following = self._machine.next(self._state, chr(byte))
            if following is None:
                table[byte] = False
            else:
                table[byte, :256] = np.frombuffer(first_bytes_of(following.ranges), np.uint8)
        first, second = beginnings[:, 0], beginnings[:, 1]
        is_text: NDArray[np.bool_] = first >= 0
        return ~is_text | table[first, second]

    def _after(self, data: bytes) -> tuple[State, bytes] | None:
        """Return the state behind these bytes and what is open then; None if they may not come."""
        if not data:
            return None
        characters, rest = _split(self._open + data)
        if characters is None:
            return None
        state = self._machine.read(self._state, characters)
        if state is None or not rest:
            return None if state is None else (state, rest)
        first, last = _range_of(rest)
        return (state, rest) if first <= last and state.takes(first, last) else None


def _split(data: bytes) -> tuple[str | None, bytes]:
    """Return the whole characters, and the beginning of one that is open; None if it is no text."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError as error:
        rest = data[error.start :]
        needed = next((n for low, high, n in _LEADS if low <= rest[0] < high), 0)
        is_open = len(rest) < needed and all(byte in _CONTINUATION for byte in rest[1:])
        return (data[: error.start].decode(), rest) if is_open else (None, b"")


def _range_of(begun: bytes) -> tuple[int, int]:
    """Return the first and last character that begins with these bytes; none if the last is less.

    Some beginnings look well and can never become a character: longer forms of short ones, and
    halves of characters.
    """
    needed = next(n for low, high, n in _LEADS if low <= begun[0] < high)
    value = begun[0] & (0xFF >> (needed + 1))
    for byte in begun[1:]:
        value = value << 6 | byte & 0x3F
    shift = 6 * (needed - len(begun))
    first = max(value << shift, _SHORTEST[needed])
    last = min((value + 1 << shift) - 1, _LAST_CHARACTER)
    if first >= _SURROGATES.start and last < _SURROGATES.stop:
        return 1, 0
    return first, last
