"""Requests as the supervisor sees them: each has a mailbox that the child's events fall into."""

import asyncio
from collections.abc import Mapping
from typing import cast

from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
    InvalidValueError,
)
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Loading,
    Piece,
    Queued,
    Reading,
    TextEvent,
    TextRequest,
    Writing,
)


class Ticket:
    """One request on its way.

    Attributes:
        request: What is asked.
        has_started: Whether the child has begun to read it: then it cannot be asked again.
        is_over: Whether its last event is in the mailbox.
    """

    def __init__(self, request: TextRequest) -> None:
        self.request = request
        self.has_started = False
        self.is_over = False
        self._writes = False
        self._mail: asyncio.Queue[TextEvent | ApplianceError] = asyncio.Queue()

    async def next_event(self) -> TextEvent:
        """Return the next event.

        Raises:
            ApplianceError: If the request failed; this is its last word.
        """
        event = await self._mail.get()
        if isinstance(event, ApplianceError):
            raise event
        return event

    def fail(self, error: ApplianceError) -> None:
        """End the request with an error."""
        if not self.is_over:
            self.is_over = True
            self._mail.put_nowait(error)

    def tell_loading(self, percent: int) -> None:
        """Say that the model is being loaded."""
        self._mail.put_nowait(Loading(percent))

    def hear(self, frame: Mapping[str, object], *, model: str) -> None:
        """Take an event of the child that names this request."""
        kind = frame["is"]
        if kind == "queued":
            eta_s = frame["eta_s"]
            self._mail.put_nowait(
                Queued(_whole(frame, "ahead"), None if eta_s is None else _number(frame, "eta_s"))
            )
        elif kind == "reading":
            self.has_started = True
            self._mail.put_nowait(
                Reading(
                    _whole(frame, "percent"),
                    _whole(frame, "prompt_tokens"),
                    _whole(frame, "dropped_turns"),
                )
            )
        elif kind == "piece":
            self._hear_piece(str(frame["text"]))
        elif kind == "finished":
            self.is_over = True
            self._mail.put_nowait(_finished(frame, model))
        elif kind == "error":
            self.fail(_error_of(frame))

    def _hear_piece(self, text: str) -> None:
        if not self._writes:
            self._writes = True
            self._mail.put_nowait(Writing())
        self._mail.put_nowait(Piece(text))


def _finished(frame: Mapping[str, object], model: str) -> Finished:
    return Finished(
        reason=FinishReason(str(frame["reason"])),
        model=model,
        prompt_tokens=_whole(frame, "prompt_tokens"),
        completion_tokens=_whole(frame, "completion_tokens"),
        queued_s=_number(frame, "queued_s"),
        reading_s=_number(frame, "reading_s"),
        writing_s=_number(frame, "writing_s"),
    )


def _error_of(frame: Mapping[str, object]) -> ApplianceError:
    kind = InvalidValueError if frame["status"] == InvalidValueError.status else None
    return (kind or EngineUnavailableError)(
        str(frame["message"]),
        hint=str(frame["hint"]),
        code=str(frame["code"]),
        **cast("dict[str, object]", frame["fields"]),
    )


def _whole(frame: Mapping[str, object], key: str) -> int:
    return int(cast("int", frame[key]))


def _number(frame: Mapping[str, object], key: str) -> float:
    return float(cast("float", frame[key]))
