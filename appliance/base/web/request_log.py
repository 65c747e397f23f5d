"""Every request has a name, and leaves one line in the log without what was in it."""

import logging
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.base.clock import Clock
from appliance.base.ids import Ids
from appliance.base.logs import request_named

log = logging.getLogger(__name__)

_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class RequestNameLayer:
    """Gives each request an id: in the log, in problems, and in `X-Request-Id` of the answer.

    An id from outside is not taken over: it could forge or confuse log lines.
    """

    def __init__(self, app: ASGIApp, ids: Ids) -> None:
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its new name."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = self._ids.new_id()
        header = (b"x-request-id", request_id.encode("ascii"))

        async def naming_send(message: Message) -> None:
            if message["type"] in _STARTS:
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        with request_named(request_id):
            await self._app(scope, receive, naming_send)


class AccessLogLayer:
    """Logs what was asked, by whom, with which outcome: no query, no header, no body."""

    def __init__(
        self, app: ASGIApp, clock: Clock, *, door: str, quiet_paths: Collection[str]
    ) -> None:
        self._app = app
        self._clock = clock
        self._door = door
        self._quiet_paths = frozenset(quiet_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it when it has ended, however it ended."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started_s = self._clock.monotonic_s()
        status = 0
        size_bytes = 0

        async def measuring_send(message: Message) -> None:
            nonlocal status, size_bytes
            if message["type"] in _STARTS:
                status = message.get("status", 101)
            size_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, measuring_send)
        finally:
            self._log(scope, status, size_bytes, self._clock.monotonic_s() - started_s)

    def _log(self, scope: Scope, status: int, size_bytes: int, took_s: float) -> None:
        level = logging.DEBUG if scope["path"] in self._quiet_paths else logging.INFO
        if not log.isEnabledFor(level):
            return
        client = scope.get("client")
        log.log(
            level,
            "request",
            extra={
                "door": self._door,
                "method": scope.get("method", "WEBSOCKET"),
                "path": scope["path"],
                # 0: it ended before there was an answer.
                "status": status,
                "size_bytes": size_bytes,
                "took_ms": round(took_s * 1000, 1),
                "client": client[0] if client else "",
            },
        )
