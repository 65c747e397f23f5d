"""What a reader of an answer is told, and where each reader is: pure, without queues.

An event's id is made of the run (how often the answer was continued), the characters of text
told, and the number of the last change told in this run. In that order they only grow, so ids
grow, and an id alone says what its client has (docs/decisions).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.base.errors import InvalidValueError

_CHANGE_BITS = 20
_CHARACTER_BITS = 26
# The end is always the last change, so its id is the same after a restart.
LAST_CHANGE = 2**_CHANGE_BITS - 1
_LAST_CHARACTER = 2**_CHARACTER_BITS - 1
_LARGEST_ID = 2**53 - 1  # What JavaScript counts exactly.
# The bits that are left for runs.
MOST_RUNS = _LARGEST_ID >> (_CHANGE_BITS + _CHARACTER_BITS)
_MOST_DIGITS = 16


@dataclass(frozen=True)
class Place:
    """How far a reader is.

    Attributes:
        characters: Characters (Unicode code points) of the text that it has.
        change: Number of the last change (stage, title, end) that it was told; 0 is none.
        run: In which run of the answer that was.
    """

    characters: int = 0
    change: int = 0
    run: int = 0

    @property
    def event_id(self) -> int:
        """Return the place as the id of the event that leads to it."""
        run = self.run << (_CHANGE_BITS + _CHARACTER_BITS)
        return run | (self.characters << _CHANGE_BITS) | self.change


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
    return Place(
        characters=(number >> _CHANGE_BITS) & _LAST_CHARACTER,
        change=number & LAST_CHANGE,
        run=number >> (_CHANGE_BITS + _CHARACTER_BITS),
    )


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
        run: How often the answer was continued.
    """

    text: str
    changes: tuple[Change, ...]
    ending: Ending | None
    run: int = 0


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
        # Whatever was told of another run, even its end, says nothing of this one's changes.
        told = place.change if place.run == so_far.run else 0
        self._run = so_far.run
        self._characters = place.characters
        self._id_change = told
        # A number that is not reached yet was given before a restart. While the answer goes on
        # its news are told again; of an ended one only the end is news.
        is_from_before = told > newest and so_far.ending is None
        self._seen = 0 if is_from_before else told
        self.has_ended = told == LAST_CHANGE

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
        place = Place(self._characters, self._id_change, self._run)
        return AnswerEvent(place.event_id, event, data)
