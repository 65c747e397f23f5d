import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.accounts.model import Session, User
from appliance.accounts.tokens import AccessTokens, RefreshClaims, RefreshTokens
from appliance.base.errors import SettingError, UnauthenticatedError
from appliance.base.ids import SystemIds
from tests.fakes.clock import DEFAULT_START, ManualClock

KEY = b"k" * 32
USER = User(
    id="u-1",
    email="ana@example.com",
    name="Ana",
    role="admin",
    language="es",
    password_hash="",
    token_version=3,
    created_at=DEFAULT_START,
)
SESSION = Session(
    id="s-1",
    user_id="u-1",
    generation=4,
    created_at=DEFAULT_START,
    rotated_at=DEFAULT_START,
    expires_at=DEFAULT_START + timedelta(days=7),
)


def test_an_access_token_says_whose_it_is_and_of_which_sign_in():
    token, valid_s = _tokens().issued(USER, SESSION)

    claims = _tokens().read(token)

    issued_at_s = int(DEFAULT_START.timestamp())
    assert valid_s == 1800
    assert (claims.user_id, claims.session_id, claims.token_version) == ("u-1", "s-1", 3)
    assert claims.expires_at_s == issued_at_s + 1800


def test_two_access_tokens_are_never_the_same():
    tokens = _tokens()

    assert tokens.issued(USER, SESSION)[0] != tokens.issued(USER, SESSION)[0]


@pytest.mark.parametrize("key", [b"", b"12345", b"x" * 31])
def test_a_short_key_is_refused(key: bytes):
    with pytest.raises(SettingError, match=f"has {len(key)} bytes; 32 or more"):
        AccessTokens(key, box_id="box-1", clock=ManualClock(), ids=SystemIds(ManualClock()))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "nodo:box-2"},
        {"aud": "nodo-dashboard"},
        {"aud": ["nodo-dashboard"]},
        {"typ": "refresh"},
        {"sub": 7},
        {"sid": None},
        {"ver": "3"},
        {"ver": True},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"jti": 1},
    ],
)
def test_a_well_signed_token_of_another_purpose_is_refused(change: dict[str, object]):
    with pytest.raises(UnauthenticatedError):
        _tokens().read(_signed({**_claims(), **change}))


