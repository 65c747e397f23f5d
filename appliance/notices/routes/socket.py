"""News by WebSocket: one tab's connection, from its hello to its end."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from appliance.base.errors import (
    BadRequestError,
    ForbiddenError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)
from appliance.base.live.hub import Ending, Listener, LiveHub
from appliance.base.web.access import OpenAccess
from appliance.base.web.identity import Authenticator
from appliance.notices.credentials import LOOK_EVERY_S, Credentials
from appliance.notices.model import Close, Hello, NewToken, as_listener
from appliance.notices.schemas import RENEWED, event_frame, understood, welcome_frame

# A browser says it at once; a phone on a bad line within a second or two.
HELLO_LIMIT_S = 5.0
_CLOSING_LIMIT_S = 1.0
# A tab renews its token twice an hour.
_MOST_WORDS_PER_MINUTE = 30
_MOST_GREETING = 100
_MINUTE_S = 60.0

_ENDINGS: Mapping[type[Exception], Close] = {
    UnauthenticatedError: Close.ACCESS_ENDED,
    ForbiddenError: Close.NOT_ALLOWED,
    TooManyRequestsError: Close.TOO_MANY,
    BadRequestError: Close.MALFORMED,
    # The database is away: as if the box were.
    UnavailableError: Close.GOING_DOWN,
    TimeoutError: Close.SILENT,
}


@dataclass
class Sockets:
    """What all sockets have in common.

    Attributes:
        hub: Where the news come from.
        access: Tells when somebody may listen no more.
        authenticator: Knows who listens.
        hello_limit_s: So long a client may take for its first word.
        greeting: How many have not said it yet.
    """

    hub: LiveHub
    access: OpenAccess
    authenticator: Authenticator
    hello_limit_s: float
    greeting: int = field(default=0, init=False)

    async def talk(self, websocket: WebSocket) -> None:
        """Take the connection, and keep it until one side ends it."""
        await websocket.accept()
        try:
            close = await _Talk(self, websocket).to_the_end()
        except tuple(_ENDINGS) as error:
            close = _ENDINGS[type(error)]
        except WebSocketDisconnect:
            return
        await _close(websocket, close)


class _Talk:
    """One conversation with one client."""

    def __init__(self, sockets: Sockets, websocket: WebSocket) -> None:
        self._sockets = sockets
        self._websocket = websocket
        self._words = _Words()

    async def to_the_end(self) -> Close:
        """Return why it is over, if that is ours to say.

        Raises:
            ApplianceError: If it may not go on, by the classes in `_ENDINGS`.
            TimeoutError: If the client does not say who it is.
            WebSocketDisconnect: If the client goes away.
        """
        credentials, last_id = await self._greeted()
        identity = await credentials.identified()
        sockets = self._sockets
        with (
            sockets.hub.listening(as_listener(identity), last_id) as listener,
            sockets.access.held(identity) as access_ended,
        ):
            await self._websocket.send_text(welcome_frame(listener))
            return await _first_of(
                self._tell(listener),
                _until_over(listener),
                self._hear(credentials),
                _look_after(credentials),
                _until(access_ended),
            )

    async def _greeted(self) -> tuple[Credentials, int | None]:
        headers, authenticator = self._websocket.headers, self._sockets.authenticator
        if "authorization" in headers or "x-api-key" in headers:
            return Credentials(authenticator, headers), None
        hello = await self._hello()
        if hello.access_token is None:
            raise UnauthenticatedError("The hello carries no access token.")
        return Credentials.of_token(authenticator, hello.access_token), hello.last_event_id

    async def _hello(self) -> Hello:
        if self._sockets.greeting >= _MOST_GREETING:
            raise TooManyRequestsError("Too many connections have not said who they are.")
        self._sockets.greeting += 1
        try:
            async with asyncio.timeout(self._sockets.hello_limit_s):
                word = understood(await self._next_text())
        finally:
            self._sockets.greeting -= 1
        if not isinstance(word, Hello):
            raise BadRequestError("The first word is not a hello.")
        return word

    async def _tell(self, listener: Listener) -> Close:
        while told := await listener.next():
            await self._websocket.send_text(event_frame(told))
        return await _until_over(listener)

    async def _hear(self, credentials: Credentials) -> Close:
        while True:
            word = understood(await self._next_text())
            self._words.count()
            if isinstance(word, NewToken):
                await credentials.renew(word.access_token)
                await self._websocket.send_text(RENEWED)

    async def _next_text(self) -> str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text: str | None = message.get("text")
        if text is None:
            raise BadRequestError("Only text is understood.")
        return text


class _Words:
    """How much a client says."""

    def __init__(self) -> None:
        self._count = 0
        self._since_s = 0.0

    def count(self) -> None:
        """Count one more word.

        Raises:
            TooManyRequestsError: If there are too many of them.
        """
        now_s = asyncio.get_running_loop().time()
        if now_s - self._since_s > _MINUTE_S:
            self._count, self._since_s = 0, now_s
        self._count += 1
        if self._count > _MOST_WORDS_PER_MINUTE:
            raise TooManyRequestsError("Too many words on one connection.")


async def _look_after(credentials: Credentials) -> Close:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            await credentials.identified()
        except UnavailableError:
            # The database is away; who listens already costs it nothing.
            continue


async def _until_over(listener: Listener) -> Close:
    # Beside the telling, which waits for a client that does not read.
    ending = await listener.over()
    return Close.TOO_SLOW if ending is Ending.TOO_SLOW else Close.GOING_DOWN


async def _until(access_ended: asyncio.Event) -> Close:
    await access_ended.wait()
    return Close.ACCESS_ENDED


async def _first_of(*activities: Coroutine[object, object, Close]) -> Close:
    """Return what the first of these to end returns; the others are cancelled.

    Raises:
        Exception: What the first one raises, if it does.
    """
    tasks: list[asyncio.Task[Close]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(activity) for activity in activities]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return next(iter(done)).result()


async def _close(websocket: WebSocket, close: Close) -> None:
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        # Whoever reads nothing does not read this either; the listener cuts them off.
        async with asyncio.timeout(_CLOSING_LIMIT_S):
            await websocket.close(close, close.name.lower())
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return
