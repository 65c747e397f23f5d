"""What every text engine promises; each implementation runs this suite.

A test module inherits `TextEngineContract` as a class `Test…` and gives the fixture `engine`:
a ready engine with a model that writes on until `max_tokens` (or at least for many tokens).
`more_than_it_takes` is a number of requests at once that its queue surely refuses.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from itertools import count

import pytest

from appliance.base.errors import ApplianceError, InvalidValueError, TooManyRequestsError
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Loading,
    Piece,
    Queued,
    Reading,
    Sampling,
    TextEvent,
    TextRequest,
    Turn,
    Writing,
)
from appliance.engine.text.port import EngineStatus, TextEngine
from tests.waiting import until

_ORDER: tuple[type[TextEvent], ...] = (Queued, Loading, Reading, Writing, Piece, Finished)
_numbers = count(1)


def question(
    text: str = "Count from one to a thousand.",
    *,
    before: tuple[Turn, ...] = (),
    max_tokens: int = 16,
    user: str = "ana",
) -> TextRequest:
    """Return a request that a small model answers at some length."""
    return TextRequest(
        request_id=f"contract-{next(_numbers)}",
        turns=(Turn("system", "You are helpful."), *before, Turn("user", text)),
        fairness_key=user,
        sampling=Sampling(temperature=0, seed=1, max_tokens=max_tokens),
    )


def continuation(request: TextRequest, text: str, *, max_tokens: int = 16) -> TextRequest:
    """Return the request that goes on with the answer to another one."""
    return replace(
        request,
        request_id=f"contract-{next(_numbers)}",
        turns=(*request.turns, Turn("assistant", text)),
        sampling=replace(request.sampling, max_tokens=max_tokens),
        continues=True,
    )


def text_of(events: list[TextEvent]) -> str:
    """Return what the events wrote."""
    return "".join(event.text for event in events if isinstance(event, Piece))


async def all_of(events: AsyncIterator[TextEvent]) -> list[TextEvent]:
    """Return the events to the end."""
    return [event async for event in events]


async def first_piece(events: AsyncIterator[TextEvent]) -> Piece:
    """Return the first piece of text; the rest is not asked for."""
    async for event in events:
        if isinstance(event, Piece):
            return event
    raise AssertionError("the engine wrote nothing")


async def close(events: AsyncIterator[TextEvent]) -> None:
    """Close the iterator, as whoever stops an answer does."""
    assert isinstance(events, AsyncGenerator)
    await events.aclose()


class TextEngineContract:
    """Inherit, and give the fixture `engine`."""

    more_than_it_takes = 100
    within_s = 30.0

    @pytest.fixture
    def engine(self) -> TextEngine:
        """Return the engine; given by each implementation."""
        raise NotImplementedError

    async def test_an_answer_ends_with_exactly_one_finished(self, engine: TextEngine) -> None:
        events = await all_of(engine.generate(question()))

        assert [type(event) for event in events].count(Finished) == 1
        assert isinstance(events[-1], Finished)

    async def test_stages_come_in_their_order(self, engine: TextEngine) -> None:
        events = await all_of(engine.generate(question()))

        ranks = [_ORDER.index(type(event)) for event in events]
        assert ranks == sorted(ranks)
        assert [type(event) for event in events].count(Writing) == 1

    async def test_reading_grows_to_at_most_a_hundred_percent(self, engine: TextEngine) -> None:
        events = await all_of(engine.generate(question()))

        percents = [event.percent for event in events if isinstance(event, Reading)]
        assert percents == sorted(percents)
        assert all(0 <= percent <= 100 for percent in percents)

    async def test_pieces_are_text_that_can_be_encoded(self, engine: TextEngine) -> None:
        events = await all_of(engine.generate(question("Di: ñandú, café, 🙂.")))

        pieces = [event.text for event in events if isinstance(event, Piece)]
        assert all(pieces)
        assert "".join(pieces).encode("utf-8")

    async def test_the_end_counts_tokens_and_seconds(self, engine: TextEngine) -> None:
        end = (await all_of(engine.generate(question(max_tokens=8))))[-1]

        assert isinstance(end, Finished)
        assert end.model == engine.state().model
        assert end.prompt_tokens > 0
        assert 0 < end.completion_tokens <= 8
        assert min(end.queued_s, end.reading_s, end.writing_s) >= 0

    async def test_an_answer_is_cut_at_max_tokens(self, engine: TextEngine) -> None:
        end = (await all_of(engine.generate(question(max_tokens=2))))[-1]

        assert isinstance(end, Finished)
        assert (end.reason, end.completion_tokens) == (FinishReason.LENGTH, 2)

    async def test_a_cut_answer_goes_on_as_if_it_had_not_been_cut(self, engine: TextEngine) -> None:
        whole = text_of(await all_of(engine.generate(question(max_tokens=24))))
        request = question(max_tokens=8)
        beginning = await all_of(engine.generate(request))

        rest = await all_of(
            engine.generate(continuation(request, text_of(beginning), max_tokens=16))
        )

        assert text_of(beginning) + text_of(rest) == whole
        assert isinstance(beginning[-1], Finished)
        assert isinstance(rest[-1], Finished)
        assert rest[-1].prompt_tokens > beginning[-1].prompt_tokens

    async def test_there_is_no_going_on_without_an_answer(self, engine: TextEngine) -> None:
        with pytest.raises(InvalidValueError) as refusal:
            await all_of(engine.generate(replace(question(), continues=True)))

        assert refusal.value.code == "no_question"

    async def test_an_answer_longer_than_the_context_does_not_go_on(
        self, engine: TextEngine
    ) -> None:
        words = "palabra " * (engine.state().context_tokens + 1)

        with pytest.raises(InvalidValueError) as refusal:
            await all_of(engine.generate(continuation(question(), words)))

        assert refusal.value.code == "answer_too_long"

    async def test_closing_the_iterator_ends_the_work(self, engine: TextEngine) -> None:
        events = engine.generate(question(max_tokens=800))
        await first_piece(events)

        await close(events)

        await until(lambda: engine.state().running == 0, within_s=self.within_s)

    async def test_cancelling_the_task_ends_the_work(self, engine: TextEngine) -> None:
        writes = asyncio.Event()

        async def read() -> None:
            async for event in engine.generate(question(max_tokens=800)):
                if isinstance(event, Piece):
                    writes.set()

        reading = asyncio.create_task(read())
        await asyncio.wait_for(writes.wait(), self.within_s)

        reading.cancel()

        await until(lambda: engine.state().running == 0, within_s=self.within_s)
        await asyncio.wait([reading])
        assert reading.cancelled()

    async def test_a_new_answer_comes_after_one_was_given_up(self, engine: TextEngine) -> None:
        given_up = engine.generate(question(max_tokens=800))
        await first_piece(given_up)
        await close(given_up)

        events = await all_of(engine.generate(question()))

        assert isinstance(events[-1], Finished)

    async def test_nothing_happens_before_somebody_reads(self, engine: TextEngine) -> None:
        events = engine.generate(question())

        assert engine.state().running + engine.state().waiting == 0
        await close(events)

    async def test_two_people_get_their_answers_at_the_same_time(self, engine: TextEngine) -> None:
        hers, his = await asyncio.gather(
            all_of(engine.generate(question(user="ana"))),
            all_of(engine.generate(question(user="luis"))),
        )

        assert isinstance(hers[-1], Finished)
        assert isinstance(his[-1], Finished)

    async def test_a_question_longer_than_the_context_is_refused(self, engine: TextEngine) -> None:
        words = "palabra " * (engine.state().context_tokens + 1)

        with pytest.raises(InvalidValueError) as refusal:
            await all_of(engine.generate(question(words)))

        assert refusal.value.code == "question_too_long"

    async def test_the_oldest_turns_are_left_out_of_a_long_conversation(
        self, engine: TextEngine
    ) -> None:
        quarter = "palabra " * (engine.state().context_tokens // 4)
        before = (Turn("user", quarter), Turn("assistant", quarter)) * 4

        events = await all_of(engine.generate(question(before=before, max_tokens=2)))

        dropped = [event.dropped_turns for event in events if isinstance(event, Reading)]
        assert dropped[-1] > 0

    async def test_too_many_at_once_are_refused_and_the_others_go_on(
        self, engine: TextEngine
    ) -> None:
        outcomes = await asyncio.gather(
            *(
                all_of(engine.generate(question(max_tokens=1, user=f"user-{number}")))
                for number in range(self.more_than_it_takes)
            ),
            return_exceptions=True,
        )

        refusals = [outcome for outcome in outcomes if isinstance(outcome, ApplianceError)]
        answers = [outcome for outcome in outcomes if isinstance(outcome, list)]
        assert {(type(refusal), refusal.code) for refusal in refusals} == {
            (TooManyRequestsError, "queue_full")
        }
        assert answers
        assert len(answers) + len(refusals) == self.more_than_it_takes

    async def test_a_ready_engine_names_its_model_and_context(self, engine: TextEngine) -> None:
        state = engine.state()

        assert (state.status, state.load_percent, state.detail) == (EngineStatus.READY, 100, "")
        assert state.model
        assert state.context_tokens > 0

    async def test_tokens_are_counted_in_the_order_of_the_texts(self, engine: TextEngine) -> None:
        counts = await engine.count_tokens(["una palabra", "", "una palabra " * 1000])

        assert counts[1] == 0
        assert 0 < counts[0] < 1000 <= counts[2]

    async def test_a_question_costs_about_what_was_counted(self, engine: TextEngine) -> None:
        short, long = "Hola.", "Hola. " + "Tres tristes tigres tragaban trigo. " * 5
        counts = await engine.count_tokens([short, long])

        ends = [(await all_of(engine.generate(question(words))))[-1] for words in (short, long)]

        costs = [end.prompt_tokens for end in ends if isinstance(end, Finished)]
        assert abs((costs[1] - costs[0]) - (counts[1] - counts[0])) <= 3

    async def test_tokens_are_counted_while_an_answer_is_written(self, engine: TextEngine) -> None:
        events = engine.generate(question(max_tokens=800))
        await first_piece(events)

        counts = await engine.count_tokens(["palabra " * 1000])

        assert counts[0] >= 1000
        await close(events)

    async def test_nobody_waits_for_counts_that_were_given_up(self, engine: TextEngine) -> None:
        counting = asyncio.create_task(engine.count_tokens(["palabra " * 100_000]))
        await asyncio.sleep(0)
        counting.cancel()
        await asyncio.wait([counting])

        assert (await engine.count_tokens(["palabra"]))[0] > 0
