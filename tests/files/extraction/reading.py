"""Readers used as the extraction process uses them, without the process."""

import io
from collections.abc import Callable
from typing import BinaryIO

from appliance.files.extraction.pieces import Pages, Pieces

Reader = Callable[[BinaryIO], Pieces]


def text_of(reader: Reader, content: bytes) -> str:
    """Return all text that the reader gives."""
    pieces = reader(io.BytesIO(content))
    return "".join(piece for piece in pieces if isinstance(piece, str))


def pages_of(reader: Reader, content: bytes) -> list[tuple[int, int]]:
    """Return how far it said to be."""
    pieces = reader(io.BytesIO(content))
    return [(piece.done, piece.total) for piece in pieces if isinstance(piece, Pages)]
