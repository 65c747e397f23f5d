from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts.devices import KnownDevices, device_words
from appliance.accounts.model import User
from tests.fakes.clock import DEFAULT_START, ManualClock
from tests.fakes.ids import CountingIds

ANA = User("u-1", "ana@example.com", "Ana", "admin", "es", "x", 1, DEFAULT_START)
BEA = replace(ANA, id="u-2")


def _devices(clock: ManualClock, key: bytes = b"k" * 32) -> KnownDevices:
    return KnownDevices(key, clock=clock, ids=CountingIds())


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge · Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari · iPhone",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_device_is_named_in_a_few_words(user_agent: str, words: str):
    assert device_words(user_agent) == words


@given(user_agent=st.text(max_size=500))
def test_whatever_a_client_calls_itself_becomes_a_short_line(user_agent: str):
    words = device_words(user_agent)

    assert len(words) <= 60
    assert words.isprintable()


def test_a_device_is_known_for_whom_it_has_signed_in(clock: ManualClock):
    devices = _devices(clock)
    cookie = devices.renewed("", ANA)

    known = devices.find_known(cookie, ANA)

    assert known is not None
    assert devices.find_device(cookie) == known.device_id
    assert devices.find_known(cookie, BEA) is None


def test_a_browser_that_several_people_use_is_known_for_each(clock: ManualClock):
    devices = _devices(clock)
    cookie = devices.renewed(devices.renewed("", ANA), BEA)

    of_ana, of_bea = devices.find_known(cookie, ANA), devices.find_known(cookie, BEA)

    assert of_ana is not None
    assert of_bea is not None
    assert of_ana.device_id == of_bea.device_id


def test_a_device_is_not_known_for_another_password(clock: ManualClock):
    devices = _devices(clock)
    cookie = devices.renewed("", ANA)

    assert devices.find_known(cookie, replace(ANA, password_version=2)) is None


def test_a_device_is_forgotten_after_half_a_year(clock: ManualClock):
    devices = _devices(clock)
    cookie = devices.renewed("", ANA)
    clock.advance(180 * 24 * 3600)

    assert devices.find_device(cookie) is None


def test_a_cookie_of_another_box_is_of_no_use(clock: ManualClock):
    cookie = _devices(clock, b"o" * 32).renewed("", ANA)

    assert _devices(clock).find_device(cookie) is None


def test_a_cookie_for_oneself_cannot_be_made_one_for_somebody_else(clock: ManualClock):
    devices = _devices(clock)
    cookie = devices.renewed("", BEA).replace("u-2", "u-1")

    assert devices.find_known(cookie, ANA) is None


def test_a_cookie_stays_small_however_many_people_sign_in(clock: ManualClock):
    devices, cookie = _devices(clock), ""
    people = [replace(ANA, id=f"00000000-0000-7000-8000-{n:012x}") for n in range(50)]
    for person in people:
        cookie = devices.renewed(cookie, person)

    assert len(cookie) < 2048
    assert devices.find_known(cookie, people[-1]) is not None


@given(cookie=st.text(max_size=3000))
def test_no_text_that_somebody_sends_is_a_known_device(cookie: str):
    assert _devices(ManualClock()).find_device(cookie) is None
