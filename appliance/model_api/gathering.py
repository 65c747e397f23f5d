"""What an engine tells of one answer, handed on as it comes or gathered whole."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    FinishReason,
    Piece,
    Reading,
    TextEvent,
    Thought,
    ToolCall,
    ToolCalled,
)

DROPPED_TURNS_HEADER = "X-Nodo-Dropped-Turns"


@dataclass(frozen=True)
class Gathered:
    """A whole answer.

    Attributes:
        text: What was written.
        thoughts: What was thought aloud before; empty if nothing was.
        calls: Functions that the model asked for.
        tokens: What the text was made of, where the request asked for it.
        finished: How it ended.
    """

    text: str
    thoughts: str
    calls: tuple[ToolCall, ...]
    tokens: tuple[ChosenToken, ...]
    finished: Finished


@dataclass
class _Growing:
    pieces: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    tokens: list[ChosenToken] = field(default_factory=list[ChosenToken])

    def take(self, event: TextEvent) -> None:
        match event:
            case Piece():
                self.pieces.append(event.text)
                self.tokens.extend(event.tokens)
            case Thought():
                self.thoughts.append(event.text)
            case ToolCalled():
                self.calls.append(event.call)
            case _:
                # Stages are for who watches.
                pass

    def whole(self, finished: Finished) -> Gathered:
        return Gathered(
            text="".join(self.pieces),
            thoughts="".join(self.thoughts),
            calls=tuple(self.calls),
            tokens=tuple(self.tokens),
            finished=finished,
        )


class Writer(Protocol):
    """Puts an answer into the form of one interface while it grows; one writer per answer."""

    def take(self, event: TextEvent) -> bytes:
        """Return what is sent for this event; empty if nothing is."""
        ...


async def gathered(events: AsyncIterator[TextEvent]) -> Gathered:
    """Return the whole answer.

    Raises:
        EngineUnavailableError: If the engine ends without finishing it.
    """
    growing = _Growing()
    async with closing(events):
        async for event in events:
            if isinstance(event, Finished):
                return growing.whole(event)
            growing.take(event)
    raise _unfinished()


async def written(
    events: AsyncIterator[TextEvent], writer: Writer, headers: dict[str, str] | None = None
) -> AsyncIterator[bytes]:
    """Yield the parts of the answer as they come, until it is finished.

    Args:
        events: What the engine tells.
        writer: Puts it into the form of one interface.
        headers: Gets what is to be known before the first part: that turns were left out.

    Raises:
        EngineUnavailableError: If the engine ends without finishing it.
    """
    async with closing(events):
        async for event in events:
            if isinstance(event, Reading) and headers is not None:
                headers.update(dropped_headers(event.dropped_turns))
            part = writer.take(event)
            if part:
                yield part
            if isinstance(event, Finished):
                return
    raise _unfinished()


async def until_first_call(events: AsyncIterator[TextEvent]) -> AsyncIterator[TextEvent]:
    """Yield the events as if the answer ended with the first call of a function.

    What comes after it is not told; the engine still says at its end what all of it cost.
    """
    has_called = False
    async with closing(events):
        async for event in events:
            if isinstance(event, Finished):
                yield replace(event, reason=FinishReason.STOP) if has_called else event
            elif not has_called:
                yield event
            has_called = has_called or isinstance(event, ToolCalled)


def dropped_headers(dropped_turns: int) -> dict[str, str]:
    """Return the header that tells how many of the oldest turns did not fit; empty if all did."""
    return {DROPPED_TURNS_HEADER: str(dropped_turns)} if dropped_turns else {}


@asynccontextmanager
async def closing(events: AsyncIterator[TextEvent]) -> AsyncIterator[AsyncIterator[TextEvent]]:
    """Close the engine's iterator at the end of the block: that ends the engine's work."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _unfinished() -> EngineUnavailableError:
    return EngineUnavailableError(
        "The text engine ended without finishing the answer.", hint="Ask for it again."
    )
