"""What a reader of an answer is told, and where each reader is: pure, without queues.

An event's id is `characters of text told × 2^20 + number of the last change told`. Both parts
only grow, so ids grow, and an id alone says what its client has (docs/decisions).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.base.errors import InvalidValueError

_CHANGE_BITS = 20
# The end is always the last change, so its id is the same after a restart.
LAST_CHANGE = 2**_CHANGE_BITS - 1
_LARGEST_ID = 2**53 - 1  # What JavaScript counts exactly.
_MOST_DIGITS = 16


@dataclass(frozen=True)
class Place:
    """How far a reader is.

    Attributes:
        characters: Characters (Unicode code points) of the text that it has.
        change: Number of the last change (stage, title, end) that it was told; 0 is none.
    """

    characters: int = 0
    change: int = 0

    @property
    def event_id(self) -> int:
        """Return the place as the id of the event that leads to it."""
        return (self.characters << _CHANGE_BITS) | self.change


START = Place()


def place_of(last_event_id: str | None) -> Place:
    """Return where a client is that comes back with this `Last-Event-ID`.

    Raises:
        InvalidValueError: If it is not an id of our events.
    """
    if not last_event_id:
        return START
    is_number = last_event_id.isascii() and last_event_id.isdigit()
    if not is_number or len(last_event_id) > _MOST_DIGITS or int(last_event_id) > _LARGEST_ID:
        raise InvalidValueError(
            "Last-Event-ID is not the id of an event of this stream.",
            hint="Send the last id as it came, or leave the header away to get everything.",
            field="Last-Event-ID",
        )
    number = int(last_event_id)
    return Place(number >> _CHANGE_BITS, number & LAST_CHANGE)


@dataclass(frozen=True)
class Change:
    """Something that is told beside the text; a newer one of the same event replaces it."""

    number: int
    event: str
    data: Mapping[str, object]


@dataclass(frozen=True)
class Ending:
    """The last event of a stream: `done` or `error`."""

    event: str
    data: Mapping[str, object]


@dataclass(frozen=True)
class AnswerSoFar:
    """All that there is to tell at one moment.

    Attributes:
        text: Whole text so far.
        changes: The newest change of each kind, by growing number.
        ending: How it ended; None while it goes on.
    """

    text: str
    changes: tuple[Change, ...]
    ending: Ending | None


@dataclass(frozen=True)
class AnswerEvent:
    """One event for one reader."""

    id: int
    event: str
    data: Mapping[str, object]


class Reader:
    """One who follows an answer; holds a place, never a copy of what is missing."""

    def __init__(self, place: Place, so_far: AnswerSoFar) -> None:
        newest = max((change.number for change in so_far.changes), default=0)
        self._characters = place.characters
        self._id_change = place.change
        # A number that is not reached yet was given before a restart. While the answer goes on
        # its news are told again; of an ended one only the end is news.
        is_from_before = place.change > newest and so_far.ending is None
        self._seen = 0 if is_from_before else place.change
        self.has_ended = place.change == LAST_CHANGE

    def take(self, so_far: AnswerSoFar) -> list[AnswerEvent]:
        """Return what this reader has not been told yet, and count it as told."""
        if self.has_ended:
            return []
        events = [self._told(change) for change in so_far.changes if change.number > self._seen]
        missing = so_far.text[self._characters :]
        if missing:
            self._characters += len(missing)
            events.append(self._event("token", {"text": missing}))
        if so_far.ending is not None:
            self.has_ended = True
            self._id_change = LAST_CHANGE
            events.append(self._event(so_far.ending.event, so_far.ending.data))
        return events

    def _told(self, change: Change) -> AnswerEvent:
        self._seen = change.number
        self._id_change = max(change.number, self._id_change + 1)
        return self._event(change.event, change.data)

    def _event(self, event: str, data: Mapping[str, object]) -> AnswerEvent:
        return AnswerEvent(Place(self._characters, self._id_change).event_id, event, data)
