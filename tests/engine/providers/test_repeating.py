from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.providers.answer_cache import MemoryStore, is_repeatable, key_of
from appliance.engine.providers.repeating import RepeatingEngine
from appliance.engine.text.model import Finished, FinishReason, Sampling, Thought, Tool, Turn
from tests.engine.providers.asking_chain import ASKED, end_of, text_of
from tests.fakes.clock import ManualClock
from tests.fakes.text_engine import FINISHED, ScriptedEngine, script

REPEATABLE = replace(ASKED, may_repeat=True)


class Box:
    """An engine that gives answers again, with its clock."""

    def __init__(self, *scripts, keep_s: float = 300.0) -> None:
        self.clock, self.mark = ManualClock(), "model 1"
        self.inner = ScriptedEngine(*scripts) if scripts else ScriptedEngine(script("Hel", "lo"))
        self.engine = RepeatingEngine(
            self.inner, MemoryStore(self.clock), keep_s=keep_s, mark=lambda: self.mark
        )

    async def answer(self, asked=REPEATABLE) -> tuple[str, Finished]:
        events = [event async for event in self.engine.generate(asked)]
        return text_of(events), end_of(events)


async def test_the_same_question_is_answered_again_at_once_and_says_so():
    box = Box()
    first, second = await box.answer(), await box.answer()

    assert (first[0], second[0], len(box.inner.requests)) == ("Hello", "Hello", 1)
    assert (first[1].origin.is_cached, second[1].origin.is_cached) == (False, True)
    assert box.engine.counts.hit_ratio == 0.5


async def test_after_five_minutes_it_is_answered_anew():
    box = Box()
    await box.answer()
    box.clock.advance(299)
    _, still = await box.answer()
    box.clock.advance(1)
    _, anew = await box.answer()

    assert (still.origin.is_cached, anew.origin.is_cached) == (True, False)


@pytest.mark.parametrize(
    "other",
    [
        replace(REPEATABLE, fairness_key="berta"),
        replace(REPEATABLE, sampling=Sampling(temperature=0)),
        replace(REPEATABLE, stays_local=True),
        replace(REPEATABLE, turns=(Turn("system", "Be brief."), Turn("user", "Hello"))),
        replace(REPEATABLE, turns=(ASKED.turns[0], Turn("user", "hello"))),
    ],
)
async def test_another_question_or_another_person_gets_an_answer_of_their_own(other):
    box = Box()
    await box.answer()
    _, end = await box.answer(other)

    assert end.origin.is_cached is False


async def test_another_model_is_asked_anew():
    box = Box()
    await box.answer()
    box.mark = "model 2"
    _, end = await box.answer()

    assert end.origin.is_cached is False


@pytest.mark.parametrize(
    "special",
    [
        {"may_repeat": False},
        {"tools": (Tool("f", "", {}),)},
        {"raw_prompt": "x"},
        {"model": "m"},
        {"stays_in_memory": True},
        {"turns": (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c"))},
        {"turns": (Turn("user", "a"), Turn("assistant", "b")), "continues": True},
    ],
)
def test_only_a_question_alone_is_repeated(special):
    assert is_repeatable(REPEATABLE)
    assert not is_repeatable(replace(REPEATABLE, **special))


@pytest.mark.parametrize(
    "steps",
    [
        [*script("cut")[:-1], replace(FINISHED, reason=FinishReason.LENGTH)],
        [Thought("hm"), *script("thought")],
        script(),
    ],
)
async def test_what_is_cut_or_thought_or_empty_is_not_kept(steps):
    box = Box(steps)
    await box.answer()
    _, end = await box.answer()

    assert end.origin.is_cached is False


async def test_nothing_is_kept_where_that_is_switched_off():
    box = Box(keep_s=0)
    await box.answer()
    _, end = await box.answer()

    assert (end.origin.is_cached, box.engine.counts.hit_ratio) == (False, None)


async def test_the_oldest_go_when_there_are_too_many():
    clock = ManualClock()
    store = MemoryStore(clock)
    box = Box()
    _, end = await box.answer()
    del end
    kept = await box.engine._store.find(key_of(REPEATABLE, mark="model 1"))
    assert kept is not None
    for number in range(2001):
        await store.keep(str(number), kept, for_s=60)

    assert [await store.find("0"), await store.find("1")] == [None, kept]


@given(text=st.text(alphabet="a é\t", max_size=20))
def test_blanks_in_a_line_make_no_difference(text):
    spaced = replace(REPEATABLE, turns=(Turn("user", f"  {text}  \t"),))
    plain = replace(REPEATABLE, turns=(Turn("user", " ".join(text.split())),))

    assert key_of(spaced, mark="m") == key_of(plain, mark="m")


def test_blanks_in_code_make_a_difference():
    one = replace(REPEATABLE, turns=(Turn("user", "if a:\n  b\nc"),))
    other = replace(REPEATABLE, turns=(Turn("user", "if a:\n  b\n  c"),))

    assert key_of(one, mark="m") != key_of(other, mark="m")
