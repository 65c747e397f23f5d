"""Which sequence of the key-value cache holds which tokens, as pure bookkeeping.

A finished conversation keeps its tokens until its place is needed, so that its next turn reads
only what is new. Tokens are shared only within one fairness key (a person): how fast a prompt is
read must not tell what another person asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Slot:
    """One sequence of the cache.

    Attributes:
        number: The sequence's id in llama.cpp.
        owner: Fairness key of the last request that used it.
        tokens: What the cache holds of it, in order.
        reserved: Tokens that the running request may still need in all; 0 when idle.
        used_at: Step number of the last use, for eviction.
    """

    number: int
    owner: str = ""
    tokens: list[int] = field(default_factory=list[int])
    reserved: int = 0
    used_at: int = 0

    @property
    def is_idle(self) -> bool:
        """Return whether no request uses it."""
        return self.reserved == 0


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

    def place(self, prompt: Sequence[int], *, owner: str, need_tokens: int) -> Placement | None:
        """Return where a request of `need_tokens` (prompt and answer) may go; None: it waits."""
        idle = [slot for slot in self.slots if slot.is_idle]
        in_use = len(self.slots) - len(idle)
        if not idle or in_use >= self.parallel or need_tokens > self.room_tokens - self._reserved():
            return None
        slot, source, kept = self._best(idle, prompt, owner)
        return Placement(slot, kept, source, self._to_evict(slot, need_tokens))

    def occupy(self, placement: Placement, *, owner: str, need_tokens: int, step: int) -> None:
        """Give the placement's sequence to a request."""
        slot, source = placement.slot, placement.source or placement.slot
        slot.tokens = source.tokens[: placement.kept_tokens]
        for evicted in placement.evicted:
            evicted.tokens = []
        slot.owner, slot.reserved, slot.used_at = owner, need_tokens, step

    def release(self, slot: Slot, *, step: int) -> None:
        """End the request of `slot`; its tokens stay until somebody needs the room."""
        slot.reserved, slot.used_at = 0, step

    def idle_oldest_first(self) -> list[Slot]:
        """Return the idle sequences that hold tokens, the longest unused first."""
        held = [slot for slot in self.slots if slot.is_idle and slot.tokens]
        return sorted(held, key=lambda slot: slot.used_at)

    def _reserved(self) -> int:
        return sum(slot.reserved for slot in self.slots)

    def _best(
        self, idle: list[Slot], prompt: Sequence[int], owner: str
    ) -> tuple[Slot, Slot | None, int]:
        """Return the sequence to use, where its first tokens come from, and how many they are."""
        usable = self.slots if self._can_split else idle
        source = max(usable, key=lambda slot: self._shared(slot, prompt, owner))
        kept = self._shared(source, prompt, owner)
        others = [slot for slot in idle if slot is not source]
        # Another conversation of the same person begins alike: it is copied, not overwritten.
        lost = len(source.tokens) - kept
        if kept and source.is_idle and (lost <= kept or not others):
            return source, None, kept
        # Nothing to keep: an empty sequence, else the one that was unused the longest.
        candidates = others if kept else idle
        slot = min(candidates, key=lambda slot: (bool(slot.tokens), slot.used_at))
        return slot, source if kept else None, kept

    def _shared(self, slot: Slot, prompt: Sequence[int], owner: str) -> int:
        if slot.owner != owner:
            return 0
        shared = _common_length(slot.tokens, prompt)
        return shared if self._can_split or shared == len(slot.tokens) else 0

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


def _common_length(tokens: Sequence[int], prompt: Sequence[int]) -> int:
    # At least one token must be read anew: its logits choose the first token of the answer.
    most = max(min(len(tokens), len(prompt) - 1), 0)
    for index in range(most):
        if tokens[index] != prompt[index]:
            return index
    return most
