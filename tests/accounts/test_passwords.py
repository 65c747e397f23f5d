import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest

from appliance.accounts.passwords import Comparison, Passwords, compared, hashed
from appliance.base.errors import TooManyRequestsError
from tests.waiting import until

PEPPER = b"p" * 32
CHEAP = 4


def test_a_password_matches_its_hash_and_no_other_does():
    stored = hashed("seven grey herons", PEPPER, cost=CHEAP)

    assert compared("seven grey herons", stored, PEPPER, cost=CHEAP) == Comparison(matches=True)
    assert not compared("seven grey heronS", stored, PEPPER, cost=CHEAP).matches
    assert not compared("seven grey herons", stored, b"q" * 32, cost=CHEAP).matches


def test_the_same_password_has_another_hash_each_time():
    assert hashed("x" * 8, PEPPER, cost=CHEAP) != hashed("x" * 8, PEPPER, cost=CHEAP)


@pytest.mark.parametrize("password", ["ü" * 64, "x" * 200, "a\x00b" * 40])
def test_what_stands_after_the_72nd_byte_matters(password: str):
    stored = hashed(password + "1", PEPPER, cost=CHEAP)

    assert compared(password + "1", stored, PEPPER, cost=CHEAP).matches
    assert not compared(password + "2", stored, PEPPER, cost=CHEAP).matches


def test_plain_bcrypt_would_not_have_seen_the_difference():
    # The control: the trap is real, and old hashes from other systems are in it.
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(CHEAP)).decode()

    assert compared("x" * 200, stored, PEPPER, cost=CHEAP).matches


@pytest.mark.parametrize("version", ["2a", "2b", "2y"])
def test_an_imported_hash_matches_and_is_made_better(version: str):
    imported = bcrypt.hashpw("contraseña ñ".encode(), bcrypt.gensalt(CHEAP)).decode()
    stored = f"${version}{imported[3:]}"

    comparison = compared("contraseña ñ", stored, PEPPER, cost=CHEAP)

    assert comparison.matches
    assert comparison.better_hash is not None
    assert compared("contraseña ñ", comparison.better_hash, PEPPER, cost=CHEAP) == Comparison(
        matches=True
    )
    assert compared("another one", stored, PEPPER, cost=CHEAP) == Comparison(matches=False)


def test_a_hash_of_a_lower_cost_is_made_better():
    comparison = compared("x" * 8, hashed("x" * 8, PEPPER, cost=4), PEPPER, cost=5)

    assert comparison.better_hash is not None
    assert comparison.better_hash.startswith("hmac-sha256-bcrypt:$2b$05$")


@pytest.mark.parametrize("stored", ["", "plain text", "hmac-sha256-bcrypt:x", "$2b$04$short"])
def test_a_damaged_hash_matches_nothing(stored: str):
    assert compared(stored, stored, PEPPER, cost=CHEAP) == Comparison(matches=False)


def test_an_unknown_person_costs_as_much_as_a_known_one():
    cost = 9
    known = _cpu_s(
        lambda: compared("x" * 8, hashed_once, PEPPER, cost=cost),
        hashed_once := hashed("y" * 8, PEPPER, cost=cost),
    )
    unknown = _cpu_s(lambda: compared("x" * 8, None, PEPPER, cost=cost), None)

    # Without the work for nobody it is a thousandth.
    assert 0.4 < unknown / known < 2.5


async def test_the_thread_hashes_and_compares():
    passwords = Passwords(PEPPER, cost=CHEAP)
    stored = await passwords.hashed("seven grey herons")

    assert (await passwords.compare("seven grey herons", stored)).matches
    assert not (await passwords.compare("seven grey herons", None)).matches
    passwords.close()


async def test_who_comes_when_all_places_are_taken_is_told_when_to_come_back():
    passwords = Passwords(PEPPER, cost=CHEAP, waiting_places=2)
    gate = threading.Event()
    passwords._thread.submit(gate.wait)
    hashing = [asyncio.ensure_future(passwords.hashed("x" * 8)) for _ in range(5)]
    await until(lambda: sum(task.done() for task in hashing) == 2)
    gate.set()

    answers = await asyncio.gather(*hashing, return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, TooManyRequestsError)]
    assert len(refused) == 2
    assert refused[0].fields["retry_after_s"] == 1
    passwords.close()


async def test_who_is_known_comes_before_all_who_are_not():
    passwords = Passwords(PEPPER, cost=CHEAP)
    gate, order = threading.Event(), list[str]()
    passwords._thread.submit(gate.wait)

    async def hash_for(name: str, *, is_known: bool) -> None:
        await passwords.hashed("x" * 8, is_known=is_known)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(hash_for(f"stranger {number}", is_known=False))
        await asyncio.sleep(0)
        group.create_task(hash_for("the owner", is_known=True))
        await asyncio.sleep(0)
        gate.set()

    # The first stranger was in the thread's queue already.
    assert order[:2] == ["stranger 0", "the owner"]
    passwords.close()


async def test_strangers_who_take_all_their_places_take_none_of_those_who_are_known():
    passwords = Passwords(PEPPER, cost=CHEAP, waiting_places=2)
    gate = threading.Event()
    passwords._thread.submit(gate.wait)
    strangers = [asyncio.ensure_future(passwords.hashed("x" * 8)) for _ in range(5)]
    await until(lambda: sum(task.done() for task in strangers) == 2)
    known = asyncio.ensure_future(passwords.hashed("x" * 8, is_known=True))
    await asyncio.sleep(0)
    gate.set()

    assert await known
    await asyncio.gather(*strangers, return_exceptions=True)
    passwords.close()


async def test_places_become_free_again_also_after_callers_who_left():
    passwords = Passwords(PEPPER, cost=CHEAP, waiting_places=2)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(passwords.hashed("x" * 8)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()

    await until(lambda: passwords._unknown._taken == 0)

    assert await passwords.hashed("x" * 8)
    passwords.close()


async def test_the_event_loop_goes_on_while_a_password_is_hashed():
    passwords = Passwords(PEPPER, cost=11)
    hashing = asyncio.ensure_future(passwords.hashed("x" * 8))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 100
    passwords.close()


def _cpu_s(work: object, _stored: object) -> float:
    def measured() -> float:
        before_s = time.thread_time()
        assert callable(work)
        work()
        return time.thread_time() - before_s

    with ThreadPoolExecutor(1) as thread:
        return min(thread.submit(measured).result() for _ in range(3))
