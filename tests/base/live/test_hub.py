"""The hub: who hears what, what is missed, and what happens to those who do not listen."""

import asyncio
import threading

import pytest

from appliance.base.errors import TooManyRequestsError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.hub import Ending, HubLimits, Listener, LiveHub
from appliance.base.live.model import Audience, LiveEvent, ToRole, ToUser
from tests.fakes.clock import ManualClock
from tests.fakes.signing_in import person

ANA, BEN, EVA = person("ana"), person("ben"), person("eva", Role.ADMIN)


class _House:
    """A bus and a hub of small limits."""

    def __init__(self, clock: ManualClock, **limits: int) -> None:
        self.events = Events()
        self.hub = LiveHub(self.events, clock, HubLimits(**limits))

    def tell(self, audience: Audience, *numbers: int) -> None:
        for number in numbers:
            self.events.publish(LiveEvent(audience, "count", {"number": number}))


@pytest.fixture
def house(clock: ManualClock) -> _House:
    return _House(clock, per_person=2, in_all=3, unread=3, kept=3, audiences=4)


async def next_of(listener: Listener, count: int) -> list[object]:
    async with asyncio.timeout(5):
        heard = [await listener.next() for _ in range(count)]
    return [told and told.data.get("number", told.event) for told in heard]


async def test_news_reach_the_persons_tabs_and_nobody_else(house: _House) -> None:
    listening = house.hub.listening
    with listening(ANA) as one, listening(ANA) as two, listening(BEN) as other:
        house.tell(ToUser("ana"), 1)
        house.tell(ToUser("ben"), 2)

        assert await next_of(one, 1) == [1]
        assert await next_of(two, 1) == [1]
        assert await next_of(other, 1) == [2]


async def test_news_for_a_role_reach_the_roles_above_it(house: _House) -> None:
    with house.hub.listening(ANA) as worker, house.hub.listening(EVA) as admin:
        house.tell(ToRole(Role.ADMIN), 1)
        house.tell(ToRole(Role.WORKER), 2)

        assert await next_of(worker, 1) == [2]
        assert await next_of(admin, 2) == [1, 2]


async def test_a_listener_goes_on_where_it_was(house: _House) -> None:
    with house.hub.listening(ANA) as before:
        house.tell(ToUser("ana"), 1)
        first = await before.next()
    assert first is not None
    house.tell(ToUser("ana"), 2)
    house.tell(ToRole(Role.WORKER), 3)
    house.tell(ToUser("ben"), 4)

    with house.hub.listening(ANA, first.id) as after:
        assert (after.is_resumed, after.start_id) == (True, first.id)
        assert await next_of(after, 2) == [2, 3]


async def test_ids_grow_also_over_a_restart(house: _House, clock: ManualClock) -> None:
    with house.hub.listening(ANA) as before:
        house.tell(ToUser("ana"), 1)
        first = await before.next()
    clock.advance(0.001)
    again = _House(clock)

    with again.hub.listening(ANA) as after:
        again.tell(ToUser("ana"), 1)
        second = await after.next()

    assert first is not None
    assert second is not None
    assert first.id < second.id < 2**53


@pytest.mark.parametrize("missed", [4, 5])
async def test_who_missed_more_than_is_kept_is_told_to_begin_anew(
    house: _House, missed: int
) -> None:
    with house.hub.listening(ANA) as before:
        start_id = before.start_id
        house.tell(ToUser("ana"), *range(missed))

    with house.hub.listening(ANA, start_id) as after:
        assert not after.is_resumed
        assert await next_of(after, 1) == ["reset"]


async def test_who_was_there_before_a_restart_is_told_to_begin_anew(
    house: _House, clock: ManualClock
) -> None:
    with house.hub.listening(ANA) as before:
        house.tell(ToUser("ana"), 1)
        first = await before.next()
    clock.advance(3)
    again = _House(clock)

    assert first is not None
    with again.hub.listening(ANA, first.id) as after:
        assert await next_of(after, 1) == ["reset"]
        again.tell(ToUser("ana"), 7)
        assert await next_of(after, 1) == [7]


async def test_others_news_do_not_push_out_ones_own(house: _House) -> None:
    with house.hub.listening(ANA) as before:
        start_id = before.start_id
    house.tell(ToUser("ana"), 1)
    house.tell(ToUser("ben"), *range(50))

    with house.hub.listening(ANA, start_id) as after:
        assert await next_of(after, 1) == [1]


async def test_a_listener_that_does_not_read_is_cut_off_and_the_others_go_on(
    house: _House,
) -> None:
    with house.hub.listening(ANA) as silent, house.hub.listening(ANA) as reading:
        for number in range(10):
            house.tell(ToUser("ana"), number)
            assert await next_of(reading, 1) == [number]

        assert silent.ending is Ending.TOO_SLOW
        assert await silent.next() is None
        assert reading.ending is None


async def test_a_long_list_of_missed_news_is_not_taken_for_slowness(house: _House) -> None:
    with house.hub.listening(ANA) as before:
        start_id = before.start_id
    house.tell(ToUser("ana"), 1, 2, 3)

    with house.hub.listening(ANA, start_id) as after:
        house.tell(ToUser("ana"), 4)

        assert await next_of(after, 4) == [1, 2, 3, 4]


async def test_a_person_has_so_many_listeners_and_the_box_too(house: _House) -> None:
    listening = house.hub.listening
    with listening(ANA), listening(ANA):
        with pytest.raises(TooManyRequestsError, match="in your name"), listening(ANA):
            pass
        with (
            listening(BEN),
            pytest.raises(TooManyRequestsError, match="on this box"),
            listening(EVA),
        ):
            pass

    with listening(ANA):
        assert house.hub.listener_count() == 1


async def test_a_stop_lets_all_listeners_go_and_those_who_still_come(house: _House) -> None:
    with house.hub.listening(ANA) as listener:
        waiting = asyncio.create_task(listener.next())
        await asyncio.sleep(0)
        house.hub.stop()

        assert await waiting is None
        assert listener.ending is Ending.STOPPING
        with house.hub.listening(BEN) as late:
            assert await late.next() is None


async def test_news_told_by_another_thread_wake_a_listener_of_the_loop(house: _House) -> None:
    with house.hub.listening(ANA) as listener:
        waiting = asyncio.create_task(next_of(listener, 1))
        await asyncio.sleep(0)

        threading.Thread(target=house.tell, args=(ToUser("ana"), 1)).start()

        assert await waiting == [1]


def test_news_before_the_loop_runs_are_nobodys(house: _House) -> None:
    house.tell(ToUser("ana"), 1)

    assert house.hub.listener_count() == 0
