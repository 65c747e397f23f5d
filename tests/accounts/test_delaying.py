import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts.delaying import (
    FORGOTTEN_AFTER_S,
    LONGEST_DELAY_S,
    Delaying,
    Failure,
    Key,
    counted,
    delay_s,
    network_of,
)
from appliance.base.errors import TooManyRequestsError
from tests.fakes.clock import ManualClock

ACCOUNT, NETWORK = Key("account", "ana@example.com"), Key("network", "192.0.2.0/24")
BOTH = (NETWORK, ACCOUNT)


class Waits:
    """Notes how long attempts had to wait, and lets them go on when it is told to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.may_go_on = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await self.may_go_on.wait()


@pytest.fixture
def waits() -> Waits:
    made = Waits()
    made.may_go_on.set()
    return made


async def _fail(delaying: Delaying, *keys: Key, times: int = 1) -> None:
    for _ in range(times):
        async with delaying.attempt(*keys):
            pass


def test_the_first_mistakes_cost_nothing_and_the_later_ones_up_to_25_seconds():
    waits_s = [delay_s(failures) for failures in range(11)]

    assert waits_s == [0, 0, 0, 0.5, 1, 2, 4, 8, 16, 25, 25]


@given(failures=st.integers(min_value=0, max_value=10**9))
def test_a_delay_grows_with_failures_and_never_becomes_a_lock_out(failures: int):
    assert delay_s(failures) <= delay_s(failures + 1) <= LONGEST_DELAY_S


@given(ages_s=st.lists(st.floats(min_value=0, max_value=2 * FORGOTTEN_AFTER_S)))
def test_only_the_newest_failures_of_the_last_hours_count(ages_s: list[float]):
    now_s = 3 * FORGOTTEN_AFTER_S
    failures = [Failure(now_s - age_s, BOTH) for age_s in sorted(ages_s, reverse=True)]

    kept = counted(failures, now_s)

    assert len(kept) <= 12
    assert all(now_s - one.at_s < FORGOTTEN_AFTER_S for one in kept)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.17", "192.0.2.0/24"),
        ("::ffff:192.0.2.17", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_a_guesser_is_a_whole_network(address: str | None, network: str):
    assert network_of(address) == network


async def test_guesses_are_slowed_down_by_account_from_wherever_they_come(
    clock: ManualClock, waits: Waits
):
    delaying = Delaying(clock, pause=waits.pause)
    for number in range(5):
        await _fail(delaying, Key("network", f"n{number}"), ACCOUNT)

    assert waits.seconds == [0.5, 1.0]


async def test_many_guesses_at_once_do_not_pass_for_first_ones(clock: ManualClock, waits: Waits):
    delaying = Delaying(clock, pause=waits.pause)
    waits.may_go_on.clear()
    guessing = [asyncio.ensure_future(_fail(delaying, *BOTH)) for _ in range(7)]
    await asyncio.sleep(0)
    waits.may_go_on.set()
    await asyncio.gather(*guessing)

    assert waits.seconds == [0.5, 1.0, 2.0, 4.0]


async def test_who_comes_when_too_many_wait_is_held_back_and_told_when_to_come_back(
    clock: ManualClock, waits: Waits
):
    delaying = Delaying(clock, pause=waits.pause)
    await _fail(delaying, *BOTH, times=3)
    waits.may_go_on.clear()
    waiting = [asyncio.ensure_future(_fail(delaying, *BOTH)) for _ in range(4)]
    await asyncio.sleep(0)
    refused = asyncio.ensure_future(_fail(delaying, *BOTH))
    await asyncio.sleep(0)
    waits.may_go_on.set()

    with pytest.raises(TooManyRequestsError) as refusal:
        await refused
    await asyncio.gather(*waiting)

    assert waits.seconds[-1] == 1.0
    assert refusal.value.fields["retry_after_s"] == 8


async def test_a_right_password_forgives_the_mistakes_that_were_made_at_this_account(
    clock: ManualClock, waits: Waits
):
    delaying = Delaying(clock, pause=waits.pause)
    await _fail(delaying, *BOTH, times=4)
    async with delaying.attempt(*BOTH) as attempt:
        attempt.is_success = True
    await _fail(delaying, *BOTH)

    assert waits.seconds == [0.5, 1.0]


async def test_ones_own_right_password_does_not_hide_guesses_at_somebody_else(
    clock: ManualClock, waits: Waits
):
    delaying = Delaying(clock, pause=waits.pause)
    await _fail(delaying, *BOTH, times=4)
    own = (NETWORK, Key("account", "bea@example.com"))
    async with delaying.attempt(*own) as attempt:
        attempt.is_success = True
    await _fail(delaying, *BOTH)

    assert waits.seconds == [0.5, 1.0, 1.0]


async def test_the_owner_who_gets_in_from_elsewhere_hides_no_guesses(
    clock: ManualClock, waits: Waits
):
    delaying = Delaying(clock, pause=waits.pause)
    await _fail(delaying, *BOTH, times=4)
    async with delaying.attempt(Key("network", "198.51.100.0/24"), ACCOUNT) as attempt:
        attempt.is_success = True
    await _fail(delaying, *BOTH)

    assert waits.seconds == [0.5, 1.0, 1.0]


async def test_failures_are_forgotten_after_twelve_hours(clock: ManualClock, waits: Waits):
    delaying = Delaying(clock, pause=waits.pause)
    await _fail(delaying, *BOTH, times=3)
    clock.advance(FORGOTTEN_AFTER_S)
    await _fail(delaying, *BOTH)

    assert waits.seconds == []


async def test_the_memory_of_failures_is_bounded(clock: ManualClock, waits: Waits):
    delaying = Delaying(clock, pause=waits.pause)
    for number in range(20_100):
        await _fail(delaying, Key("network", str(number)))

    assert len(delaying._failures) == 20_000
