"""How often a client may ask: counted, told in headers, and refused with the time to wait."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.base.clock import Clock
from appliance.base.errors import TooManyRequestsError, UnauthenticatedError
from appliance.base.web.addresses import address_key
from appliance.base.web.identity import Authenticator
from appliance.base.web.limits import Per, RateRule, fitting, most_specific_first
from appliance.base.web.problems import problem_response
from appliance.base.web.rate_counters import RateCounters, Taken

_MOST_HELD = 256


class RateLayer:
    """Counts requests by the table of rules; answers 429 once a rule is used up."""

    def __init__(
        self,
        app: ASGIApp,
        rules: Iterable[RateRule],
        counters: RateCounters,
        clock: Clock,
        authenticator: Authenticator | None,
        *,
        find_device: Callable[[Mapping[str, str]], str | None] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._rules = most_specific_first(rules)
        self._counters = counters
        self._clock = clock
        self._authenticator = authenticator
        self._find_device = find_device
        self._pause = pause
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits, and say how much is left."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        rules = fitting(self._rules, scope.get("method", "GET"), scope["path"])
        tightest = await self._tightest(scope, [rule for rule in rules if rule.count])
        if tightest is None:
            await self._app(scope, receive, send)
            return
        headers = self._headers(tightest)

        async def telling_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        if tightest.is_allowed:
            await self._app(scope, receive, telling_send)
        else:
            await self._hold_back(tightest.rule.held_s)
            await problem_response(_refusal(tightest))(scope, receive, telling_send)

    async def _hold_back(self, held_s: float) -> None:
        # A bounded number: what is held is a connection too.
        if not held_s or self._held >= _MOST_HELD:
            return
        self._held += 1
        try:
            await self._pause(held_s)
        finally:
            self._held -= 1

    async def _tightest(self, scope: Scope, rules: list[RateRule]) -> Taken | None:
        taken = [await self._counters.take(rule, await self._client(rule, scope)) for rule in rules]
        return min(taken, key=lambda one: (one.is_allowed, one.remaining), default=None)

    async def _client(self, rule: RateRule, scope: Scope) -> str:
        if rule.per is Per.USER and self._authenticator is not None and scope["type"] == "http":
            try:
                identity = await self._authenticator.identify(Request(scope).headers)
            except UnauthenticatedError:
                pass  # The route will say so; until then the address is all that is known.
            else:
                return f"user {identity.user_id}"
        if rule.per is Per.DEVICE and self._find_device is not None and scope["type"] == "http":
            device = self._find_device(Request(scope).cookies)
            if device is not None:
                return f"device {device}"
        client = scope.get("client")
        return address_key(client[0]) if client else "unknown"

    def _headers(self, taken: Taken) -> list[tuple[bytes, bytes]]:
        reset_at = self._clock.now().timestamp() + taken.reset_s
        values = {
            b"x-ratelimit-limit": taken.rule.count,
            b"x-ratelimit-remaining": taken.remaining,
            # Unix time, as the libraries of the source systems write it.
            b"x-ratelimit-reset": math.ceil(reset_at),
        }
        return [(name, str(value).encode("ascii")) for name, value in values.items()]


def _refusal(taken: Taken) -> TooManyRequestsError:
    rule = taken.rule
    wait_s = max(1, math.ceil(taken.reset_s))
    return TooManyRequestsError(
        f"Too many requests: {rule.count} in {rule.window_s} s are allowed here.",
        hint=f"Try again in {wait_s} s.",
        retry_after_s=wait_s,
    )
