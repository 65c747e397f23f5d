"""No answer is written from another conversation's words, whatever comes and goes meanwhile.

Every request carries a canary of its own. A shadow of llama.cpp's cache follows each call; in every
step, what stands before a word that is to be chosen must hold the canary of one running request,
and no other one.
"""

import re
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import llama_cpp as native
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from appliance.engine.text.model import Sampling, TextRequest, Turn, Urgency
from appliance.engine.text.tuning import PrefixPlace
from tests.engine.text.demo import DEMO_FILE, why_not_real

if why_not_real():
    pytest.skip(why_not_real(), allow_module_level=True)

from appliance.engine.text.answering import Conditions
from appliance.engine.text.llama import NoRoomError, Row
from appliance.engine.text.load_plan import LoadPlan
from tests.engine.text.benches import Bench, RecordingLlama, bench_of

# Little room: what is kept must leave again and again.
PLAN = LoadPlan(
    context_tokens=256, parallel=3, slot_count=5, room_tokens=512, memory_bytes=200 << 20
)
CANARY = re.compile(r"zq\d+zq")
INSTRUCTION = Turn("system", "uno dos tres cuatro cinco seis siete ocho nueve diez")
WORDS = ("Hola", "Dame tres colores", "uno dos tres cuatro " * 6, "uno dos tres cuatro " * 12)


class ShadowedLlama(RecordingLlama):
    """The real one, and beside it what its cache must hold."""

    @property
    def shadow(self) -> dict[int, list[int]]:
        return self.__dict__.setdefault("_shadow", {})

    def decode(self, rows: Sequence[Row]) -> None:
        super().decode(rows)
        for row in rows:
            held = self.shadow.setdefault(row.slot, [])
            assert row.position == len(held), "a row must stand behind what is there"
            held.append(row.token)
            if row.wants_logits:
                self.contexts.append(self.text_in(row.slot))
        for slot in {row.slot for row in rows}:
            self.check(slot)

    @property
    def contexts(self) -> list[str]:
        """Return what stood before the words of the latest steps."""
        return self.__dict__.setdefault("_contexts", [])

    def text_in(self, slot: int) -> str:
        data = b"".join(self.piece(token, special=True) for token in self.shadow[slot])
        return data.decode(errors="replace")

    def check(self, slot: int) -> None:
        held = len(self.shadow.get(slot, []))
        newest = native.llama_memory_seq_pos_max(self._memory, slot)
        assert newest == held - 1, "the cache holds more or less than the books say"

    def forget(self, slot: int, from_position: int) -> bool:
        done = super().forget(slot, from_position)
        del self.shadow.setdefault(slot, [])[from_position if done else 0 :]
        self.check(slot)
        return done

    def copy(self, source: int, slot: int, tokens: int, *, start: int = 0) -> None:
        held = self.shadow.setdefault(slot, [])
        assert len(held) == start, "what is copied must stand behind what is there"
        super().copy(source, slot, tokens, start=start)
        held += self.shadow[source][start:tokens]
        self.check(slot)


def _shadowed() -> ShadowedLlama:
    return ShadowedLlama(
        DEMO_FILE, plan=PLAN, batch_rows=64, threads=1, on_progress=lambda _share: None
    )


