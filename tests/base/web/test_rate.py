"""Rates: counted per client, told in headers, refused with the time to wait."""

import logging
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits.errors import StorageError
from starlette.types import Receive, Scope, Send

from appliance.base.web.identity import Authenticator
from appliance.base.web.limits import Per, RateRule, unlimited
from appliance.base.web.rate import RateLayer
from appliance.base.web.rate_counters import MemoryStorage, RateCounters, RedisCounts
from tests.fakes.clock import ManualClock
from tests.fakes.signing_in import person, signed_in_by_token
from tests.waiting import until_now

_TWO_A_MINUTE = RateRule("login", "POST", "/login", 2, 60)


async def _app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def _client(
    *rules: RateRule,
    clock: ManualClock | None = None,
    address: str = "192.168.1.7",
    counters: RateCounters | None = None,
    authenticator: Authenticator | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    clock = clock or ManualClock()
    counters = counters or RateCounters(clock)
    layer = RateLayer(_app, rules, counters, clock, authenticator)
    transport = httpx.ASGITransport(app=layer, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


async def test_every_answer_tells_what_is_left() -> None:
    async with _client(_TWO_A_MINUTE) as client:
        answer = await client.post("/login")

    assert answer.status_code == 204
    assert answer.headers["x-ratelimit-limit"] == "2"
    assert answer.headers["x-ratelimit-remaining"] == "1"
    # 2026-03-02 09:01 UTC: the end of the window, in Unix time.
    assert answer.headers["x-ratelimit-reset"] == "1772442060"


async def test_one_too_many_is_refused_until_the_window_ends() -> None:
    clock = ManualClock()
    async with _client(_TWO_A_MINUTE, clock=clock) as client:
        await client.post("/login")
        clock.advance(20)
        await client.post("/login")
        refused = await client.post("/login")
        clock.advance(40)
        later = await client.post("/login")

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "40"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert later.status_code == 204


async def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = ManualClock()
    async with _client(_TWO_A_MINUTE, clock=clock) as client:
        await client.post("/login")
        await client.post("/login")
        clock.jump(-365 * 86400)
        clock.advance(61)
        answer = await client.post("/login")

    assert answer.status_code == 204


async def test_each_address_has_its_own_count() -> None:
    clock = ManualClock()
    counters = RateCounters(clock)
    async with _client(_TWO_A_MINUTE, clock=clock, counters=counters) as client:
        statuses = [(await client.post("/login")).status_code for _ in range(3)]
    async with _client(
        _TWO_A_MINUTE, clock=clock, counters=counters, address="192.168.1.8"
    ) as client:
        other = await client.post("/login")

    assert statuses == [204, 204, 429]
    assert other.status_code == 204


async def test_two_spellings_of_a_route_share_one_count() -> None:
    other_spelling = RateRule("login", "POST", "/api/login", 2, 60)
    async with _client(_TWO_A_MINUTE, other_spelling) as client:
        await client.post("/login")
        await client.post("/api/login")
        third = await client.post("/login")

    assert third.status_code == 429


async def test_people_are_counted_by_who_they_are_wherever_they_sit() -> None:
    rule = RateRule("chat", "POST", "/chat", 1, 60, Per.USER)
    people = signed_in_by_token(person("ana"), person("juan"))
    ana = {"Authorization": "Bearer ana"}
    juan = {"Authorization": "Bearer juan"}
    async with _client(rule, authenticator=people) as client:
        first = await client.post("/chat", headers=ana)
        second = await client.post("/chat", headers=ana)
        other = await client.post("/chat", headers=juan)

    assert [first.status_code, second.status_code, other.status_code] == [204, 429, 204]


async def test_a_forged_name_is_counted_by_address() -> None:
    rule = RateRule("chat", "POST", "/chat", 1, 60, Per.USER)
    async with _client(rule, authenticator=signed_in_by_token(person("ana"))) as client:
        first = await client.post("/chat", headers={"Authorization": "Bearer x1"})
        second = await client.post("/chat", headers={"Authorization": "Bearer x2"})

    assert [first.status_code, second.status_code] == [204, 429]


async def test_unlimited_routes_are_not_counted() -> None:
    general = RateRule("general", "*", "/", 1, 60)
    async with _client(general, unlimited("/static")) as client:
        answers = [await client.get("/static/app.js") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert "x-ratelimit-limit" not in answers[0].headers


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=60))
async def test_memory_never_holds_more_keys_than_it_may(keys: list[str]) -> None:
    storage = MemoryStorage(ManualClock(), most_keys=3)

    for key in keys:
        await storage.incr(key, 60)

    assert await storage.reset() <= 3


class _BrokenStorage(MemoryStorage):
    """Answers or fails, as the test says."""

    STORAGE_SCHEME = None

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.is_broken = True

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        if self.is_broken:
            raise StorageError(ConnectionError("refused"))
        return await super().incr(key, expiry, amount)


async def test_without_redis_requests_are_counted_in_memory_and_the_log_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    storage = _BrokenStorage(clock)
    counters = RateCounters(clock, storage)

    with caplog.at_level(logging.INFO):
        taken = [await counters.take(_TWO_A_MINUTE, "ana") for _ in range(3)]
        clock.advance(31)
        await counters.take(_TWO_A_MINUTE, "ana")
        storage.is_broken = False
        clock.advance(31)
        await counters.take(_TWO_A_MINUTE, "ana")

    assert [one.is_allowed for one in taken] == [True, True, False]
    assert [record.message for record in caplog.records] == [
        "redis does not answer; requests are counted in memory",
        "redis answers again; requests are counted there",
    ]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("the program redis-server is not installed")
    socket_file = tmp_path / "redis.sock"
    arguments = ["--port", "0", "--unixsocket", str(socket_file), "--save", "", "--dir"]
    with subprocess.Popen(
        [program, *arguments, str(tmp_path)], stdout=subprocess.DEVNULL
    ) as process:
        until_now(socket_file.exists, what="Redis's socket")
        yield f"redis+unix://{socket_file}"
        process.terminate()


async def test_counts_are_kept_in_a_real_redis(redis_url: str) -> None:
    clock = ManualClock()
    before, after = (RateCounters(clock, RedisCounts(redis_url)) for _ in range(2))
    async with aclosing(before), aclosing(after):
        taken = [await before.take(_TWO_A_MINUTE, "ana") for _ in range(3)]
        after_a_restart = await after.take(_TWO_A_MINUTE, "ana")

    assert [one.is_allowed for one in taken] == [True, True, False]
    assert not after_a_restart.is_allowed


async def test_a_known_device_is_counted_by_itself() -> None:
    rule = RateRule("login", "POST", "/login", 2, 60, per=Per.DEVICE)
    counters = RateCounters(ManualClock())
    layer = RateLayer(
        _app,
        [rule],
        counters,
        ManualClock(),
        None,
        find_device=lambda cookies: cookies.get("device"),
    )
    transport = httpx.ASGITransport(app=layer, client=("192.168.1.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        strange = [(await client.post("/login")).status_code for _ in range(3)]
        client.cookies.set("device", "d-1")
        known = [(await client.post("/login")).status_code for _ in range(3)]

    assert (strange, known) == ([204, 204, 429], [204, 204, 429])


async def test_a_refusal_is_held_back_where_the_rule_says_so() -> None:
    held_s: list[float] = []

    async def pause(seconds: float) -> None:
        held_s.append(seconds)

    rule = RateRule("login", "POST", "/login", 1, 60, held_s=1.0)
    clock = ManualClock()
    layer = RateLayer(_app, [rule], RateCounters(clock), clock, None, pause=pause)
    transport = httpx.ASGITransport(app=layer, client=("192.168.1.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        statuses = [(await client.post("/login")).status_code for _ in range(3)]

    assert (statuses, held_s) == ([204, 429, 429], [1.0, 1.0])
