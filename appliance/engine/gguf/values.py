"""The values of a GGUF header, read one by one and never trusted: every length has a limit.

Source: the GGUF specification, versions 2 and 3 (ggml, docs/gguf.md).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from appliance.base.errors import InvalidValueError

_MOST_ITEMS = 2_000_000
_LONGEST_KEY_BYTES = 256
_LONGEST_TEXT_BYTES = 1 << 20
_LONGEST_SHOWN = 40
_MOST_HEADER_BYTES = 256 << 20

_TEXT, _ARRAY = 8, 9
# GGUF value type → how to unpack it, for the types of fixed size.
_SCALARS: Mapping[int, struct.Struct] = {
    kind: struct.Struct(form)
    for kind, form in {
        0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i",
        6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
    }.items()
}  # fmt: skip
_U32, _U64 = _SCALARS[4], _SCALARS[10]

Value = int | float | bool | str | list[int | float | bool] | list[str]


@dataclass(frozen=True)
class Keeping:
    """What is kept in memory of a header; the rest is read over.

    Attributes:
        text_bytes: Texts up to this length.
        items: Lists of numbers up to this length.
        has_text_lists: Whether lists of texts (the vocabulary) are kept, whatever their length.
        watched: Texts that are looked for in such lists.
        total_bytes: All texts together; what comes after that is read over.
    """

    total_bytes: int = 1 << 20
    text_bytes: int = 512
    items: int = 1024
    has_text_lists: bool = False
    watched: frozenset[bytes] = frozenset()


DECIDING = Keeping()
EVERYTHING = Keeping(
    total_bytes=32 << 20, text_bytes=_LONGEST_TEXT_BYTES, items=1_000_000, has_text_lists=True
)


def refused(why: str, hint: str = "") -> InvalidValueError:
    """Return the error that says why a model file is refused."""
    return InvalidValueError(
        f"The model file {why}.",
        code="bad_model_file",
        hint=hint or "Get the file again and compare its size and SHA-256 with its source.",
    )


def shown(text: str) -> str:
    """Return text from a file as it may stand in a message: short, on one line."""
    short = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return repr(short)


class GgufValues:
    """Reads values in order; nothing is kept in memory but what is asked for.

    Attributes:
        position: Bytes read or skipped so far.
        found: Which of the watched texts were seen in lists.
    """

    def __init__(self, stream: BinaryIO, size_bytes: int, keeping: Keeping = DECIDING) -> None:
        self._keeping = keeping
        self._bytes_left = keeping.total_bytes
        self._watched_lengths = frozenset(map(len, keeping.watched))
        self.found: set[bytes] = set()
        self._stream = stream
        self._size_bytes = size_bytes
        self._items_left = _MOST_ITEMS
        self.position = 0

    def u32(self) -> int:
        """Return the next unsigned 32-bit number."""
        return self._number(_U32)

    def u64(self) -> int:
        """Return the next unsigned 64-bit number."""
        return self._number(_U64)

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            InvalidValueError: If the file, or what a header may have, ends before.
        """
        self._advance(count)
        raw = self._stream.read(count)
        if len(raw) != count:
            raise refused("became shorter while it was read")
        return raw

    def key(self) -> str:
        """Return the next name of a fact or tensor."""
        return self._text(_LONGEST_KEY_BYTES)

    def value(self) -> Value | None:
        """Return the next value with its type; None for long texts and lists, which are no facts."""
        kind = self.u32()
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _TEXT:
            return self._short_text()
        if kind == _ARRAY:
            return self._list()
        raise refused(f"has a value of the unknown type {kind}")

    def _list(self) -> Value | None:
        kind, count = self.u32(), self.u64()
        self._items_left -= count
        if self._items_left < 0:
            raise refused(f"has lists of more than {_MOST_ITEMS:,} items")
        if kind in _SCALARS:
            return self._numbers(_SCALARS[kind], count)
        if kind != _TEXT:
            raise refused("has a list inside a list, or of an unknown type")
        if self._keeping.has_text_lists:
            return [self._listed_text() for _ in range(count)]
        for _ in range(count):
            self._watch(self._text_length(_LONGEST_TEXT_BYTES))
        return None

    def _listed_text(self) -> str:
        # Tokens may be halves of characters.
        return self._kept(self._text_length(_LONGEST_TEXT_BYTES)).decode(errors="replace")

    def _watch(self, length: int) -> None:
        if length not in self._watched_lengths:
            self._skip(length)
        elif (text := self.take(length)) in self._keeping.watched:
            self.found.add(text)

    def _numbers(self, form: struct.Struct, count: int) -> Value | None:
        # Short lists may be facts (heads per layer); the long ones are scores and types of tokens.
        if count > self._keeping.items:
            self._skip(count * form.size)
            return None
        return [number for (number,) in form.iter_unpack(self.take(count * form.size))]

    def _short_text(self) -> str | None:
        length = self._text_length(_LONGEST_TEXT_BYTES)
        if length > min(self._keeping.text_bytes, self._bytes_left):
            self._skip(length)
            return None
        return self._decoded(self._kept(length))

    def _kept(self, length: int) -> bytes:
        self._bytes_left -= length
        if self._bytes_left < 0:
            raise refused("has more text in its header than any model")
        return self.take(length)

    def _text(self, longest_bytes: int) -> str:
        return self._decoded(self.take(self._text_length(longest_bytes)))

    def _text_length(self, longest_bytes: int) -> int:
        length = self.u64()
        if length > longest_bytes:
            raise refused(f"has a text of {length:,} bytes in its header")
        return length

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise refused("has a name in its header that is not text") from error

    def _number(self, form: struct.Struct) -> int:
        (number,) = form.unpack(self.take(form.size))
        return number

    def _skip(self, count: int) -> None:
        self._advance(count)
        self._stream.seek(count, 1)

    def _advance(self, count: int) -> None:
        self.position += count
        if self.position > min(self._size_bytes, _MOST_HEADER_BYTES):
            raise refused("is cut short inside its header")
