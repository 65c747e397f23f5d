import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts.common_passwords import is_common
from appliance.accounts.model import (
    RefreshDecision,
    Session,
    check_password,
    checked_language,
    checked_name,
    normalised_email,
    refresh_decision,
)
from appliance.base.errors import InvalidValueError
from tests.fakes.clock import DEFAULT_START

SESSION = Session(
    id="s",
    user_id="u",
    generation=5,
    created_at=DEFAULT_START,
    rotated_at=DEFAULT_START,
    expires_at=DEFAULT_START + timedelta(days=7),
)
seconds = st.integers(min_value=-30 * 24 * 3600, max_value=30 * 24 * 3600)
local_parts = st.text(alphabet="abcXYZ019._+-ñÜß", min_size=1, max_size=40)
domains = st.from_regex(r"[a-zA-Z0-9]{1,20}(\.[a-zA-Z]{2,6}){0,2}", fullmatch=True)
word = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=20)


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  Ana.Pérez+box@Example.COM\t", "ana.pérez+box@example.com"),
        ("admin@localhost", "admin@localhost"),
        ("JOSÉ@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
    ],
)
def test_an_email_has_one_spelling(typed: str, normalised: str):
    assert normalised_email(typed) == normalised


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example@com",
        "ana b@example.com",
        "ana@exa\x00mple.com",
        "ana@exa\ud800mple.com",
        "Ana <ana@example.com>",
        "ana@.example.com",
        "ana@example.com.",
        "ana@example..com",
        "ana@" + "x" * 251,
    ],
)
def test_what_does_not_look_like_an_email_is_refused(typed: str):
    with pytest.raises(InvalidValueError) as caught:
        normalised_email(typed)

    assert (caught.value.code, caught.value.fields["field"]) == ("email_invalid", "email")


@given(local=local_parts, domain=domains)
def test_normalising_an_email_twice_changes_nothing(local: str, domain: str):
    try:
        once = normalised_email(f"{local}@{domain}")
    except InvalidValueError:
        return

    assert normalised_email(once) == once


@given(st.text())
def test_any_text_is_an_email_of_at_most_254_characters_or_refused(text: str):
    try:
        email = normalised_email(text)
    except InvalidValueError:
        return

    assert len(email) <= 254
    assert email.count("@") == 1
    assert email == email.casefold().strip()


@given(st.text(max_size=150))
def test_a_name_that_passes_can_be_shown_on_one_line(text: str):
    try:
        name = checked_name(text)
    except InvalidValueError:
        return

    assert 1 <= len(name) <= 100
    assert name == name.strip()
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cs"}


@pytest.mark.parametrize("name", ["Ana", "李小龍", "Zoë O’Neill-García", "👩‍🚀 Val", "x" * 100])
def test_names_of_all_kinds_are_welcome(name: str):
    assert checked_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b", "a\u202eb", "a\u2028b"])
def test_names_that_cannot_be_shown_are_refused(name: str):
    with pytest.raises(InvalidValueError):
        checked_name(name)


def test_a_refused_language_is_named_with_those_that_are_spoken():
    with pytest.raises(InvalidValueError, match="'fr'; allowed are 'es' and 'en'"):
        checked_language("fr")


@pytest.mark.parametrize(
    "password",
    [
        "seven grey herons",
        "ü" * 64,
        "x" * 200,
        "        x",
        "8f3k2m9q",
        "🔑🔑🔑🔑🔑🔑🔑🔑",
        "ana likes green tea",
        "my node is fast",
    ],
)
def test_passwords_need_length_and_nothing_else(password: str):
    check_password(password, email="ana@example.com", name="Ana")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567", "password_length"),
        ("x" * 257, "password_length"),
        ("PassWord1", "password_common"),
        ("12345678", "password_common"),
        ("contraseña", "password_common"),
        ("ana@example.com", "password_personal"),
        ("Margarita.Solis", "password_personal"),
        ("margaritasolis1", "password_personal"),
        ("solis-2026", "password_personal"),
        ("nodonodo", "password_personal"),
        ("Nodo2026!", "password_personal"),
        ("nodo-appliance", "password_personal"),
        ("abc\ud800defghi", "password_invalid"),
    ],
)
def test_easily_guessed_passwords_are_refused(password: str, code: str):
    with pytest.raises(InvalidValueError) as caught:
        check_password(password, email="ana@example.com", name="Margarita Solis")

    assert (caught.value.code, caught.value.fields["field"]) == (code, "password")


@given(password=st.text(min_size=0, max_size=300), name=word)
def test_a_refusal_of_a_password_says_what_is_allowed_and_not_the_password(
    password: str, name: str
):
    try:
        check_password(password, email=f"{name}@example.com", name=name)
    except InvalidValueError as refusal:
        said = refusal.message + refusal.hint
        assert "allowed" in said or "type it again" in said
        assert len(password) < 8 or password not in said
    else:
        assert 8 <= len(password) <= 256


@given(words=st.lists(word, min_size=3, max_size=6), name=word)
def test_a_sentence_with_ones_name_in_it_is_a_good_password(words: list[str], name: str):
    sentence = " ".join([*(f"{text}{number}" for number, text in enumerate(words)), "zqj0zqj1z"])
    check_password(f"{name} {sentence}"[-256:], email="a@example.com", name=name)


@pytest.mark.parametrize("password", ["sunshine1", "Contraseña1", "1QAZ2WSX", "realmadrid"])
def test_passwords_of_leaks_and_of_spanish_offices_are_common(password: str):
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["", "una puerta verde", "12345678\n123456789", "sunshine"[:7]]
)
def test_other_texts_are_not_common_passwords(password: str):
    assert not is_common(password)


@given(passed_s=st.integers(min_value=0, max_value=7 * 24 * 3600 - 1))
def test_the_newest_token_is_rotated_for_as_long_as_the_sign_in_lasts(passed_s: int):
    assert _decided(5, passed_s) is RefreshDecision.ROTATE


@given(passed_s=st.integers(min_value=-10, max_value=10))
def test_the_token_before_it_gets_the_same_successor_for_ten_seconds(passed_s: int):
    assert _decided(4, passed_s) is RefreshDecision.REPEAT


@given(passed_s=st.integers(min_value=11, max_value=7 * 24 * 3600 - 1))
def test_after_that_it_ends_the_sign_in(passed_s: int):
    assert _decided(4, passed_s) is RefreshDecision.REVOKE


@given(generation=st.integers().filter(lambda number: number not in {4, 5}))
def test_any_other_generation_ends_the_sign_in_at_once(generation: int):
    assert _decided(generation, 0) is RefreshDecision.REVOKE


@given(generation=st.integers(), passed_s=seconds)
def test_a_sign_in_that_has_ended_gives_nothing_out(generation: int, passed_s: int):
    ended = replace(SESSION, ended_at=DEFAULT_START)

    now = DEFAULT_START + timedelta(seconds=passed_s)
    assert refresh_decision(ended, generation=generation, now=now) is RefreshDecision.REFUSE


@given(generation=st.integers(), late_s=st.integers(min_value=0, max_value=10**7))
def test_a_sign_in_that_has_expired_gives_nothing_out(generation: int, late_s: int):
    now = SESSION.expires_at + timedelta(seconds=late_s)

    assert refresh_decision(SESSION, generation=generation, now=now) is RefreshDecision.REFUSE


def _decided(generation: int, passed_s: int) -> RefreshDecision:
    now = DEFAULT_START + timedelta(seconds=passed_s)
    return refresh_decision(SESSION, generation=generation, now=now)
