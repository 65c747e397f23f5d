"""What is open ends with its access: told at once, or found by looking."""

import asyncio
import threading
from collections.abc import Collection

from appliance.base.errors import UnavailableError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded, Identity
from appliance.base.web.access import OpenAccess
from tests.fakes.signing_in import KnownSignIns, person
from tests.waiting import until

ANA, BEN = person("ana", session_id="s1"), person("ben", session_id="s2")


async def test_an_ended_access_is_told_to_all_that_is_open_by_it() -> None:
    events = Events()
    access = OpenAccess(events, KnownSignIns())

    with access.held(ANA) as first, access.held(ANA) as second, access.held(BEN) as other:
        events.publish(AccessEnded("ana"))

        assert [first.is_set(), second.is_set(), other.is_set()] == [True, True, False]
    assert access.held_count() == 0


async def test_a_sign_in_that_ended_elsewhere_is_found_by_looking() -> None:
    sign_ins = KnownSignIns()
    access = OpenAccess(Events(), sign_ins)

    with access.held(ANA) as hers, access.held(BEN) as his:
        await access.look()
        assert not hers.is_set()

        sign_ins.ended = {"s1"}
        await access.look()
        assert [hers.is_set(), his.is_set()] == [True, False]


async def test_what_another_thread_tells_arrives_on_the_loop() -> None:
    events = Events()
    access = OpenAccess(events, KnownSignIns())

    with access.held(ANA) as hers:
        threading.Thread(target=events.publish, args=(AccessEnded("ana"),)).start()

        async with asyncio.timeout(5):
            await hers.wait()


async def test_a_database_that_is_away_ends_nothing() -> None:
    class Away:
        async def ended_among(self, identities: Collection[Identity]) -> Collection[Identity]:
            raise UnavailableError("The database does not answer.")

    access = OpenAccess(Events(), Away())

    with access.held(ANA) as hers:
        await access.look()

        assert not hers.is_set()


async def test_it_looks_as_soon_as_something_is_open() -> None:
    sign_ins = KnownSignIns()
    sign_ins.ended = {"s1"}
    access = OpenAccess(Events(), sign_ins)
    running = asyncio.create_task(access.run())

    with access.held(ANA) as hers:
        await until(hers.is_set)
    running.cancel()
