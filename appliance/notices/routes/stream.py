"""News as server-sent events: for programs, and for whoever cannot open a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Request

from appliance.base.errors import InvalidValueError, UnauthenticatedError
from appliance.base.live.hub import Listener, LiveHub
from appliance.base.web.identity import ChatCaller
from appliance.base.web.problems import problem_body
from appliance.base.web.streaming import EventStream, ServerEvent
from appliance.notices.credentials import LOOK_EVERY_S, Credentials
from appliance.notices.model import LARGEST_ID, as_listener
from appliance.notices.schemas import welcome_data

_MOST_DIGITS = 16


def add_stream(router: APIRouter, hub: LiveHub) -> None:
    """Add the route of the stream."""

    @router.get(
        "/live",
        summary="Hear what happens, as it happens",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def live(
        request: Request,
        identity: ChatCaller,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> EventStream:
        credentials = Credentials(request.app.state.authenticator, request.headers)
        with ExitStack() as stack:
            place = hub.listening(as_listener(identity), _event_id(last_event_id))
            listener = stack.enter_context(place)
            return EventStream(_News(listener, credentials, stack.pop_all()))


class _News(AsyncIterator[ServerEvent]):
    """The events of one stream. Closing gives its place back, also if nobody asked for one."""

    def __init__(self, listener: Listener, credentials: Credentials, place: ExitStack) -> None:
        self._events = _events(listener, credentials)
        self._place = place

    async def __anext__(self) -> ServerEvent:
        return await anext(self._events)

    async def aclose(self) -> None:
        """Listen no more."""
        self._place.close()


async def _events(listener: Listener, credentials: Credentials) -> AsyncIterator[ServerEvent]:
    yield ServerEvent(listener.start_id, "welcome", welcome_data(listener))
    loop = asyncio.get_running_loop()
    look_at_s = loop.time() + LOOK_EVERY_S
    while True:
        try:
            async with asyncio.timeout_at(look_at_s):
                told = await listener.next()
        except TimeoutError:
            look_at_s = loop.time() + LOOK_EVERY_S
            try:
                await credentials.identified()
            except UnauthenticatedError as error:
                yield ServerEvent(None, "error", problem_body(error))
                return
            continue
        if told is None:
            return
        yield ServerEvent(told.id, told.event, told.data)


def _event_id(text: str | None) -> int | None:
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not is_number or int(text) > LARGEST_ID:
        raise InvalidValueError(
            "Last-Event-ID is not the id of an event of this stream.",
            hint="Send the last id as it came, or leave the header away to begin with what comes.",
            field="Last-Event-ID",
        )
    return int(text)
