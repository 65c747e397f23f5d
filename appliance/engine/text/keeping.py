"""Which sequences are worth keeping on disk, and how they come back into the cache."""

from appliance.base.clock import Clock
from appliance.engine.text.llama import Llama
from appliance.engine.text.prefix_files import BLOCK_TOKENS
from appliance.engine.text.prefix_shelf import PrefixShelf
from appliance.engine.text.sequences import Sequences, Slot, Wanted
from appliance.engine.text.tuning import PrefixPlace

# Less is read again sooner than it is fetched.
_LEAST_TOKENS, _LEAST_SHARED_TOKENS = 256, BLOCK_TOKENS
# The supervisor waits two seconds for an orderly end.
_STOP_WITHIN_S = 1.2


class Keeping:
    """Between the cache and the shelf of files.

    Attributes:
        shelf: The files.
    """

    def __init__(
        self, llama: Llama, sequences: Sequences, shelf: PrefixShelf, *, clock: Clock
    ) -> None:
        """Keep sequences of this model on that shelf."""
        self._llama = llama
        self._sequences = sequences
        self.shelf = shelf
        self._clock = clock

    def brought_back(self, slot: int, wanted: Wanted, kept_tokens: int) -> int:
        """Fill a sequence from disk if that gives more than it has; return its tokens then.

        Args:
            slot: The sequence.
            wanted: What is to be read.
            kept_tokens: How much of it the sequence holds already.

        Returns:
            How much it holds now.
        """
        found = self.shelf.find(
            wanted.tokens, owner=wanted.owner, shared_tokens=wanted.shared_tokens
        )
        worthwhile = kept_tokens + (_LEAST_SHARED_TOKENS if not kept_tokens else _LEAST_TOKENS)
        if found is None or found.tokens < worthwhile:
            return kept_tokens
        state = self.shelf.load(found)
        if state is None:
            return kept_tokens
        self._llama.forget(slot, 0)
        if not self._llama.states.put_back(slot, state):
            self._llama.forget(slot, 0)
            self.shelf.discard(found)
            return 0
        self._llama.forget(slot, found.tokens)
        return found.tokens

    def let_go(self, wanted: Wanted) -> None:
        """Throw away what lies on disk of a prompt that must stay in memory.

        Somebody may have prepared it before that was known. What goes on differently is something
        else, and stays.
        """
        found = self.shelf.find(
            wanted.tokens, owner=wanted.owner, shared_tokens=wanted.shared_tokens
        )
        if found is None or not found.head.owner or found.tokens <= wanted.shared_tokens:
            return
        # A prepared prompt ends the turn where a question goes on: its last block is another one.
        if len(found.head.chain) * BLOCK_TOKENS - found.tokens <= BLOCK_TOKENS:
            self.shelf.discard(found)

    def keep(self, slot: Slot) -> bool:
        """Have a sequence written; False if it is kept already, or cannot be now."""
        if self._llama.states.size_bytes(slot.number) > self.shelf.largest_bytes:
            return False
        return self.shelf.keep(
            slot.tokens, lambda: self._llama.states.taken(slot.number), owner=slot.owner
        )

    def keep_long(self, slot: Slot) -> None:
        """Have a sequence written if it may be, and reading it again would take long."""
        if len(slot.tokens) >= _LEAST_TOKENS and not slot.stays_in_memory:
            self.keep(slot)

    def keep_shared(self) -> None:
        """Have the box's own words written, which all conversations begin with."""
        empty = [slot for slot in self._sequences.slots if slot.is_idle and not slot.tokens]
        for slot in self._sequences.slots:
            shared = min(slot.shared_tokens, len(slot.tokens))
            if empty and shared >= _LEAST_SHARED_TOKENS:
                self._keep_beginning(slot, shared, empty[0].number)

    def keep_at_stop(self) -> None:
        """Have the latest conversations written, as far as there is time."""
        started_s = self._clock.monotonic_s()
        for slot in reversed(self._sequences.idle_oldest_first()):
            self.shelf.flush()
            if self._clock.monotonic_s() - started_s > _STOP_WITHIN_S:
                return
            self.keep_long(slot)
        self.shelf.flush()

    def _keep_beginning(self, slot: Slot, tokens: int, spare: int) -> None:
        def taken() -> bytes:
            self._llama.copy(slot.number, spare, tokens)
            state = self._llama.states.taken(spare)
            self._llama.forget(spare, 0)
            return state

        self.shelf.keep(slot.tokens[:tokens], taken, owner="")


def keeping_of(
    llama: Llama, sequences: Sequences, place: PrefixPlace | None, *, clock: Clock
) -> Keeping | None:
    """Return what keeps sequences at that place; None if nothing is to be, or can be, kept."""
    if place is None or not llama.can_split:
        # Who has a running state (Mamba) could only go on where a file ends, to the token.
        return None
    shelf = PrefixShelf(
        place, settings=llama.states.settings, now_s=lambda: clock.now().timestamp()
    )
    return Keeping(llama, sequences, shelf, clock=clock)
