import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts.totp import matching_step, secret_of
from appliance.base.database.database import Database
from tests.accounts.house import BROWSER, Box, Running
from tests.accounts.signed_in import Person, begun, code_of, noted, signed_in, verify

# RFC 6238, appendix B, cut to six digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1234567890, "005924"),
    (20000000000, "353130"),
]


@pytest.fixture
async def ana(owned: Running) -> Person:
    return await signed_in(owned)


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_standard(seconds: int, code: str):
    now = datetime.fromtimestamp(seconds, UTC)

    assert matching_step(RFC_SECRET, code, now=now, after_step=0) == seconds // 30


@pytest.mark.parametrize(
    ("late_s", "is_taken"), [(-31, False), (-1, True), (59, True), (61, False)]
)
def test_a_code_is_taken_half_a_minute_early_or_late(late_s: int, is_taken: bool):
    now = datetime.fromtimestamp(59 - 59 % 30 + late_s, UTC)

    assert (matching_step(RFC_SECRET, "287082", now=now, after_step=0) is not None) is is_taken


@given(typed=st.text(max_size=40))
def test_no_other_text_is_a_code(typed: str):
    now = datetime.fromtimestamp(59, UTC)
    taken = matching_step(RFC_SECRET, typed, now=now, after_step=0)

    assert taken is None or "".join(typed.split()) in {"755224", "287082", "359152"}


def test_each_start_makes_another_secret():
    assert secret_of(b"k", "u-1", "1") != secret_of(b"k", "u-1", "2")
    assert secret_of(b"k", "u-1", "1") != secret_of(b"other", "u-1", "1")


async def test_the_second_factor_is_begun_and_confirmed_by_a_code(ana: Person):
    started = (await ana.ask("POST", "/auth/mfa/start")).json()
    before = (await ana.ask("GET", "/auth/mfa")).json()
    codes = await ana.switch_on()

    after = (await ana.ask("GET", "/auth/mfa")).json()
    assert started["otpauth_uri"].startswith("otpauth://totp/Nodo:ana%40example.com?secret=")
    assert started["qr_svg"].startswith("<svg")
    assert before == {"enabled": False, "since": None, "recovery_codes_left": 0}
    assert (after["enabled"], after["recovery_codes_left"], len(set(codes))) == (True, 8, 8)
    assert (await ana.ask("GET", "/auth/me")).json()["mfa_enabled"] is True


async def test_a_wrong_first_code_switches_nothing_on(ana: Person):
    await ana.ask("POST", "/auth/mfa/start")
    answer = await ana.ask("POST", "/auth/mfa/confirm", code="000000")

    assert code_of(answer) == (422, "wrong_code")
    assert (await ana.ask("GET", "/auth/me")).json()["mfa_enabled"] is False


async def test_signing_in_takes_two_steps(any_database: Database, tmp_path_factory):
    box = Box(any_database, tmp_path_factory.mktemp("box"))
    async with box.running() as running:
        await running.set_up()
        ana = await signed_in(running)
        await ana.switch_on()
        token = await begun(running)

        entered = await verify(running, token, ana.code())

        assert entered.status_code == 200
        assert await running.status_of_me(entered.json()["access_token"]) == 200


async def test_a_code_lets_in_once(ana: Person):
    await ana.switch_on()
    code = ana.code()
    await verify(ana.running, await begun(ana.running), code)

    again = await verify(ana.running, await begun(ana.running), code)

    assert code_of(again) == (401, "wrong_code")


async def test_a_code_on_paper_lets_in_once_however_it_is_typed(ana: Person):
    paper = (await ana.switch_on())[0]
    typed = f" {paper.lower().replace('-', ' ')} "
    first = await verify(ana.running, await begun(ana.running), typed)
    again = await verify(ana.running, await begun(ana.running), paper)

    assert (first.status_code, code_of(again)) == (200, (401, "wrong_code"))
    assert (await ana.ask("GET", "/auth/recovery")).json()["left"] == 7


async def test_the_token_of_the_second_step_ends_after_five_tries(ana: Person):
    await ana.switch_on()
    token = await begun(ana.running)
    refusals = [code_of(await verify(ana.running, token, "000000")) for _ in range(6)]

    assert refusals == [(401, "wrong_code")] * 5 + [(401, "mfa_expired")]
    assert len(noted(ana.running, "login.refused")) == 5


