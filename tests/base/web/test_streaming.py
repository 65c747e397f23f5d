"""Streams of events: their form, beats, and what happens when a reader goes or dawdles."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from starlette.types import Message

from appliance.base.errors import UnavailableError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded
from appliance.base.web.access import OpenAccess
from appliance.base.web.streaming import EventStream, ServerEvent
from tests.fakes.signing_in import person, still_signed_in
from tests.waiting import until

_SCOPE = {"type": "http", "method": "GET", "path": "/"}


class _Reader:
    """A client that reads what it lets through, and can go away."""

    def __init__(self, *, takes: int = 1_000_000) -> None:
        self.messages: list[Message] = []
        self.gone = asyncio.Event()
        self._may_take = asyncio.Semaphore(takes)

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self._may_take.acquire()
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


class _Source:
    """Events that a test hands over, noting how many were asked for and that it was closed."""

    def __init__(self, count: int, *, then_waits: bool = False) -> None:
        self.asked = 0
        self.closed = False
        self._count = count
        self._then_waits = then_waits

    async def events(self) -> AsyncIterator[ServerEvent]:
        try:
            for number in range(1, self._count + 1):
                self.asked = number
                yield ServerEvent(number, "token", {"text": f"t{number}"})
            if self._then_waits:
                await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.closed = True


def test_an_event_is_encoded_as_id_event_and_one_line_of_json() -> None:
    event = ServerEvent(7, "token", {"text": "¿sí?\nno\r"})

    assert event.encoded() == ('id: 7\nevent: token\ndata: {"text":"¿sí?\\nno\\r"}\n\n'.encode())


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert ServerEvent(1, "token", {"text": "a\ud800b"}).encoded().endswith(b'"a?b"}\n\n')


async def test_a_stream_ends_with_its_source() -> None:
    source, reader = _Source(2), _Reader()

    await EventStream(source.events())(_SCOPE, reader.receive, reader.send)

    assert reader.body == (
        b'id: 1\nevent: token\ndata: {"text":"t1"}\n\nid: 2\nevent: token\ndata: {"text":"t2"}\n\n'
    )
    assert reader.messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert source.closed


async def test_no_cache_and_no_proxy_keeps_a_stream_back() -> None:
    reader = _Reader()

    await EventStream(_Source(0).events())(_SCOPE, reader.receive, reader.send)

    assert dict(reader.messages[0]["headers"]) == {
        b"content-type": b"text/event-stream; charset=utf-8",
        b"cache-control": b"no-store",
        b"x-accel-buffering": b"no",
    }


async def test_beats_come_while_the_source_is_silent() -> None:
    source, reader = _Source(1, then_waits=True), _Reader()
    stream = EventStream(source.events(), beat_s=0.01)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(_SCOPE, reader.receive, reader.send))
        await until(lambda: reader.body.count(b": beat\n\n") >= 3)
        reader.gone.set()

    assert source.closed


async def test_a_client_that_goes_away_cancels_a_waiting_source_and_runs_its_finally() -> None:
    source, reader = _Source(1, then_waits=True), _Reader()

    async with asyncio.TaskGroup() as group:
        group.create_task(EventStream(source.events())(_SCOPE, reader.receive, reader.send))
        await until(lambda: b"t1" in reader.body)
        reader.gone.set()

    assert source.closed


async def test_a_client_that_goes_away_while_it_dawdles_closes_the_source_too() -> None:
    source, reader = _Source(100), _Reader(takes=3)

    async with asyncio.TaskGroup() as group:
        group.create_task(EventStream(source.events())(_SCOPE, reader.receive, reader.send))
        await until(lambda: len(reader.messages) == 3)
        reader.gone.set()

    assert source.closed


async def test_a_slow_reader_holds_its_source_back() -> None:
    source, reader = _Source(1000), _Reader(takes=3)

    async with asyncio.TaskGroup() as group:
        group.create_task(EventStream(source.events())(_SCOPE, reader.receive, reader.send))
        await until(lambda: len(reader.messages) == 3)
        asked = source.asked
        reader.gone.set()

    # The start, two events in the socket, and one in the hand.
    assert asked == 3


async def test_a_failing_source_ends_the_stream_with_that_failure() -> None:
    async def failing() -> AsyncIterator[ServerEvent]:
        yield ServerEvent(1, "token", {})
        raise UnavailableError("The engine stopped.")

    reader = _Reader()
    with pytest.raises(UnavailableError, match="The engine stopped"):
        await EventStream(failing())(_SCOPE, reader.receive, reader.send)


async def test_a_server_that_shuts_down_closes_the_source() -> None:
    source, reader = _Source(1, then_waits=True), _Reader()
    stream = EventStream(source.events())

    async with asyncio.TaskGroup() as group:
        serving = group.create_task(stream(_SCOPE, reader.receive, reader.send))
        await until(lambda: b"t1" in reader.body)
        serving.cancel()

    assert source.closed


class _House:
    """A bus, what is open, and requests in somebody's name."""

    def __init__(self) -> None:
        self.events = Events()
        self.access = OpenAccess(self.events, still_signed_in())

    def asked_by(self, user_id: str, session_id: str = "session-1") -> dict[str, object]:
        app = SimpleNamespace(state=SimpleNamespace(open_access=self.access))
        identity = person(user_id, session_id=session_id)
        return {**_SCOPE, "app": app, "state": {"identity": identity}}


async def test_a_stream_ends_with_a_word_when_the_access_of_its_reader_ends() -> None:
    house, source, reader = _House(), _Source(1, then_waits=True), _Reader()

    async with asyncio.TaskGroup() as group:
        stream = EventStream(source.events())
        group.create_task(stream(house.asked_by("ana"), reader.receive, reader.send))
        await until(lambda: b"t1" in reader.body)
        house.events.publish(AccessEnded("ana"))

    event = reader.body.rpartition(b"\n\nevent: error\n")[2]
    assert b'"code":"session_ended"' in event
    # Not a place in the stream: whoever signs in again goes on after the last one that has an id.
    assert b"id: " not in event
    assert reader.messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert source.closed
    assert house.access.held_count() == 0


async def test_the_streams_of_others_and_of_other_sign_ins_go_on() -> None:
    house = _House()
    readers = [_Reader(), _Reader(), _Reader()]
    scopes = [house.asked_by("ana", "s1"), house.asked_by("ana", "s2"), house.asked_by("ben")]

    async with asyncio.TaskGroup() as group:
        for scope, reader in zip(scopes, readers, strict=True):
            stream = EventStream(_Source(1, then_waits=True).events())
            group.create_task(stream(scope, reader.receive, reader.send))
        await until(lambda: house.access.held_count() == 3)
        house.events.publish(AccessEnded("ana", frozenset({"s2"})))
        await until(lambda: house.access.held_count() == 2)
        bodies = [b"session_ended" in reader.body for reader in readers]
        for reader in readers:
            reader.gone.set()

    assert bodies == [False, True, False]


async def test_a_reader_who_takes_nothing_does_not_keep_an_ended_stream_open() -> None:
    house, source, reader = _House(), _Source(100), _Reader(takes=2)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        stream = EventStream(source.events())
        group.create_task(stream(house.asked_by("ana"), reader.receive, reader.send))
        await until(lambda: len(reader.messages) == 2)
        house.events.publish(AccessEnded("ana"))

    assert source.closed
