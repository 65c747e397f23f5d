"""News as server-sent events."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from appliance.base.identity import AccessEnded, Role, Scope
from appliance.base.live.hub import HubLimits
from appliance.base.live.model import ToRole, ToUser
from tests.fakes.signing_in import person, program, signed_in_by_token
from tests.notices.line import Line
from tests.waiting import until

PEOPLE = signed_in_by_token(
    person("ana", session_id="s1"),
    person("eva", Role.ADMIN, session_id="s2"),
    program("bot", Role.ADMIN, scopes=frozenset({Scope.CHAT})),
    program("meter", scopes=frozenset({Scope.METRICS})),
)
Event = dict[str, Any]


def headers_of(token: str, last_id: object = None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"}
    return headers if last_id is None else {**headers, "Last-Event-ID": str(last_id)}


async def events_of(answer: httpx.Response) -> AsyncIterator[Event]:
    event: Event = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if not line and "event" in event:
            yield event
            event = {}
        elif name:
            event[name] = json.loads(value) if name in {"id", "data"} else value


@asynccontextmanager
async def heard_by(line: Line, token: str, last_id: object = None) -> AsyncIterator[Any]:
    """Give the events that somebody hears."""
    async with (
        line.client() as client,
        client.stream("GET", "/live", headers=headers_of(token, last_id)) as answer,
    ):
        yield events_of(answer)


async def test_a_program_hears_what_happens_and_goes_on_where_it_was() -> None:
    async with Line(PEOPLE).running() as line:
        async with heard_by(line, "ana") as events:
            welcome = await anext(events)
            line.tell(ToUser("ana"), 1)
            first = await anext(events)
        line.tell(ToUser("ana"), 2)
        async with heard_by(line, "ana", first["id"]) as events:
            second_welcome, second = await anext(events), await anext(events)

    assert (welcome["event"], welcome["data"]["resumed"]) == ("welcome", False)
    assert first == {"id": welcome["id"] + 1, "event": "count", "data": {"number": 1}}
    assert second_welcome["data"] == {"last_event_id": first["id"], "resumed": True}
    assert second["data"] == {"number": 2}


async def test_a_program_hears_its_persons_news_but_not_their_roles() -> None:
    async with Line(PEOPLE).running() as line, heard_by(line, "bot") as events:
        await anext(events)
        line.tell(ToRole(Role.ADMIN), 1)
        line.tell(ToUser("bot"), 2)

        assert (await anext(events))["data"] == {"number": 2}


async def test_a_key_for_something_else_hears_nothing() -> None:
    async with Line(PEOPLE).running() as line, line.client() as client:
        answer = await client.get("/live", headers=headers_of("meter"))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("last_id", ["x", "-1", "9007199254740992", "1" * 40, "1.5"])
async def test_an_id_that_is_none_is_refused(last_id: str) -> None:
    async with Line(PEOPLE).running() as line, line.client() as client:
        answer = await client.get("/live", headers=headers_of("ana", last_id))

    assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")


async def test_too_many_streams_are_refused_and_those_that_ended_do_not_count() -> None:
    async with Line(PEOPLE, HubLimits(per_person=1)).running() as line, line.client() as client:
        async with heard_by(line, "ana") as events:
            await anext(events)
            refused = await client.get("/live", headers=headers_of("ana"))
        await until(lambda: line.hub.listener_count() == 0)
        async with heard_by(line, "ana") as events:
            welcome = await anext(events)

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_listeners")
    assert welcome["event"] == "welcome"


async def test_a_stream_ends_with_the_access_of_its_reader() -> None:
    async with Line(PEOPLE).running() as line, heard_by(line, "ana") as events:
        await anext(events)
        line.events.publish(AccessEnded("ana"))
        last = [(event["event"], event["data"]["code"]) async for event in events]

    assert last == [("error", "session_ended")]


async def test_a_box_that_stops_lets_its_streams_go() -> None:
    async with Line(PEOPLE).running() as line, heard_by(line, "ana") as events:
        await anext(events)
        line.hub.stop()

        assert [event async for event in events] == []
