"""The queue, and the way out of it: a request starts once the cache has room for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.engine.text.keeping import Keeping
from appliance.engine.text.llama import Llama
from appliance.engine.text.reports import Reports
from appliance.engine.text.scheduler import Waiter, estimated_wait_s, order_of_service
from appliance.engine.text.sequences import Placement, Sequences, Slot, Wanted
from appliance.engine.text.underway import Answer, Waiting

_WEIGHT_OF_NEWEST = 0.3


@dataclass(frozen=True)
class Admitted:
    """A request that leaves the queue.

    Attributes:
        waiting: The request.
        slot: Its sequence of the cache.
        kept_tokens: How much of its prompt is there already.
    """

    waiting: Waiting
    slot: Slot
    kept_tokens: int


class Admitting:
    """Who waits, and who may start."""

    def __init__(
        self, llama: Llama, sequences: Sequences, reports: Reports, keeping: Keeping | None = None
    ) -> None:
        """Begin with nobody waiting; `keeping` knows what is on disk."""
        self._llama = llama
        self._sequences = sequences
        self._reports = reports
        self._keeping = keeping
        self._waiting: list[Waiting] = []
        self._starts = 0
        self._last_served: dict[str, int] = {}
        self._answer_s: float | None = None

    @property
    def has_waiting(self) -> bool:
        """Return whether anybody waits."""
        return bool(self._waiting)

    @property
    def has_people(self) -> bool:
        """Return whether anybody waits before the screen."""
        return any(not waiting.is_patient for waiting in self._waiting)

    @property
    def paused(self) -> list[Answer]:
        """Return the answers that had begun and wait now."""
        return [waiting.paused for waiting in self._waiting if waiting.paused is not None]

    def add(self, waiting: Waiting) -> None:
        """Let a request wait."""
        self._waiting.append(waiting)

    def withdraw(self, request_id: str) -> list[Waiting]:
        """Forget a request, if it waits; return it."""
        withdrawn = [w for w in self._waiting if w.request.request_id == request_id]
        self._waiting = [w for w in self._waiting if w not in withdrawn]
        return withdrawn

    def admit(self, running: Sequence[str], *, step: int, has_people: bool) -> list[Admitted]:
        """Return the requests that start now; the cache is ready for them.

        Args:
            running: Whose answers run, one fairness key per answer.
            has_people: Whether some of them are for somebody before the screen: then what can
                wait does.
            step: Number of the step, for the cache's memory of what was used when.
        """
        admitted: list[Admitted] = []
        for waiting in self._in_order(running):
            wanted = waiting.wanted
            gives_way = waiting.is_patient and has_people
            placement = None if gives_way else self._sequences.place(wanted)
            if placement is None:
                # Nobody behind may pass: a large request would wait for ever.
                break
            kept = self._cleared(placement, wanted)
            self._sequences.occupy(placement, wanted, step=step)
            placement.slot.tokens = list(wanted.tokens[:kept])
            self._waiting.remove(waiting)
            self._starts += 1
            self._last_served[wanted.owner] = self._starts
            has_people = has_people or not waiting.is_patient
            admitted.append(Admitted(waiting, placement.slot, kept))
        return admitted

    def tell_places(self, running: Sequence[str]) -> None:
        """Tell those whose place in the queue has changed."""
        for ahead, waiting in enumerate(self._in_order(running)):
            if waiting.told_ahead == ahead:
                continue
            waiting.told_ahead = ahead
            eta_s = estimated_wait_s(
                ahead=ahead,
                parallel=self._sequences.parallel,
                running=len(running),
                answer_s=self._answer_s,
            )
            self._reports.queued(waiting.request.request_id, ahead, eta_s)

    def note_duration(self, took_s: float) -> None:
        """Learn from an answer that took so long how long others may have to wait."""
        before_s = self._answer_s if self._answer_s is not None else took_s
        self._answer_s = before_s + _WEIGHT_OF_NEWEST * (took_s - before_s)

    def evict(self, slot: Slot) -> None:
        """Empty an idle sequence; what it holds is kept on disk if it is worth it."""
        if self._keeping is not None:
            self._keeping.keep_long(slot)
        slot.tokens = []
        self._llama.forget(slot.number, 0)

    def _cleared(self, placement: Placement, wanted: Wanted) -> int:
        """Bring the cache into the state of the placement; return the tokens that it kept."""
        slot, kept = placement.slot.number, placement.kept_tokens
        if self._keeping is not None and not kept:
            self._keeping.keep_long(placement.slot)
        if placement.source is not None:
            self._llama.forget(slot, 0)
            self._llama.copy(placement.source.number, slot, kept)
        for evicted in placement.evicted:
            self.evict(evicted)
        kept = kept if self._llama.forget(slot, kept) else 0
        if self._keeping is None:
            return kept
        kept = self._keeping.brought_back(slot, wanted, kept)
        if wanted.stays_in_memory:
            self._keeping.let_go(wanted)
        return kept

    def _in_order(self, running: Sequence[str]) -> list[Waiting]:
        by_id = {waiting.request.request_id: waiting for waiting in self._waiting}
        waiters = [
            Waiter(w.request.request_id, w.request.fairness_key, is_patient=w.is_patient)
            for w in self._waiting
        ]
        order = order_of_service(waiters, running, self._last_served)
        return [by_id[waiter.request_id] for waiter in order]
