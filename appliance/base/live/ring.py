"""What was told lately, numbered: pure arithmetic of who missed what."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appliance.base.identity import Identity
from appliance.base.live.model import Audience, LiveEvent

# JavaScript's numbers are exact up to 2^53: enough until the year 2248, unless there are more
# than a million events a second all the time.
_IDS_PER_MS = 1 << 10


@dataclass(frozen=True)
class Told:
    """One piece of news with its number.

    Attributes:
        id: Grows with everything that is told on this box, also over restarts.
        event: What kind it is.
        data: JSON values.
    """

    id: int
    event: str
    data: Mapping[str, object]


def first_id_at(started_at: datetime) -> int:
    """Return the number before the first one of a run that starts at this instant."""
    return int(started_at.timestamp() * 1000) * _IDS_PER_MS


@dataclass
class _Ring:
    kept: deque[Told] = field(default_factory=deque[Told])
    lost_id: int = 0


class Rings:
    """The latest news of each audience; whoever missed more than that is told so.

    Args:
        before_first_id: The number before the first one.
        per_audience: Most news kept of one audience.
        audiences: Most audiences; the one that has been silent for longest is forgotten.
    """

    def __init__(self, *, before_first_id: int, per_audience: int, audiences: int) -> None:
        self.newest_id = before_first_id
        # Whoever has not heard this one may have missed something that is not kept anywhere.
        self._lost_id = before_first_id
        self._per_audience = per_audience
        self._audiences = audiences
        self._rings: OrderedDict[Audience, _Ring] = OrderedDict()

    def keep(self, event: LiveEvent) -> Told:
        """Return the event with its number, now kept."""
        self.newest_id += 1
        told = Told(self.newest_id, event.event, event.data)
        ring = self._rings.setdefault(event.audience, _Ring())
        self._rings.move_to_end(event.audience)
        ring.kept.append(told)
        if len(ring.kept) > self._per_audience:
            ring.lost_id = ring.kept.popleft().id
        if len(self._rings) > self._audiences:
            _, forgotten = self._rings.popitem(last=False)
            self._lost_id = max(self._lost_id, forgotten.kept[-1].id)
        return told

    def since(self, identity: Identity, last_id: int) -> list[Told] | None:
        """Return what this one has missed since `last_id`; None if that is not known (any more).

        Also None for a number that was never given: of another run, or made up.
        """
        mine = [ring for audience, ring in self._rings.items() if audience.includes(identity)]
        lost_id = max([self._lost_id, *(ring.lost_id for ring in mine)])
        if not lost_id <= last_id <= self.newest_id:
            return None
        missed = [told for ring in mine for told in ring.kept if told.id > last_id]
        return sorted(missed, key=lambda told: told.id)
