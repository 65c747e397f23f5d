import pytest

from tests.accounts.house import ANA, Running
from tests.accounts.people import BEA, add_person
from tests.accounts.signed_in import Person, code_of, noted, signed_in

NEW = "a wholly other phrase"


@pytest.fixture
async def ana(owned: Running) -> Person:
    return await signed_in(owned)


async def _codes(person: Person) -> list[str]:
    answer = await person.ask("POST", "/auth/recovery")
    assert answer.status_code == 200, answer.text
    codes: list[str] = answer.json()["codes"]
    return codes


async def _recover(running: Running, recovery_code: str, **more: str):
    body = {"email": ANA.email, "recovery_code": recovery_code, "password": NEW, **more}
    return await running.client.post("/auth/recover", json=body)


async def test_the_owner_comes_back_in_by_a_code_on_paper(ana: Person):
    codes = await _codes(ana)

    answer = await _recover(ana.running, codes[3])

    running = ana.running
    assert (answer.status_code, answer.json()["user"]["email"]) == (200, ANA.email)
    assert await running.status_of_me(answer.json()["access_token"]) == 200
    assert await running.status_of_me(ana.tokens["access_token"]) == 401
    login = {"email": ANA.email, "password": NEW}
    assert (await running.client.post("/auth/login", json=login)).status_code == 200
    assert noted(running, "password.changed")[0].entry.details == {"kind": "recovery"}


async def test_a_code_on_paper_recovers_once(ana: Person):
    codes = await _codes(ana)
    await _recover(ana.running, codes[0])

    assert code_of(await _recover(ana.running, codes[0])) == (401, "wrong_recovery_code")


async def test_new_codes_on_paper_make_the_old_ones_void(ana: Person):
    old = await _codes(ana)
    await _codes(ana)

    assert code_of(await _recover(ana.running, old[0])) == (401, "wrong_recovery_code")


async def test_with_a_second_factor_recovering_takes_two_codes(ana: Person):
    codes = await ana.switch_on()
    missing = await _recover(ana.running, codes[0])
    same = await _recover(ana.running, codes[0], code=codes[0])
    wrong = await _recover(ana.running, codes[0], code="000000")

    two = await _recover(ana.running, codes[0], code=codes[1])

    assert code_of(missing) == (401, "mfa_code_missing")
    assert code_of(same) == (401, "wrong_code")
    assert code_of(wrong) == (401, "wrong_code")
    assert two.status_code == 200


async def test_a_code_of_the_app_is_as_good_as_the_second_code(ana: Person):
    codes = await ana.switch_on()

    assert (await _recover(ana.running, codes[0], code=ana.code())).status_code == 200


async def test_only_the_owner_recovers_by_paper(owned: Running):
    await add_person(owned.box)
    bea = await signed_in(owned, BEA)
    codes = await _codes(bea)

    answer = await _recover(owned, codes[0], email=BEA.email)

    assert code_of(answer) == (401, "wrong_recovery_code")


async def test_a_refused_password_uses_up_no_code(ana: Person):
    codes = await _codes(ana)
    common = await _recover(ana.running, codes[0], password="12345678")

    assert code_of(common) == (422, "password_common")
    assert (await _recover(ana.running, codes[0])).status_code == 200


async def test_guessed_codes_on_paper_are_slowed_down(ana: Person):
    for _ in range(5):
        await _recover(ana.running, "ABCD-EFGH-JKLM-NPQR")

    assert ana.running.box.waits_s == [0.5, 1.0]