async def test_the_token_of_the_second_step_ends_after_five_minutes(ana: Person):
    await ana.switch_on()
    token = await begun(ana.running)
    ana.running.box.clock.advance(300)

    assert code_of(await verify(ana.running, token, ana.code())) == (401, "mfa_expired")


async def test_guessed_codes_are_slowed_down_also_with_ever_new_tokens(ana: Person):
    await ana.switch_on()
    for _ in range(5):
        await verify(ana.running, await begun(ana.running), "000000")

    assert ana.running.box.waits_s == [0.5, 1.0]


async def test_guesses_of_others_do_not_slow_down_the_second_step_of_ones_own_device(ana: Person):
    await ana.switch_on()
    running = ana.running
    body = {"mfa_token": await begun(running), "code": ana.code()}
    # A browser's answer carries the cookie by which the device is known from now on.
    first = await running.client.post("/auth/mfa/verify", json=body, headers=BROWSER)
    running.box.clock.advance(30)
    async with running.new_client() as guesser:
        for _ in range(6):
            guess = {"mfa_token": await begun(running), "code": "000000"}
            await guesser.post("/auth/mfa/verify", json=guess)
    waits_of_others_s = list(running.box.waits_s)

    second = await verify(running, await begun(running), ana.code())

    assert (first.status_code, second.status_code) == (200, 200)
    assert waits_of_others_s == [0.5, 1.0, 2.0]
    assert running.box.waits_s == waits_of_others_s


async def test_a_password_that_changed_between_the_steps_lets_nobody_in(ana: Person):
    await ana.switch_on()
    token = await begun(ana.running)
    change = {"current_password": "correct horse battery", "new_password": "another long phrase"}
    await ana.ask("POST", "/auth/password", **change)

    assert code_of(await verify(ana.running, token, ana.code())) == (401, "mfa_expired")


async def test_the_second_factor_is_switched_off_by_its_person(ana: Person):
    await ana.switch_on()
    answer = await ana.ask("POST", "/auth/mfa/disable")

    assert answer.status_code == 204
    assert (await ana.running.login())["access_token"]
    assert [entry.entry.action for entry in noted(ana.running, "mfa")] == [
        "mfa.enabled",
        "mfa.disabled",
    ]


async def test_another_phone_needs_the_first_to_be_switched_off(ana: Person):
    await ana.switch_on()

    assert code_of(await ana.ask("POST", "/auth/mfa/start")) == (409, "mfa_enabled")


async def test_what_is_sensitive_needs_a_fresh_proof(ana: Person):
    ana.running.box.clock.advance(15 * 60)
    refused = await ana.ask("POST", "/auth/mfa/start")
    wrong = await ana.ask("POST", "/auth/confirm", password="not the password")
    proof = await ana.ask("POST", "/auth/confirm", password="correct horse battery")
    started = await ana.ask("POST", "/auth/mfa/start")

    assert code_of(refused) == (403, "confirmation_needed")
    assert code_of(wrong) == (403, "wrong_password")
    assert (proof.status_code, started.status_code) == (204, 200)


async def test_with_a_second_factor_a_proof_needs_it_too(ana: Person):
    await ana.switch_on()
    password = "correct horse battery"
    missing = await ana.ask("POST", "/auth/confirm", password=password)
    wrong = await ana.ask("POST", "/auth/confirm", password=password, code="000000")
    right = await ana.ask("POST", "/auth/confirm", password=password, code=ana.code())

    assert code_of(missing) == (403, "mfa_code_missing")
    assert code_of(wrong) == (403, "wrong_code")
    assert right.status_code == 204


async def test_the_database_holds_no_code_and_no_secret(ana: Person):
    codes = await ana.switch_on()
    content = (ana.running.box.folder / "nodo.db").read_bytes()
    content += (ana.running.box.folder / "nodo.db-wal").read_bytes()

    assert ana.secret.encode() not in content
    assert codes[0].encode() not in content
    assert codes[0].replace("-", "").encode() not in content
