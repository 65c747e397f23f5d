from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.engine.text.sequences import Placement, Sequences, Slot, Wanted

ROOM, SLOTS, PARALLEL = 120, 6, 3
owners = st.sampled_from(["ana", "luis"])
# Few different tokens, so that prompts often begin alike.
prompts = st.lists(st.integers(min_value=0, max_value=2), min_size=1, max_size=40)


class Histories(RuleBasedStateMachine):
    """Requests come and go; after each step the promises must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.sequences = Sequences(slot_count=SLOTS, room_tokens=ROOM, parallel=PARALLEL)
        self.step = 0
        # What the cache really holds, as llama.cpp would: tokens and whose they are.
        self.cache: dict[int, tuple[str, list[int]]] = {n: ("", []) for n in range(SLOTS)}
        self.shared: dict[int, int] = dict.fromkeys(range(SLOTS), 0)
        self.running: dict[int, tuple[Slot, int]] = {}

    @rule(
        prompt=prompts,
        owner=owners,
        answer=st.integers(min_value=1, max_value=20),
        shared=st.integers(min_value=0, max_value=30),
    )
    def place(self, prompt: list[int], owner: str, answer: int, shared: int) -> None:
        need = len(prompt) + answer
        wanted = Wanted(prompt, owner, need, min(shared, len(prompt)))
        placement = self.sequences.place(wanted)
        if placement is None:
            return
        self._check(placement, wanted)
        self.step += 1
        if placement.source is not None:
            kept = self.cache[placement.source.number][1][: placement.kept_tokens]
        else:
            kept = self.cache[placement.slot.number][1][: placement.kept_tokens]
        for evicted in placement.evicted:
            self.cache[evicted.number] = ("", [])
        assert kept == prompt[: placement.kept_tokens]
        self.sequences.occupy(placement, wanted, step=self.step)
        self.cache[placement.slot.number] = (owner, kept)
        self.shared[placement.slot.number] = wanted.shared_tokens
        self.running[placement.slot.number] = (placement.slot, need)
        self._read(placement.slot, prompt[placement.kept_tokens :])

    def _check(self, placement: Placement, wanted: Wanted) -> None:
        assert placement.slot.is_idle
        assert placement.kept_tokens < len(wanted.tokens)
        assert placement.slot not in placement.evicted
        assert all(slot.is_idle for slot in placement.evicted)
        source = placement.source or placement.slot
        # No request starts from less than the longest beginning that it may use...
        assert placement.kept_tokens == max(
            self._may_use(number, wanted) for number in range(SLOTS)
        )
        # ... and none from what somebody else has written.
        if placement.kept_tokens and self.cache[source.number][0] != wanted.owner:
            assert placement.kept_tokens <= min(self.shared[source.number], wanted.shared_tokens)

    def _may_use(self, number: int, wanted: Wanted) -> int:
        owner, tokens = self.cache[number]
        most = min(len(tokens), len(wanted.tokens) - 1)
        if owner != wanted.owner:
            most = min(most, self.shared[number], wanted.shared_tokens)
        same = [tokens[i] == wanted.tokens[i] for i in range(most)]
        return same.index(False) if False in same else max(most, 0)

    def _read(self, slot: Slot, tokens: list[int]) -> None:
        slot.tokens += tokens
        self.cache[slot.number][1].extend(tokens)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.running)))
        slot, need = self.running[number]
        if len(slot.tokens) < need:
            self._read(slot, [data.draw(st.integers(min_value=0, max_value=2))])

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.running)))
        slot, _ = self.running.pop(number)
        self.sequences.release(slot, step=self.step)

    @invariant()
    def never_more_is_promised_than_there_is(self) -> None:
        reserved = sum(slot.reserved for slot in self.sequences.slots)
        idle = sum(len(slot.tokens) for slot in self.sequences.slots if slot.is_idle)
        assert reserved + idle <= ROOM

    @invariant()
    def no_more_run_than_allowed(self) -> None:
        assert sum(not slot.is_idle for slot in self.sequences.slots) <= PARALLEL

    @invariant()
    def the_books_say_what_the_cache_holds(self) -> None:
        for slot in self.sequences.slots:
            assert slot.tokens == self.cache[slot.number][1]


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def _after(
    prompt: list[int], owner: str, sequences: Sequences, step: int, *, shared: int = 0
) -> Slot:
    wanted = Wanted(prompt, owner, len(prompt) + 1, shared)
    placement = sequences.place(wanted)
    assert placement is not None
    sequences.occupy(placement, wanted, step=step)
    placement.slot.tokens += prompt[placement.kept_tokens :]
    sequences.release(placement.slot, step=step)
    return placement.slot


def test_the_next_turn_continues_where_the_last_one_stopped():
    sequences = Sequences(slot_count=4, room_tokens=1000, parallel=2)
    slot = _after([1, 2, 3, 4], "ana", sequences, 1)

    placement = sequences.place(Wanted([1, 2, 3, 4, 5, 6], "ana", 10))

    assert placement == Placement(slot, 4, None, ())


def test_what_another_person_asked_is_never_shared():
    sequences = Sequences(slot_count=4, room_tokens=1000, parallel=2)
    _after([1, 2, 3, 4], "ana", sequences, 1)

    placement = sequences.place(Wanted([1, 2, 3, 4, 5, 6], "luis", 10))

    assert placement is not None
    assert (placement.kept_tokens, placement.source) == (0, None)


def test_the_box_s_own_words_are_shared_between_people_and_not_one_token_more():
    sequences = Sequences(slot_count=4, room_tokens=1000, parallel=2)
    hers = _after([1, 2, 3, 4, 5], "ana", sequences, 1, shared=3)

    as_the_chat_asks = sequences.place(Wanted([1, 2, 3, 4, 5, 6], "luis", 10, shared_tokens=5))
    as_a_program_asks = sequences.place(Wanted([1, 2, 3, 4, 5, 6], "luis", 10))

    assert as_the_chat_asks is not None
    assert (as_the_chat_asks.kept_tokens, as_the_chat_asks.source or hers) == (3, hers)
    assert as_a_program_asks is not None
    assert as_a_program_asks.kept_tokens == 0


def test_a_new_conversation_copies_the_beginning_and_leaves_the_old_one_alone():
    sequences = Sequences(slot_count=4, room_tokens=1000, parallel=2)
    old = _after([1, 2, *range(10, 40)], "ana", sequences, 1)

    placement = sequences.place(Wanted([1, 2, 7, 8, 9], "ana", 10))

    assert placement is not None
    assert (placement.source, placement.kept_tokens) == (old, 2)
    assert placement.slot is not old


def test_a_model_with_a_running_state_keeps_only_a_whole_conversation():
    sequences = Sequences(slot_count=2, room_tokens=1000, parallel=2, can_split=False)
    slot = _after([1, 2, 3, 4], "ana", sequences, 1)

    going_on = sequences.place(Wanted([1, 2, 3, 4, 5], "ana", 10))
    another = sequences.place(Wanted([1, 2, 3, 9], "ana", 10))

    assert going_on == Placement(slot, 4, None, ())
    assert another is not None
    assert another.kept_tokens == 0


def test_the_conversation_unused_the_longest_makes_room():
    sequences = Sequences(slot_count=4, room_tokens=100, parallel=2)
    oldest = _after([1] * 40, "ana", sequences, 1)
    _after([2] * 40, "luis", sequences, 2)

    placement = sequences.place(Wanted([3] * 30, "eva", 50))

    assert placement is not None
    assert placement.evicted == (oldest,)


@given(need=st.integers(min_value=1, max_value=400))
def test_a_request_that_finds_no_room_waits(need: int):
    sequences = Sequences(slot_count=4, room_tokens=200, parallel=4)
    first = sequences.place(Wanted([1] * 10, "ana", 120))
    assert first is not None
    sequences.occupy(first, Wanted([1] * 10, "ana", 120), step=1)

    second = sequences.place(Wanted([2], "luis", need))

    assert (second is not None) == (need <= 80)
