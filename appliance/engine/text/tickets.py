"""Requests as the supervisor sees them: each has a mailbox that the child's events fall into."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import cast

from appliance.base.errors import ApplianceError, TooManyRequestsError
from appliance.engine.text.frames import Frame, error_of, generate_frame
from appliance.engine.text.model import (
    Loading,
    Queued,
    Reading,
    TextEvent,
    TextRequest,
    Writing,
)
from appliance.engine.text.said_frames import KINDS, Said, finished_of, joined, said_of, size_of

_MOST_REQUESTS = 64
# Far above the longest answer: who sends more is not our engine any more.
_MOST_UNREAD_CHARACTERS = 4_000_000
_STAGES = (Queued, Loading, Reading)


class Ticket:
    """One request on its way.

    Attributes:
        order: The frame that asks the child for it.
        order_id: Its id there, never used twice.
        has_started: Whether the child has begun to read it: then it cannot be asked again.
        is_over: Whether its last event is in the mailbox.
    """

    def __init__(self, order: Frame) -> None:
        self.order = order
        self.order_id = str(order["id"])
        self.has_started = False
        self.is_over = False
        self._writes = False
        self._mail = _Mail(deque(), asyncio.Event())

    async def next_event(self) -> TextEvent:
        """Return the next event; stages that were overtaken meanwhile are left out.

        Raises:
            ApplianceError: If the request failed; this is its last word.
        """
        event = await self._mail.take()
        if isinstance(event, ApplianceError):
            raise event
        return event

    def fail(self, error: ApplianceError) -> None:
        """End the request with an error."""
        if not self.is_over:
            self.is_over = True
            self._mail.put(error)

    def tell_loading(self, percent: int) -> None:
        """Say that the model is being loaded."""
        if not self.is_over:
            self._mail.put(Loading(percent))

    def hear(self, frame: Mapping[str, object], *, model: str) -> None:
        """Take an event of the child that names this request.

        Raises:
            KeyError: If a part of it is missing; TypeError, ValueError, OverflowError: if one
                is not what it should be.
        """
        if self.is_over:
            return
        kind = frame["is"]
        if kind == "queued":
            eta_s = frame["eta_s"]
            self._mail.put(
                Queued(_whole(frame, "ahead"), None if eta_s is None else _number(frame, "eta_s"))
            )
        elif kind == "reading":
            self.has_started = True
            self._mail.put(
                Reading(
                    _whole(frame, "percent"),
                    _whole(frame, "prompt_tokens"),
                    _whole(frame, "dropped_turns"),
                    _whole(frame, "cached_tokens") if "cached_tokens" in frame else 0,
                )
            )
        elif kind in KINDS:
            self._hear_said(said_of(frame))
        elif kind == "finished":
            finished = finished_of(frame, model=model)
            self.is_over = True
            self._mail.put(finished)
        elif kind == "error":
            self.fail(error_of(frame))

    def _hear_said(self, said: Said) -> None:
        self.has_started = True
        if not self._writes:
            self._writes = True
            self._mail.put(Writing())
        self._mail.put(said)


class Tickets:
    """All requests that nobody has read to the end yet."""

    def __init__(self) -> None:
        self._by_order: dict[str, Ticket] = {}
        self._numbers = count(1)

    def admit(self, request: TextRequest) -> Ticket:
        """Return a ticket for one more request.

        Raises:
            TooManyRequestsError: If so many wait already (`queue_full`).
            InvalidValueError: If the question is too long to be sent.
        """
        if len(self.open()) >= _MOST_REQUESTS:
            raise TooManyRequestsError(
                f"{_MOST_REQUESTS} answers are waiting already.",
                code="queue_full",
                hint="Try again in a minute.",
                retry_after_s=60,
            )
        # Ids are the caller's and may come again; an order's number never does.
        ticket = Ticket(generate_frame(request, f"{next(self._numbers)}:{request.request_id}"))
        self._by_order[ticket.order_id] = ticket
        return ticket

    def remove(self, ticket: Ticket) -> None:
        """Forget a ticket whose reader has gone."""
        del self._by_order[ticket.order_id]

    def find(self, order_id: str) -> Ticket | None:
        """Return the ticket with that order, if its reader is still there."""
        return self._by_order.get(order_id)

    def open(self) -> list[Ticket]:
        """Return the tickets that are not over, oldest first."""
        return [ticket for ticket in self._by_order.values() if not ticket.is_over]

    def started(self) -> list[Ticket]:
        """Return those whose answers are being read or written."""
        return [ticket for ticket in self.open() if ticket.has_started]

    def fail_all(self, error: ApplianceError) -> None:
        """End all of them."""
        for ticket in self.open():
            ticket.fail(error)

    def fail_started(self, error: ApplianceError) -> None:
        """End those that cannot be asked again."""
        for ticket in self.started():
            ticket.fail(error)


@dataclass
class _Mail:
    """Events that nobody has taken yet: a slow reader finds them joined, so they stay few."""

    events: deque[TextEvent | ApplianceError]
    filled: asyncio.Event
    unread_characters: int = 0

    def put(self, event: TextEvent | ApplianceError) -> None:
        last = self.events[-1] if self.events else None
        if isinstance(event, Said):
            self.unread_characters += size_of(event)
            if self.unread_characters > _MOST_UNREAD_CHARACTERS:
                raise ValueError("more text than an answer has")
            if isinstance(last, Said) and (both := joined(last, event)) is not None:
                event = both
                self.events.pop()
        elif isinstance(event, _STAGES) and type(last) is type(event):
            self.events.pop()
        self.events.append(event)
        self.filled.set()

    async def take(self) -> TextEvent | ApplianceError:
        while not self.events:
            self.filled.clear()
            await self.filled.wait()
        event = self.events.popleft()
        if isinstance(event, Said):
            self.unread_characters -= size_of(event)
        return event


def _whole(frame: Mapping[str, object], key: str) -> int:
    return int(cast("int", frame[key]))


def _number(frame: Mapping[str, object], key: str) -> float:
    return float(cast("float", frame[key]))
