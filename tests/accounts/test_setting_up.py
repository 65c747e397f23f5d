import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from appliance.accounts.keys import find_keys
from appliance.base.database.database import Database
from appliance.base.errors import SettingError
from tests.accounts.crew import owner_of
from tests.accounts.house import ANA, Box, Running, setup_body


async def test_a_new_box_waits_for_its_owner(fresh: Running):
    answer = await fresh.client.get("/setup")

    assert answer.json() == {"needed": True, "language": "es", "version": "1.2.3"}


async def test_the_owner_is_signed_in_as_administrator(fresh: Running):
    answer = await fresh.set_up()

    tokens = answer.json()
    user = tokens["user"]
    assert (answer.status_code, tokens["token_type"], tokens["expires_in"]) == (201, "bearer", 1800)
    assert user == {
        "id": user["id"],
        "email": "ana@example.com",
        "name": "Ana",
        "role": "admin",
        "language": "es",
        "created_at": "2026-03-02T09:00:00Z",
        "is_owner": True,
        "mfa_enabled": False,
        "conversations_may_be_read": False,
        "preferences": {},
    }
    assert await fresh.status_of_me(tokens["access_token"]) == 200


async def test_set_up_happens_once(owned: Running):
    again = await owned.client.post("/setup", json=setup_body("ABCD2345"))

    assert (again.status_code, again.json()["code"]) == (409, "setup_done")
    assert (await owned.client.get("/setup")).json()["needed"] is False


async def test_set_up_needs_its_code(fresh: Running):
    answer = await fresh.client.post("/setup", json=setup_body("WRONG222"))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, "setup_code_wrong")
    assert problem["tries_left"] == 4


async def test_the_code_may_be_typed_in_small_letters_with_a_hyphen(fresh: Running):
    code = fresh.box.codes[-1].lower()

    answer = await fresh.client.post("/setup", json=setup_body(f" {code[:4]}-{code[4:]} "))

    assert answer.status_code == 201


async def test_after_five_wrong_tries_the_old_code_is_worth_nothing(fresh: Running):
    first_code = fresh.box.codes[-1]
    for _ in range(5):
        await fresh.client.post("/setup", json=setup_body("WRONG222"))

    with_old_code = await fresh.client.post("/setup", json=setup_body(first_code))
    with_new_code = await fresh.set_up()

    assert len(fresh.box.codes) == 2
    assert (with_old_code.status_code, with_new_code.status_code) == (403, 201)


async def test_after_four_wrong_tries_the_code_still_works(fresh: Running):
    for _ in range(4):
        await fresh.client.post("/setup", json=setup_body("WRONG222"))

    assert (await fresh.set_up()).status_code == 201


async def test_a_code_is_replaced_and_announced_again_after_thirty_minutes(fresh: Running):
    first_code = fresh.box.codes[-1]
    fresh.box.clock.advance(30 * 60)

    await fresh.client.get("/setup")

    with_old_code = await fresh.client.post("/setup", json=setup_body(first_code))
    assert len(fresh.box.codes) == 2
    assert (with_old_code.status_code, (await fresh.set_up()).status_code) == (403, 201)


async def test_setting_the_clock_does_not_change_the_age_of_a_code(fresh: Running):
    fresh.box.clock.jump(24 * 3600)

    assert (await fresh.set_up()).status_code == 201


async def test_the_code_lies_in_a_private_file_until_the_box_is_set_up(fresh: Running):
    file = fresh.box.folder / "secrets" / "setup-code"
    content, mode = file.read_text(), stat.S_IMODE(file.stat().st_mode)

    await fresh.set_up()

    assert (content, mode) == (fresh.box.codes[-1] + "\n", 0o600)
    assert not file.exists()


async def test_each_start_has_a_code_of_its_own_until_the_box_is_set_up(box: Box):
    async with box.running():
        pass
    async with box.running() as running:
        await running.set_up()
    async with box.running():
        pass

    assert len(set(box.codes)) == 2


