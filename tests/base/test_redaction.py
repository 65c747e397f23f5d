"""Redaction: no canary gets through, and ordinary text does."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.redaction import HIDDEN, Redactor

_CANARY = "hunter2canary"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {_CANARY}",
        f"authorization=Basic {_CANARY}==",
        f"{{'Authorization': 'Bearer {_CANARY}', 'host': 'x'}}",
        f"Cookie: a=1; nodo_refresh={_CANARY}; b=2",
        f"set-cookie: nodo_refresh={_CANARY}; HttpOnly",
        f"Bearer {_CANARY}",
        f"password={_CANARY}",
        f"password: {_CANARY}",
        f'{{"password": "{_CANARY} with spaces", "name": "Ana"}}',
        f"passwd='{_CANARY}'",
        f"new_password={_CANARY}&name=x",
        f"POST /x?access_token={_CANARY}&a=b",
        f"refresh_token {{'refresh_token': '{_CANARY}'}}",
        f"client_secret={_CANARY}",
        f"WHATSAPP_APP_SECRET={_CANARY}",
        f"api_key: {_CANARY}",
        f"X-Api-Key: {_CANARY}",
        f"key={_CANARY}",
        f"postgresql://nodo:{_CANARY}@db.example.org/nodo",
        f"redis://:{_CANARY}@127.0.0.1:6379/0",
        f"https://{_CANARY}@example.org/x",
        f"sk-{_CANARY}0123456789",
        f"hf_{_CANARY}0123456789",
        f"nodo_0a1b2c3d_{_CANARY}0123456789",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert _CANARY not in Redactor().text(text)


def test_tokens_are_hidden_wherever_they_stand() -> None:
    secret = "aB3_" * 10 + "xyz"

    assert Redactor().text(f"got ({_JWT}) and {secret}.") == f"got ({HIDDEN}) and {HIDDEN}."


def test_an_address_keeps_its_first_letter_and_its_host() -> None:
    assert Redactor().text("mail to ana.garcia@example.org now") == "mail to a…@example.org now"


def test_a_registered_value_is_hidden_in_every_form() -> None:
    redactor = Redactor()
    redactor.hide("p@ss/wörd")

    assert redactor.text("a p@ss/wörd b p%40ss%2Fw%C3%B6rd") == f"a {HIDDEN} b {HIDDEN}"


@pytest.mark.parametrize(
    "text",
    [
        "model qwen3-4b loaded in 3.2 s",
        "GET /conversations/0190b0f4-0000-7000-8000-000000000001",
        "prompt has 812 tokens of 8192",
        "the keyboard is a monkey",
        "port 99999 is outside 0–65535",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    assert Redactor().text(text) == text


def test_fields_are_hidden_by_name_at_any_depth_but_numbers_pass() -> None:
    value = {
        "user": {"password": _CANARY, "name": "Ana"},
        "list": [{"token": _CANARY}],
        "prompt_tokens": 12,
    }

    assert Redactor().value("data", value) == {
        "user": {"password": HIDDEN, "name": "Ana"},
        "list": [{"token": HIDDEN}],
        "prompt_tokens": 12,
    }


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_registered_secret_never_gets_through(before: str, after: str) -> None:
    redactor = Redactor()
    redactor.hide(_CANARY)

    assert _CANARY not in redactor.text(f"{before}{_CANARY}{after}")


@pytest.mark.parametrize("unit", ["a", "a.", "password", "eyJ", "://", "x@", "key=", "a-"])
def test_long_text_takes_linear_time(unit: str) -> None:
    text = unit * (64_000 // len(unit))
    redactor = Redactor()

    started_s = time.process_time()
    redactor.text(text)

    assert time.process_time() - started_s < 1.0


def test_a_secret_that_is_told_later_is_hidden_in_a_text_that_went_through_before() -> None:
    redactor = Redactor()
    before = redactor.text(f"plain {_CANARY} in words")

    redactor.hide(_CANARY)

    assert _CANARY in before
    assert redactor.text(f"plain {_CANARY} in words") == f"plain {HIDDEN} in words"
