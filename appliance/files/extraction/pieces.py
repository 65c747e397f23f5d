"""What a reader gives while it reads: text in order, and how far it is."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """So many pages of so many are read."""

    done: int
    total: int


Pieces = Iterator[str | Pages]
