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
        kept_tokens: How many tokens at its start are there already.
        evicted: Idle sequences to be emptied first.
    """

    slot: Slot
    kept_tokens: int
    evicted: tuple[Slot, ...]


class Sequences:
    """All sequences of one context, and the room that they share."""

    def __init__(self, *, slot_count: int, room_tokens: int) -> None:
        self.slots = [Slot(number) for number in range(slot_count)]
        self._room_tokens = room_tokens

    def place(self, prompt: Sequence[int], *, owner: str, need_tokens: int) -> Placement | None:
        """Return where a request of `need_tokens` (prompt and answer) may go; None: it waits."""
        idle = [slot for slot in self.slots if slot.is_idle]
        if not idle or need_tokens > self._room_tokens - self._reserved():
            return None
        slot, kept = self._best(idle, prompt, owner)
        return Placement(slot, kept, self._to_evict(slot, need_tokens))

    def occupy(self, placement: Placement, *, owner: str, need_tokens: int, step: int) -> None:
        """Give the placement's sequence to a request."""
        for slot in placement.evicted:
            slot.tokens.clear()
        slot = placement.slot
        del slot.tokens[placement.kept_tokens :]
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

    def _best(self, idle: list[Slot], prompt: Sequence[int], owner: str) -> tuple[Slot, int]:
        scored = [(_shared(slot, prompt, owner), slot) for slot in idle]
        kept, slot = max(scored, key=lambda pair: (pair[0], -len(pair[1].tokens), -pair[1].used_at))
        return slot, kept

    def _to_evict(self, chosen: Slot, need_tokens: int) -> tuple[Slot, ...]:
        held = [slot for slot in self.idle_oldest_first() if slot is not chosen]
        spare = self._room_tokens - self._reserved() - need_tokens
        spare -= sum(len(slot.tokens) for slot in held)
        evicted: list[Slot] = []
        while spare < 0 and held:
            slot = held.pop(0)
            spare += len(slot.tokens)
            evicted.append(slot)
        return tuple(evicted)


def _shared(slot: Slot, prompt: Sequence[int], owner: str) -> int:
    if slot.owner != owner:
        return 0
    # At least one token must be read anew: its logits choose the first token of the answer.
    most = min(len(slot.tokens), len(prompt) - 1)
    for index in range(most):
        if slot.tokens[index] != prompt[index]:
            return index
    return max(most, 0)
