"""Fields with room for much: the first thing that is wrong with one is told, and no more.

A body of 32 MiB has room for millions of wrong things. A finding for each would take the memory of
the box, and the time of everybody.
"""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

_MOST_MEMBERS = 10_000

Member = TypeVar("Member")


def _few(value: object) -> object:
    if isinstance(value, dict) and len(value) > _MOST_MEMBERS:  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError(f"it has more than {_MOST_MEMBERS} members")
    return value


Listed = Annotated[list[Member], Field(fail_fast=True)]
Mapped = Annotated[dict[str, Member], BeforeValidator(_few)]
