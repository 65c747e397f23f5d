"""One tab's connection: who it is, what it hears, how it ends."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from appliance.base.identity import AccessEnded, Role
from appliance.base.live.hub import HubLimits
from appliance.base.live.model import ToRole, ToUser
from tests.fakes.signing_in import person, signed_in_by_token
from tests.notices.line import Line, Tab
from tests.waiting import until

PEOPLE = signed_in_by_token(
    person("ana", session_id="s1"),
    person("ana2", session_id="s2"),
    person("eva", Role.ADMIN, session_id="s3"),
)
SMALL = HubLimits(per_person=2, in_all=3, unread=4, kept=4, audiences=4)


async def test_a_tab_says_who_it_is_and_hears_what_happens() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana") as tab:
        welcome = await tab.next()
        line.tell(ToUser("ana"), 1)
        line.tell(ToUser("eva"), 2)
        line.tell(ToRole(Role.WORKER), 3)
        first, second = await tab.next(), await tab.next()

    assert (welcome["type"], welcome["resumed"]) == ("welcome", False)
    start = welcome["last_event_id"]
    assert first == {"id": start + 1, "event": "count", "data": {"number": 1}}
    assert second == {"id": start + 3, "event": "count", "data": {"number": 3}}


async def test_a_tab_that_comes_back_goes_on_where_it_was() -> None:
    async with Line(PEOPLE).running() as line:
        async with line.tab("ana") as tab:
            start = (await tab.next())["last_event_id"]
        line.tell(ToUser("ana"), 1)

        async with line.tab("ana", last_event_id=start) as again:
            welcome, missed = await again.next(), await again.next()

    assert welcome == {"type": "welcome", "last_event_id": start, "resumed": True}
    assert missed["data"] == {"number": 1}


async def test_a_tab_of_another_run_begins_anew() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana", last_event_id=7) as tab:
        welcome, first = await tab.next(), await tab.next()

    assert welcome["resumed"] is False
    assert first == {"id": welcome["last_event_id"], "event": "reset", "data": {}}


async def test_a_program_may_say_who_it_is_by_a_header() -> None:
    async with Line(PEOPLE).running() as line:
        headers = {"Authorization": "Bearer ana"}
        async with line.socket(additional_headers=headers) as connection:
            welcome = await Tab(connection).next()

    assert welcome["type"] == "welcome"


@pytest.mark.parametrize(
    "word",
    [
        "hello",
        "{}",
        "[]",
        '{"type":"token","access_token":"ana"}',
        '{"type":"hello","access_token":7}',
        '{"type":"hello","access_token":"ana","last_event_id":"7"}',
        '{"type":"hello","access_token":"ana","last_event_id":-1}',
        '{"type":"hello","access_token":"ana","last_event_id":1e400}',
        '{"type":"hello","access_token":"' + "x" * 9000 + '"}',
        "[" * 8000,
        b"\x00\xff",
    ],
)
async def test_what_is_not_understood_ends_the_connection(word: str | bytes) -> None:
    async with Line(PEOPLE).running() as line, line.socket() as connection:
        await connection.send(word)

        assert await Tab(connection).close_code() == 4400


async def test_a_message_larger_than_any_word_is_refused_before_it_is_read() -> None:
    async with Line(PEOPLE).running() as line, line.socket() as connection:
        await connection.send("x" * 100_000)

        assert await Tab(connection).close_code() == 1009


@pytest.mark.parametrize("token", ["nobody", ""])
async def test_who_is_not_signed_in_hears_nothing(token: str) -> None:
    async with Line(PEOPLE).running() as line, line.socket() as connection:
        tab = Tab(connection)
        await tab.say({"type": "hello", **({"access_token": token} if token else {})})

        assert await tab.close_code() == 4401
        assert line.hub.listener_count() == 0


async def test_who_says_nothing_does_not_stay() -> None:
    async with Line(PEOPLE, hello_limit_s=0.05).running() as line, line.socket() as connection:
        assert await Tab(connection).close_code() == 4408


async def test_the_page_of_another_site_is_not_let_in() -> None:
    async with Line(PEOPLE).running() as line:
        with pytest.raises(InvalidStatus) as foreign:
            await line.socket(origin="http://evil.example")
        with pytest.raises(InvalidStatus) as none:
            await line.socket(origin="null")
        async with line.socket(origin=f"http://127.0.0.1:{line.port}") as own:
            assert own.response is not None

    statuses = [foreign.value.response.status_code, none.value.response.status_code]
    assert statuses == [403, 403]


async def test_a_name_that_is_not_ours_is_not_answered() -> None:
    async with Line(PEOPLE).running() as line:
        with pytest.raises(InvalidStatus) as refused:
            await line.socket(additional_headers={"Host": "evil.example"})

    assert refused.value.response.status_code in {400, 421}


async def test_a_tab_whose_access_ends_is_closed_and_others_stay() -> None:
    async with (
        Line(PEOPLE).running() as line,
        line.tab("ana") as hers,
        line.tab("eva") as other,
    ):
        await hers.next()
        await other.next()
        line.events.publish(AccessEnded("ana", frozenset({"s1"})))

        assert await hers.close_code() == 4401
        line.tell(ToUser("eva"), 1)
        assert (await other.next())["data"] == {"number": 1}
        await until(lambda: line.hub.listener_count() == 1)


async def test_a_newer_token_of_the_same_sign_in_is_taken_another_persons_is_not() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana") as tab:
        await tab.next()
        await tab.say({"type": "token", "access_token": "ana"})
        assert await tab.next() == {"type": "renewed"}
        line.tell(ToUser("ana"), 1)
        assert (await tab.next())["data"] == {"number": 1}

        await tab.say({"type": "token", "access_token": "eva"})
        assert await tab.close_code() == 4401


async def test_a_client_that_talks_without_end_is_closed() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana") as tab:
        await tab.next()
        for _ in range(31):
            await tab.say({"type": "token", "access_token": "ana"})

        assert await tab.close_code() == 4429


async def test_a_person_has_so_many_tabs() -> None:
    async with (
        Line(PEOPLE, SMALL).running() as line,
        line.tab("ana") as one,
        line.tab("ana") as two,
        line.tab("ana") as three,
    ):
        await one.next()
        await two.next()

        assert await three.close_code() == 4429


async def test_a_box_that_stops_tells_its_tabs_to_come_back() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana") as tab:
        await tab.next()
        line.hub.stop()

        assert await tab.close_code() == 1012


async def test_half_a_surrogate_pair_in_a_title_ends_nothing() -> None:
    async with Line(PEOPLE).running() as line, line.tab("ana") as tab:
        await tab.next()
        line.tell(ToUser("ana"), 1, title="a\ud800b")

        assert (await tab.next())["data"] == {"number": 1, "title": "a?b"}


async def test_a_tab_that_goes_away_gives_its_place_back() -> None:
    async with Line(PEOPLE).running() as line:
        async with line.tab("ana") as tab:
            await tab.next()
            tab.connection.transport.abort()
            await until(lambda: line.hub.listener_count() == 0)

        assert line.access.held_count() == 0


async def test_many_tabs_come_and_go_at_once() -> None:
    async with Line(PEOPLE, HubLimits(per_person=50)).running() as line:

        async def visit() -> int:
            async with line.tab("ana") as tab:
                await tab.next()
                return int((await tab.next())["data"]["number"])

        async with asyncio.TaskGroup() as group:
            visits = [group.create_task(visit()) for _ in range(30)]
            await until(lambda: line.hub.listener_count() == 30)
            line.tell(ToUser("ana"), 7)

        assert [visit.result() for visit in visits] == [7] * 30
        await until(lambda: line.hub.listener_count() == 0)
