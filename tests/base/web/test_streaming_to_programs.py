"""Answers in programs' own forms: held back until they begin, ended when nobody listens."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message

from appliance.base.errors import ApplianceError, TooManyRequestsError, UnauthenticatedError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded
from appliance.base.web.access import OpenAccess
from appliance.base.web.streaming import ByteStream, WholeAnswer
from tests.fakes.signing_in import person, still_signed_in
from tests.waiting import until

_SCOPE = {"type": "http", "method": "POST", "path": "/"}


class _Client:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


class _Work:
    """Parts of an answer, noting that it was ended."""

    def __init__(self, *parts: bytes | Exception, then_waits: bool = False) -> None:
        self.is_ended = False
        self._parts = parts
        self._then_waits = then_waits

    async def parts(self) -> AsyncIterator[bytes]:
        try:
            for part in self._parts:
                if isinstance(part, Exception):
                    raise part
                yield part
            if self._then_waits:
                await asyncio.Event().wait()
        finally:
            self.is_ended = True


def _stream(work: _Work, *, beat: bytes = b"", beat_s: float = 10.0) -> ByteStream:
    def last_word(error: ApplianceError) -> bytes:
        return f"[{error.code}]".encode()

    return ByteStream(
        work.parts(), media_type="text/x", last_word=last_word, beat=beat, beat_s=beat_s
    )


async def test_what_fails_before_the_first_part_is_raised_and_nothing_was_sent() -> None:
    client, work = _Client(), _Work(TooManyRequestsError("Full.", code="queue_full"))

    with pytest.raises(TooManyRequestsError):
        await _stream(work)(_SCOPE, client.receive, client.send)

    assert client.messages == []


async def test_what_fails_after_the_first_part_is_the_last_word() -> None:
    client, work = _Client(), _Work(b"one ", TooManyRequestsError("Full.", code="queue_full"))

    await _stream(work)(_SCOPE, client.receive, client.send)

    assert client.body == b"one [queue_full]"
    assert client.messages[-1]["more_body"] is False


async def test_a_bug_is_never_turned_into_a_word() -> None:
    client, work = _Client(), _Work(b"one ", ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await _stream(work)(_SCOPE, client.receive, client.send)

    assert client.body == b"one "


async def test_headers_are_read_when_the_answer_begins() -> None:
    client, headers = _Client(), dict[str, str]()

    async def parts() -> AsyncIterator[bytes]:
        headers["X-Late"] = "yes"
        yield b"one"

    stream = ByteStream(parts(), media_type="text/x", last_word=lambda _: b"", headers=headers)
    await stream(_SCOPE, client.receive, client.send)

    assert (b"x-late", b"yes") in client.messages[0]["headers"]


async def test_an_answer_without_parts_is_an_empty_answer() -> None:
    client = _Client()

    await _stream(_Work())(_SCOPE, client.receive, client.send)

    assert [message["type"] for message in client.messages] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_a_beat_may_begin_an_answer_that_keeps_its_client_waiting() -> None:
    client, work = _Client(), _Work(then_waits=True)

    async with asyncio.TaskGroup() as group:
        stream = _stream(work, beat=b":\n", beat_s=0.01)
        group.create_task(stream(_SCOPE, client.receive, client.send))
        await until(lambda: client.body.startswith(b":\n:\n"))
        client.gone.set()

    assert [m["type"] for m in client.messages].count("http.response.start") == 1
    assert work.is_ended


async def test_a_client_that_goes_away_before_the_first_part_ends_the_work() -> None:
    client, work = _Client(), _Work(then_waits=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(_stream(work)(_SCOPE, client.receive, client.send))
        client.gone.set()

    assert work.is_ended
    assert client.messages == []


async def test_an_answer_ends_with_a_word_when_the_access_of_its_client_does() -> None:
    events = Events()
    access = OpenAccess(events, still_signed_in())
    app = SimpleNamespace(state=SimpleNamespace(open_access=access))
    scope = {**_SCOPE, "app": app, "state": {"identity": person("ana")}}
    client, work = _Client(), _Work(b"one ", then_waits=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(_stream(work)(scope, client.receive, client.send))
        await until(lambda: client.body)
        events.publish(AccessEnded("ana"))

    assert client.body == b"one [session_ended]"
    assert work.is_ended


async def test_a_whole_answer_is_made_and_sent() -> None:
    client = _Client()

    async def make() -> Response:
        return PlainTextResponse("all of it")

    await WholeAnswer(make)(_SCOPE, client.receive, client.send)

    assert client.body == b"all of it"


async def test_the_making_of_an_answer_ends_with_its_client() -> None:
    client, ended = _Client(), asyncio.Event()

    async def make() -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    async with asyncio.TaskGroup() as group:
        group.create_task(WholeAnswer(make)(_SCOPE, client.receive, client.send))
        client.gone.set()

    assert ended.is_set()
    assert client.messages == []


async def test_an_answer_that_is_being_made_is_refused_when_access_ends() -> None:
    events = Events()
    access = OpenAccess(events, still_signed_in())
    app = SimpleNamespace(state=SimpleNamespace(open_access=access))
    scope = {**_SCOPE, "app": app, "state": {"identity": person("ana")}}
    client = _Client()

    async def make() -> Response:
        await until(access.held_count)
        events.publish(AccessEnded("ana"))
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(UnauthenticatedError):
        await WholeAnswer(make)(scope, client.receive, client.send)


async def test_what_fails_in_the_making_is_raised() -> None:
    client = _Client()

    async def make() -> Response:
        raise TooManyRequestsError("Full.", code="queue_full")

    with pytest.raises(TooManyRequestsError):
        await WholeAnswer(make)(_SCOPE, client.receive, client.send)