async def test_a_refused_password_leaves_code_and_box_as_they_were(fresh: Running):
    refused = await fresh.client.post(
        "/setup", json=setup_body(fresh.box.codes[-1], replace(ANA, password="12345678"))
    )

    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["field"]) == (
        422,
        "password_common",
        "password",
    )
    assert "12345678" not in refused.text
    assert (await fresh.set_up()).status_code == 201


@pytest.mark.parametrize("change", [{"role": "admin"}, {"email": 7}, {"language": "fr"}])
async def test_set_up_takes_nothing_but_what_it_asks_for(fresh: Running, change: dict[str, object]):
    body = {**setup_body(fresh.box.codes[-1]), **change}

    answer = await fresh.client.post("/setup", json=body)

    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(change)))
    assert ANA.password not in answer.text


async def test_of_fifty_who_set_up_at_once_exactly_one_becomes_owner(
    any_database: Database, tmp_path: Path
):
    box = Box(any_database, tmp_path)
    async with box.running() as running:
        answers = await asyncio.gather(*(_set_up_as(running, number) for number in range(50)))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 49
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "setup_done"
    }


async def test_two_processes_on_one_database_make_one_owner(any_database: Database, tmp_path: Path):
    # Each process has locks and codes of its own: here only the database can decide.
    one, other = Box(any_database, tmp_path), Box(any_database, tmp_path)
    async with one.running() as first, other.running() as second:
        answers = await asyncio.gather(
            *(_set_up_as(running, number) for number in range(10) for running in (first, second))
        )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_unattended_set_up_asks_for_no_code(box: Box):
    box.unattended = ANA
    async with box.running() as running:
        tokens = await running.login()
        needed = (await running.client.get("/setup")).json()["needed"]

    assert (box.codes, needed) == ([], False)
    assert tokens["user"]["role"] == "admin"  # type: ignore[index]


async def test_the_audit_log_begins_with_the_owner_who_set_the_box_up(fresh: Running):
    await fresh.set_up()
    owner = await owner_of(fresh)

    log = await fresh.client.get("/admin/audit", headers=owner.headers)

    first = log.json()["items"][-1]
    assert (first["action"], first["actor_name"], first["target_name"]) == (
        "user.created",
        "Ana",
        "Ana",
    )


async def test_the_audit_log_begins_with_the_owner_whom_the_settings_name(box: Box):
    box.unattended = ANA
    async with box.running() as running:
        owner = await owner_of(running)
        log = await running.client.get("/admin/audit", headers=owner.headers)

    first = log.json()["items"][-1]
    assert (first["action"], first["actor_name"], first["target_name"]) == (
        "user.created",
        "nodo",
        "Ana",
    )


async def test_unattended_set_up_leaves_a_box_with_an_owner_alone(box: Box):
    async with box.running() as running:
        await running.set_up()
    box.unattended = replace(ANA, password="1234")
    async with box.running() as running:
        tokens = await running.login()

    assert tokens["access_token"]


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"password": "12345678"}, "admin_password"),
        ({"email": "nobody"}, "admin_email"),
        ({"name": "a\x00b"}, "admin_name"),
        ({"language": "fr"}, "language"),
    ],
)
async def test_a_refused_unattended_value_stops_the_start(
    box: Box, change: dict[str, str], setting: str
):
    box.unattended = replace(ANA, **change)

    with pytest.raises(SettingError, match=f"with this {setting}:"):
        await box.running().__aenter__()


async def test_a_half_made_set_up_is_found_done_after_a_restart(box: Box):
    async with box.running() as running:
        await running.set_up()
    # As after a power cut between the commit and the removal of the file.
    file = box.folder / "secrets" / "setup-code"
    file.write_text("LEFTOVER\n")
    async with box.running():
        pass

    assert not file.exists()


async def test_the_keys_stay_the_same_over_restarts(box: Box):
    async with box.running():
        before = find_keys(box.folder / "secrets")
    async with box.running():
        after = find_keys(box.folder / "secrets")

    assert before is not None
    assert before == after


async def _set_up_as(running: Running, number: int) -> httpx.Response:
    owner = replace(ANA, email=f"person{number}@example.com")
    async with running.new_client() as client:
        return await client.post("/setup", json=setup_body(running.box.codes[-1], owner))