@pytest.mark.parametrize("name", ["iss", "aud", "typ", "sub", "sid", "ver", "jti", "iat", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(name: str):
    claims = _claims()
    del claims[name]

    with pytest.raises(UnauthenticatedError):
        _tokens().read(_signed(claims))


def test_the_same_token_unchanged_is_taken():
    assert _tokens().read(_signed(_claims())).user_id == "u-1"


def test_a_token_of_the_future_is_taken_because_clocks_are_set_back():
    late = {**_claims(), "iat": 4_000_000_000, "exp": 4_000_001_800, "nbf": 4_000_000_000}

    assert _tokens().read(_signed(late)).user_id == "u-1"


@pytest.mark.parametrize("key", [b"x" * 32, b"your-256-bit-secret-your-256-bit", b"secret" * 8])
def test_a_token_signed_with_another_key_is_refused(key: bytes):
    with pytest.raises(UnauthenticatedError):
        _tokens().read(jwt.encode(_claims(), key, algorithm="HS256"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_without_a_signature_is_refused(algorithm: str):
    header = _part({"alg": algorithm, "typ": "JWT"})

    for signature in ("", "x"):
        with pytest.raises(UnauthenticatedError):
            _tokens().read(f"{header}.{_part(_claims())}.{signature}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused_even_with_our_key(algorithm: str):
    # Long enough for all three, so that the algorithm alone makes the difference.
    key = b"k" * 64
    tokens = AccessTokens(key, box_id="box-1", clock=ManualClock(), ids=SystemIds(ManualClock()))

    assert tokens.read(jwt.encode(_claims(), key, algorithm="HS256")).user_id == "u-1"
    with pytest.raises(UnauthenticatedError):
        tokens.read(jwt.encode(_claims(), key, algorithm=algorithm))


def test_a_key_that_comes_with_the_token_is_not_used():
    other = b"x" * 32
    header = {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(other).decode()}, "kid": "../x"}

    with pytest.raises(UnauthenticatedError):
        _tokens().read(jwt.encode(_claims(), other, algorithm="HS256", headers=header))


def test_a_changed_token_is_refused():
    header, payload, signature = _signed(_claims()).split(".")
    forged = _part({**_claims(), "sub": "u-2"})

    with pytest.raises(UnauthenticatedError):
        _tokens().read(f"{header}.{forged}.{signature}")
    assert _tokens().read(f"{header}.{payload}.{signature}").user_id == "u-1"


def test_an_access_token_expires_by_our_clock():
    clock = ManualClock()
    token, valid_s = _tokens(clock).issued(USER, SESSION)
    clock.advance(valid_s)

    with pytest.raises(UnauthenticatedError) as caught:
        _tokens(clock).read(token)

    assert caught.value.code == "token_expired"
    assert _tokens(clock).read_expired(token).session_id == "s-1"


@given(st.text())
@example("a.b.c")
@example("..")
@example("\ud800.\ud800.\ud800")
@example("x" * 5000)
@example(_deep := base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") + ".e30.x")
def test_any_other_text_is_refused_and_nothing_worse(text: str):
    with pytest.raises(UnauthenticatedError):
        _tokens().read(text)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), st.binary(max_size=40))
def test_any_header_and_payload_are_refused_and_nothing_worse(
    header: dict[str, str], payload: bytes
):
    text = f"{_part(header)}.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.AAAA"

    with pytest.raises(UnauthenticatedError):
        _tokens().read(text)


@given(
    sid=st.text(alphabet="0123456789abcdef-", min_size=1, max_size=36),
    generation=st.integers(min_value=0, max_value=999_999_999),
)
def test_a_refresh_token_says_which_one_it_is(sid: str, generation: int):
    session = Session(
        id=sid,
        user_id="u",
        generation=generation,
        created_at=DEFAULT_START,
        rotated_at=DEFAULT_START,
        expires_at=DEFAULT_START,
    )

    token = RefreshTokens(KEY).token_of(session)

    assert RefreshTokens(KEY).find(token) == RefreshClaims(sid, generation)
    assert RefreshTokens(KEY).token_of(session) == token
    assert RefreshTokens(b"x" * 32).find(token) is None


def test_a_refresh_token_with_another_number_or_spelling_is_nothing():
    token = RefreshTokens(KEY).token_of(SESSION)
    sid, number, seal = token.split(".")
    forged = [
        f"{sid}.5.{seal}",
        f"{sid}.04.{seal}",
        f"{sid}.+4.{seal}",
        f"{sid}.٤.{seal}",
        f"s-2.4.{seal}",
        f"{sid}.4.",
        f"{sid}.4",
        f"{token}=",
        f" {token}",
        f"{token}.x",
        f"{sid}.{'9' * 400}.{seal}",
    ]

    assert number == "4"
    assert [RefreshTokens(KEY).find(text) for text in forged] == [None] * len(forged)


@given(st.text())
@example("\ud800.1.x")
@example("..")
def test_any_other_text_is_no_refresh_token(text: str):
    assert RefreshTokens(KEY).find(text) is None


def _tokens(clock: ManualClock | None = None) -> AccessTokens:
    clock = clock or ManualClock()
    return AccessTokens(KEY, box_id="box-1", clock=clock, ids=SystemIds(clock))


def _claims() -> dict[str, Any]:
    issued_at_s = int(datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp())
    return {
        "iss": "nodo:box-1",
        "aud": "nodo-api",
        "typ": "access",
        "sub": "u-1",
        "sid": "s-1",
        "ver": 3,
        "jti": "j-1",
        "iat": issued_at_s,
        "exp": issued_at_s + 1800,
    }


def _signed(claims: Mapping[str, object]) -> str:
    # By hand: the library would refuse to sign some of these claims.
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    seal = base64.urlsafe_b64encode(hmac.digest(KEY, text.encode(), "sha256"))
    return f"{text}.{seal.decode().rstrip('=')}"


def _part(values: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