class Visitors(RuleBasedStateMachine):
    """People and programs come and go, disturb steps, fill the cache, and are forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.life = ExitStack()
        self.llama = LLAMA
        self.llama.contexts.clear()
        self.llama.disturbances.clear()
        folder = Path(self.life.enter_context(tempfile.TemporaryDirectory()))
        # Nothing is read back here: the shadow knows only what was computed or copied.
        place = PrefixPlace(folder, 1, "demo:1")
        conditions = Conditions(PLAN.context_tokens, 64, prefixes=place)
        self.bench: Bench = self.life.enter_context(
            contextmanager(bench_of)(self.llama, PLAN, conditions=conditions)
        )
        self.count = 0

    @property
    def _open(self) -> list[str]:
        return [str(n) for n in range(self.count) if not self._is_over(str(n))]

    def _is_over(self, name: str) -> bool:
        return bool(self.bench.of(name, "finished") or self.bench.of(name, "error"))

    @rule(
        words=st.sampled_from(WORDS),
        user=st.sampled_from(["ana", "luis"]),
        is_first=st.booleans(),
        patient=st.booleans(),
        only_reads=st.booleans(),
        shared=st.booleans(),
        temperature=st.sampled_from([0.0, 1.5]),
    )
    def ask(  # one strategy each
        self, *, words: str, user: str, is_first: bool, patient: bool, only_reads: bool,
        shared: bool, temperature: float,
    ) -> None:  # fmt: skip
        canary = f"zq{self.count}zq"
        text = f"{canary} {words}" if is_first else f"{words} {canary}"
        request = TextRequest(
            str(self.count),
            (INSTRUCTION, Turn("user", text)),
            user,
            Sampling(temperature=temperature, seed=self.count, max_tokens=12),
            shared_turns=1 if shared else 0,
            only_reads=only_reads,
        )
        if patient:
            request = replace(request, urgency=Urgency.BACKGROUND)
        self.bench.ask_for(request)
        self.count += 1

    @rule(count=st.integers(min_value=1, max_value=6))
    def step(self, count: int) -> None:
        for _ in range(count):
            # Whoever is over after the step was there when its words were computed.
            running = set(self._open)
            self.llama.contexts.clear()
            self.bench.answering.step()
            for context in self.llama.contexts:
                found = set(CANARY.findall(context))
                assert len(found) == 1, f"{found} in one conversation"
                assert found <= {f"zq{name}zq" for name in running}

    @precondition(lambda self: self._open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self._open))
        self.bench.answering.cancel(name)
        if not self._is_over(name):
            # Withdrawn from the queue: it leaves without a word.
            self.bench.told.append({"is": "finished", "id": name})

    @rule(is_full=st.booleans())
    def disturb(self, *, is_full: bool) -> None:
        def full() -> None:
            raise NoRoomError

        self.llama.disturbances.append(full if is_full else self.llama.switch.interrupt)

    @rule(user=st.sampled_from(["ana", "luis"]))
    def forget_person(self, user: str) -> None:
        self.bench.answering.forget(user)

    def teardown(self) -> None:
        self.llama.disturbances.clear()
        for _ in range(400):
            self.step(1)
            if not self._open:
                break
        # Everybody was answered or told why not, and no sequence was left behind.
        assert not self._open
        self.life.close()


LLAMA = _shadowed()
TestVisitors = Visitors.TestCase
TestVisitors.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_the_shadow_sees_another_conversation_s_words():
    with contextmanager(bench_of)(LLAMA, PLAN) as bench:
        for name in ("0", "1"):
            bench.ask_for(
                TextRequest(
                    name, (Turn("user", f"Hola zq{name}zq, dime algo"),), "ana",
                    Sampling(temperature=0, max_tokens=2),
                )
            )  # fmt: skip
            LLAMA.contexts.clear()
            bench.finish()
            found = set(CANARY.findall(LLAMA.contexts[0]))
            # The fault: the books say that this sequence holds what the next one asks.
            for slot in bench.answering._sequences.slots:
                slot.tokens = _as_if_asked_by_the_next(slot.tokens)
    assert found != {"zq1zq"}


def _as_if_asked_by_the_next(tokens: list[int]) -> list[int]:
    one = LLAMA.tokens_of(" zq0zq", special=False)
    other = LLAMA.tokens_of(" zq1zq", special=False)
    places = [i for i in range(len(tokens)) if tokens[i : i + len(one)] == one]
    for place in places:
        tokens = [*tokens[:place], *other, *tokens[place + len(one) :]]
    return tokens


def test_the_shadow_sees_books_that_say_more_than_the_cache_holds():
    for slot in range(PLAN.slot_count):
        LLAMA.forget(slot, 0)
    LLAMA.decode([Row(5, 0, 0, wants_logits=True)])
    LLAMA.shadow[0].append(7)

    with pytest.raises(AssertionError, match="more or less"):
        LLAMA.check(0)
    LLAMA.shadow[0].pop()
    LLAMA.forget(0, 0)
