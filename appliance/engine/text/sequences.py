"""Which sequence of the key-value cache holds which tokens, as pure bookkeeping.

A finished conversation keeps its tokens until its place is needed, so that its next turn reads
only what is new; and every request starts from the longest beginning that any sequence holds.
Between people only the box's own words are shared (docs/decisions/0013): how fast a prompt is read
must not tell what another person asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

_PIECE_TOKENS = 64


@dataclass
class Slot:
    """One sequence of the cache.

    Attributes:
        number: The sequence's id in llama.cpp.
        owner: Fairness key of the last request that used it.
        tokens: What the cache holds of it, in order.
        shared_tokens: How many of the first ones are the box's own words.
        stays_in_memory: Whether the rest must not be kept on disk.
        reserved: Tokens that the running request may still need in all; 0 when idle.
        used_at: Step number of the last use, for eviction.
    """

    number: int
    owner: str = ""
    tokens: list[int] = field(default_factory=list[int])
    shared_tokens: int = 0
    stays_in_memory: bool = False
    reserved: int = 0
    used_at: int = 0

    @property
    def is_idle(self) -> bool:
        """Return whether no request uses it."""
        return self.reserved == 0


@dataclass(frozen=True)
class Wanted:
    """What a request needs of the cache.

    Attributes:
        tokens: What it has to read.
        owner: Its fairness key.
        need_tokens: The most that it will hold, its answer included.
        shared_tokens: How many of the first tokens are the box's own words.
        stays_in_memory: Whether nothing else of it may be kept on disk.
    """

    tokens: Sequence[int]
    owner: str
    need_tokens: int
    shared_tokens: int = 0
    stays_in_memory: bool = False


@dataclass(frozen=True)
class Placement:
    """Where a request goes, and what must leave the cache for it.

    Attributes:
        slot: Its sequence.
        kept_tokens: How many tokens at its start need not be read again.
        source: The sequence that they are copied from first; None if they are in `slot` already.
        evicted: Idle sequences to be emptied, after the copy.
    """

    slot: Slot
    kept_tokens: int
    source: Slot | None
    evicted: tuple[Slot, ...]


class Sequences:
    """All sequences of one context, and the room that they share."""

    def __init__(
        self, *, slot_count: int, room_tokens: int, parallel: int, can_split: bool = True
    ) -> None:
        """Start with all sequences empty.

        Args:
            slot_count: Sequences of the context.
            room_tokens: Tokens that all of them hold together.
            parallel: Sequences that may be in use at the same time.
            can_split: Whether the cache can copy and forget parts of a sequence; models with a
                running state (Mamba) cannot.
        """
        self.slots = [Slot(number) for number in range(slot_count)]
        self.room_tokens = room_tokens
        self.parallel = parallel
        self._can_split = can_split

    @property
    def free_tokens(self) -> int:
        """Return the room that is neither promised nor holds anything."""
        idle = sum(len(slot.tokens) for slot in self.slots if slot.is_idle)
        return self.room_tokens - self._reserved() - idle

    def place(self, wanted: Wanted) -> Placement | None:
        """Return where a request may go; None: it waits."""
        idle = [slot for slot in self.slots if slot.is_idle]
        in_use = len(self.slots) - len(idle)
        has_room = wanted.need_tokens <= self.room_tokens - self._reserved()
        if not idle or in_use >= self.parallel or not has_room:
            return None
        slot, source, kept = self._best(idle, wanted)
        return Placement(slot, kept, source, self._to_evict(slot, wanted.need_tokens))

    def occupy(self, placement: Placement, wanted: Wanted, *, step: int) -> None:
        """Give the placement's sequence to a request."""
        slot, source = placement.slot, placement.source or placement.slot
        slot.tokens = source.tokens[: placement.kept_tokens]
        for evicted in placement.evicted:
            evicted.tokens = []
        slot.owner, slot.reserved, slot.used_at = wanted.owner, wanted.need_tokens, step
        slot.shared_tokens, slot.stays_in_memory = wanted.shared_tokens, wanted.stays_in_memory

    def further(self, slot: Slot, wanted: Wanted) -> tuple[Slot, int] | None:
        """Return who holds more of what a running request wants than its own sequence does.

        With it, how much that is; None if nobody does.
        """
        if not self._can_split:
            return None
        others = [other for other in self.slots if other is not slot]
        best = max(others, key=lambda other: self.common_tokens(other, wanted), default=None)
        if best is None or (common := self.common_tokens(best, wanted)) <= len(slot.tokens):
            return None
        return best, common

    def common_tokens(self, slot: Slot, wanted: Wanted) -> int:
        """Return how many tokens at the beginning of `slot` a request may start from."""
        # At least one token must be read anew: its logits choose the first token of the answer.
        most = min(len(slot.tokens), len(wanted.tokens) - 1)
        if slot.owner != wanted.owner:
            most = min(most, slot.shared_tokens, wanted.shared_tokens)
        common = common_length(slot.tokens, wanted.tokens, most)
        return common if self._can_split or common == len(slot.tokens) else 0

    def release(self, slot: Slot, *, step: int) -> None:
        """End the request of `slot`; its tokens stay until somebody needs the room."""
        slot.reserved, slot.used_at = 0, step

    def of_owner(self, owner: str) -> list[Slot]:
        """Return the idle sequences that hold what was read for one person."""
        return [slot for slot in self.slots if slot.is_idle and slot.owner == owner]

    def idle_oldest_first(self) -> list[Slot]:
        """Return the idle sequences that hold tokens, the longest unused first."""
        held = [slot for slot in self.slots if slot.is_idle and slot.tokens]
        return sorted(held, key=lambda slot: slot.used_at)

    def _reserved(self) -> int:
        return sum(slot.reserved for slot in self.slots)

    def _best(self, idle: list[Slot], wanted: Wanted) -> tuple[Slot, Slot | None, int]:
        """Return the sequence to use, where its first tokens come from, and how many they are."""
        usable = self.slots if self._can_split else idle
        commons = {slot.number: self.common_tokens(slot, wanted) for slot in usable}
        source = max(usable, key=lambda slot: (commons[slot.number], slot.is_idle))
        kept = commons[source.number]
        others = [slot for slot in idle if slot is not source]
        # Another conversation that begins alike is copied, not overwritten.
        lost = len(source.tokens) - kept
        if kept and source.is_idle and (lost <= kept or not others):
            return source, None, kept
        # Nothing to keep: an empty sequence, else the one that was unused the longest.
        candidates = others if kept else idle
        slot = min(candidates, key=lambda slot: (bool(slot.tokens), slot.used_at))
        return slot, source if kept else None, kept

    def _to_evict(self, chosen: Slot, need_tokens: int) -> tuple[Slot, ...]:
        held = [slot for slot in self.idle_oldest_first() if slot is not chosen]
        spare = self.room_tokens - self._reserved() - need_tokens
        spare -= sum(len(slot.tokens) for slot in held)
        evicted: list[Slot] = []
        while spare < 0 and held:
            slot = held.pop(0)
            spare += len(slot.tokens)
            evicted.append(slot)
        return tuple(evicted)


def common_length(tokens: Sequence[int], wanted: Sequence[int], most: int) -> int:
    """Return how many first tokens are equal, up to `most`."""
    # Piece by piece, as lists compare themselves quickly, then one by one where they part: 32
    # conversations of 8,000 equal tokens take 2.4 ms, and the usual ones, that part early, 60 µs.
    index = 0
    while index < most:
        end = min(index + _PIECE_TOKENS, most)
        if tokens[index:end] != wanted[index:end]:
            return next(i for i in range(index, end) if tokens[i] != wanted[i])
        index = end
    return max(index, 0)
