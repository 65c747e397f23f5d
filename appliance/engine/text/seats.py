"""Who sits in memory, for how long, and who gets up when another one needs the room."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.supervisor import LocalTextEngine


@dataclass(frozen=True)
class SeatKey:
    """What tells seats apart: a model has one to write and one to embed.

    Attributes:
        mark: Of the model's file.
        is_for_embeddings: What it was loaded for.
    """

    mark: str
    is_for_embeddings: bool


@dataclass
class Seat:
    """A model in memory, or on its way there.

    Attributes:
        key: What no other seat has.
        model: Which one.
        engine: Its process.
        task: Keeps it at work.
        reserved_bytes: What was set aside for it.
        used_s: When it was last asked or had answered, in monotonic seconds.
        keep_alive_s: How long it stays after that; None as the box keeps its models.
        users: Requests that have not ended.
        is_leaving: Whether it is to go as soon as nobody uses it, whatever they ask for.
    """

    key: SeatKey
    model: InstalledModel
    engine: LocalTextEngine
    task: asyncio.Task[None]
    reserved_bytes: int
    used_s: float
    keep_alive_s: float | None = None
    users: int = 0
    is_leaving: bool = False

    @property
    def holds_bytes(self) -> int:
        """Return the memory that it has, or will have."""
        return self.engine.planned_bytes or self.reserved_bytes


@dataclass(frozen=True)
class Sitter:
    """What decides whether a seat can be given to another model.

    Attributes:
        number: Names it.
        holds_bytes: What its leaving gives.
        used_s: When it was last used.
        is_in_use: Whether somebody waits for its words.
        is_kept: Whether it is to stay for ever.
    """

    number: int
    holds_bytes: int
    used_s: float
    is_in_use: bool
    is_kept: bool


def who_leaves(sitters: Iterable[Sitter], *, missing_bytes: int) -> list[int] | None:
    """Return whose leaving gives the missing memory: those least recently used, none too many.

    Who is to stay for ever leaves after all others. None if it cannot be had: whoever is in use
    stays.
    """
    idle = [sitter for sitter in sitters if not sitter.is_in_use]
    leaving: list[int] = []
    for sitter in sorted(idle, key=lambda sitter: (sitter.is_kept, sitter.used_s)):
        if missing_bytes <= 0:
            break
        leaving.append(sitter.number)
        missing_bytes -= sitter.holds_bytes
    return leaving if missing_bytes <= 0 else None
