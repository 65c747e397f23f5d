"""What people see when a provider fails: the table of docs/providers.md."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from appliance.base.errors import EngineUnavailableError, InvalidValueError
from appliance.engine.providers.model import LOCAL, ProviderKind
from appliance.engine.text.model import Origin, Piece, Turn
from appliance.engine.text.port import EngineStatus
from tests.engine.providers.asking_chain import ASKED, chain_of, end_of, made, text_of
from tests.fakes.text_engine import ScriptedEngine
from tests.servers.provider import Reply, completion, json_reply, running_provider, sse
from tests.waiting import until

HTML = Reply([b"<html><body>502 Bad Gateway</body></html>"], 502, "text/html")
HTML_200 = Reply([b"<!doctype html><p>Sign in to the network"], 200, "text/html")
ARRAY = json_reply([{"error": {"code": 503, "status": "UNAVAILABLE"}}], status=503)
NULL_CHOICES = Reply(sse({"id": "1", "model": "gpt-test", "choices": None}))
NO_CHOICES = Reply(sse({"id": "1", "object": "error"}))
NOT_JSON = Reply([b"data: {oops\n\n"])
EMPTY = Reply([])
CUT = Reply(completion(reason=None), breaks=True)
HANG = Reply([b": waiting\n\n"], hangs=True)
STREAM_ERROR = Reply(sse({"error": {"message": "boom", "code": 500}}))
GOOD = Reply(completion("from ", "there"))


@pytest.mark.parametrize(
    ("reply", "why", "asked_times"),
    [
        pytest.param(Reply([], 429, headers={"Retry-After": "9"}), "overload", 1, id="429"),
        pytest.param(ARRAY, "overload", 1, id="array error 503"),
        pytest.param(Reply([], 529), "overload", 1, id="529"),
        pytest.param(json_reply({"error": "no"}, status=401), "config", 1, id="401"),
        pytest.param(json_reply({"error": "no such model"}, status=404), "config", 1, id="404"),
        pytest.param(Reply([], 302, headers={"Location": "/x"}), "config", 1, id="redirect"),
        pytest.param(Reply([], 500), "transient", 2, id="500"),
        pytest.param(HTML, "transient", 2, id="html 502"),
        pytest.param(HTML_200, "transient", 2, id="html 200"),
        pytest.param(NULL_CHOICES, "transient", 2, id="choices null"),
        pytest.param(NO_CHOICES, "transient", 2, id="no choices"),
        pytest.param(NOT_JSON, "transient", 2, id="broken json"),
        pytest.param(EMPTY, "transient", 2, id="empty"),
        pytest.param(CUT, "transient", 2, id="half stream before a word"),
        pytest.param(HANG, "transient", 2, id="hang"),
        pytest.param(STREAM_ERROR, "transient", 2, id="error in the stream"),
    ],
)
async def test_whoever_fails_before_the_first_word_is_stood_in_for(reply, why, asked_times):
    async with running_provider(reply) as fake:
        provider = made("cloudy", ProviderKind.OPENAI, fake.url, first_word_s=0.2)
        async with chain_of(provider) as chain:
            text, end = await chain.answer()

    assert text == "from here"
    assert end.origin == Origin(reason=why, attempts=asked_times + 1)
    assert len(fake.asked) == asked_times


async def test_a_good_provider_answers_and_nobody_else_is_asked():
    async with (
        running_provider(GOOD) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        text, end = await chain.answer()

    assert text == "from there"
    assert end.origin == Origin(provider="cloudy", name="Cloudy", attempts=1)
    assert (end.model, end.prompt_tokens, end.completion_tokens, end.cached_tokens) == (
        *("gpt-test", 20, 2, 4),
    )


async def test_after_the_first_word_nobody_else_is_asked():
    reply = Reply(completion("Half of", reason=None), breaks=True)
    async with (
        running_provider(reply) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        events = []
        with pytest.raises(EngineUnavailableError) as refused:
            async for event in chain.engine.generate(ASKED):
                events += [event]

    assert text_of(events) == "Half of"
    assert refused.value.code == "provider_stopped"
    assert (len(fake.asked), chain.local.requests) == (1, [])


async def test_who_says_when_to_come_back_is_left_alone_until_then():
    busy = Reply([], 429, headers={"Retry-After": "9"})
    async with running_provider(busy, GOOD) as fake:
        provider = made("cloudy", ProviderKind.OPENAI, fake.url)
        async with chain_of(provider) as chain:
            await chain.answer()
            text, end = await chain.answer()
            wait_s = chain.standings.doing(provider).wait_s

    assert (text, end.origin.reason) == ("from here", "resting")
    assert 8 < wait_s <= 9
    assert len(fake.asked) == 1


async def test_a_wrong_key_is_told_to_the_administrators_and_rests_until_somebody_looks():
    wrong = json_reply({"error": {"message": "bad key"}}, status=401)
    async with (
        running_provider(wrong, GOOD) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        await chain.answer()
        await chain.answer()
        chain.standings.reset("cloudy")
        text, _ = await chain.answer()

    assert text == "from there"
    assert [trouble.provider_id for trouble in chain.troubles] == ["cloudy"]


async def test_five_failures_close_the_door_and_one_at_a_time_may_look_again():
    async with (
        running_provider(Reply([], 500)) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        for _ in range(4):
            await chain.answer()

    assert len(fake.asked) == 5


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (json_reply({"error": {"message": "bad field"}}, status=400), "provider_refused_request"),
        (json_reply({"error": {"code": "content_filter"}}, status=400), "provider_refused"),
        (Reply(completion(reason="content_filter")), "provider_refused"),
    ],
)
async def test_what_is_wrong_with_the_question_is_said_and_nobody_else_is_asked(reply, code):
    async with (
        running_provider(reply) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        with pytest.raises(InvalidValueError) as refused:
            await chain.answer()
        doing = chain.standings.doing(chain.roster.providers[0])

    assert refused.value.code == code
    assert (doing.standing, doing.failed, chain.local.requests) == ("closed", 1, [])


async def test_a_conversation_that_is_too_long_is_asked_once_more_without_its_older_half():
    long = json_reply({"error": {"code": "context_length_exceeded"}}, status=400)
    talk = tuple(Turn(role, f"{role} {n}") for n in range(4) for role in ("user", "assistant"))
    asked = replace(ASKED, turns=(ASKED.turns[0], *talk, ASKED.turns[1]))
    async with (
        running_provider(long, GOOD) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url)) as chain,
    ):
        text, end = await chain.answer(asked)

    assert (text, end.dropped_turns) == ("from there", 4)
    assert [len(one.body["messages"]) for one in fake.asked] == [10, 6]


async def test_when_nobody_answers_it_is_said_who_was_asked_and_why_not():
    own = ScriptedEngine([EngineUnavailableError("No model.", code="engine_no_model")])
    async with (
        running_provider(Reply([], 500)) as fake,
        chain_of(made("cloudy", ProviderKind.OPENAI, fake.url), local=own) as chain,
    ):
        with pytest.raises(EngineUnavailableError) as refused:
            await chain.answer()

    assert refused.value.code == "no_provider_answered"
    assert refused.value.fields["missed"] == [
        {"provider": "cloudy", "why": "transient"},
        {"provider": "local", "why": "transient"},
    ]


async def test_a_provider_stands_in_for_this_boxs_own_engine():
    own = ScriptedEngine([EngineUnavailableError("It stopped.", code="engine_stopped")])
    async with running_provider(GOOD) as fake:
        provider = made("shed", ProviderKind.OPENAI_COMPATIBLE, fake.url)
        async with chain_of(provider, order=(LOCAL, "shed"), local=own) as chain:
            text, end = await chain.answer()

    assert (text, end.origin.provider, end.origin.reason) == ("from there", "shed", "transient")


async def test_with_nobody_else_the_engine_speaks_for_itself():
    own = ScriptedEngine([EngineUnavailableError("It stopped.", code="engine_stopped")])
    async with chain_of(local=own) as chain:
        with pytest.raises(EngineUnavailableError) as refused:
            await chain.answer()

    assert refused.value.code == "engine_stopped"
    assert chain.engine.state().status is EngineStatus.READY


async def test_who_stops_reading_ends_the_work_over_there():
    reply = Reply(completion("One", " two", reason=None), hangs=True)
    async with running_provider(reply) as fake:
        provider = made("cloudy", ProviderKind.OPENAI, fake.url)
        async with chain_of(provider) as chain:
            events = chain.engine.generate(ASKED)
            async for event in events:
                if isinstance(event, Piece):
                    break
            assert isinstance(events, AsyncGenerator)
            await events.aclose()
            await until(lambda: fake.hung_up)
            assert chain.standings.doing(provider).running == 0


async def test_several_boxes_share_the_work_and_stand_in_for_each_other():
    gate = asyncio.Event()
    slow = Reply(completion("slow"), gate=gate)
    async with running_provider(slow) as first, running_provider(GOOD) as second:
        pool = made("pool", ProviderKind.OPENAI_COMPATIBLE, first.url, second.url)
        async with chain_of(pool) as chain:
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(chain.answer())
                await until(lambda: first.asked)
                text, _ = await chain.answer()
                gate.set()
            slow_text, _ = waiting.result()

    assert (text, slow_text) == ("from there", "slow")


@pytest.mark.parametrize(
    "failure",
    [Reply([], 500), Reply([], 503), Reply([], 404), Reply([], 429, headers={"Retry-After": "0"})],
    ids=["500", "503", "404", "429"],
)
async def test_a_box_that_fails_is_stood_in_for_by_its_neighbour_without_a_word(failure):
    async with running_provider(failure) as first, running_provider(GOOD) as second:
        pool = made("pool", ProviderKind.OPENAI_COMPATIBLE, first.url, second.url)
        async with chain_of(pool) as chain:
            text, end = await chain.answer()

    assert (text, end.origin.reason, end.origin.attempts) == ("from there", "", 2)
    assert (len(first.asked), len(second.asked)) == (1, 1)


async def test_boxes_that_all_fail_are_asked_once_each():
    busy = Reply([], 503, headers={"Retry-After": "0"})
    async with running_provider(busy) as first, running_provider(busy) as second:
        pool = made("pool", ProviderKind.OPENAI_COMPATIBLE, first.url, second.url)
        async with chain_of(pool) as chain:
            text, end = await chain.answer()

    assert (text, end.origin.reason, end.origin.attempts) == ("from here", "overload", 3)
    assert (len(first.asked), len(second.asked)) == (1, 1)


async def test_nothing_leaves_for_a_provider_that_may_not_be_asked():
    async with running_provider(GOOD) as fake:
        provider = made("cloudy", ProviderKind.OPENAI, fake.url)
        async with chain_of(provider, cloud_allowed=False) as chain:
            events = [event async for event in chain.engine.generate(ASKED)]
            chain.roster = replace(chain.roster, cloud_allowed=True)
            kept = replace(ASKED, stays_local=True)
            events_of_kept = [event async for event in chain.engine.generate(kept)]

    assert [text_of(events), text_of(events_of_kept)] == ["from here", "from here"]
    assert [end_of(events).origin.provider, fake.asked] == [LOCAL, []]
