import asyncio
from typing import Any

import pytest

from appliance.base.database.database import Database
from appliance.base.identity import AccessEnded
from appliance.base.live.model import LiveEvent
from tests.accounts.house import ANA, BROWSER, Box, Running
from tests.accounts.people import BEA, add_person
from tests.accounts.signed_in import Person, code_of, noted, signed_in

NEW = "a wholly other phrase"


@pytest.fixture
async def ana(owned: Running) -> Person:
    return await signed_in(owned)


def _heard(running: Running, kind: type) -> list[Any]:
    events: list[Any] = []
    running.box.events.subscribe(kind, events.append)
    return events


async def _change(person: Person, new: str = NEW, current: str = ANA.password):
    return await person.ask("POST", "/auth/password", current_password=current, new_password=new)


async def test_a_new_password_ends_all_other_sign_ins_at_once(
    any_database: Database, tmp_path_factory
):
    box = Box(any_database, tmp_path_factory.mktemp("box"))
    async with box.running() as running:
        await running.set_up()
        ana, other = await signed_in(running), await signed_in(running)
        ended = _heard(running, AccessEnded)

        answer = await _change(ana)

        renewed = answer.json()["access_token"]
        statuses = [
            await running.status_of_me(token)
            for token in (renewed, ana.tokens["access_token"], other.tokens["access_token"])
        ]
        login = {"email": ANA.email, "password": NEW}
        again = await running.client.post("/auth/login", json=login)
        assert (answer.status_code, statuses, again.status_code) == (200, [200, 401, 401], 200)
        assert [len(event.session_ids) for event in ended] == [2]


async def test_without_the_present_password_there_is_no_new_one(ana: Person):
    answer = await _change(ana, current="not the password")

    assert code_of(answer) == (403, "wrong_password")
    assert await ana.running.status_of_me(ana.tokens["access_token"]) == 200


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "password_length"),
        ("12345678", "password_common"),
        ("Ana12345", "password_personal"),
    ],
)
async def test_a_new_password_is_as_good_as_a_first_one(ana: Person, new: str, code: str):
    answer = await _change(ana, new)

    assert (code_of(answer), answer.json()["field"]) == ((422, code), "new_password")


async def test_guessing_the_present_password_from_an_open_screen_is_slowed_down(ana: Person):
    for _ in range(5):
        await _change(ana, current="not the password")

    assert ana.running.box.waits_s == [0.5, 1.0]


async def test_the_e_mail_address_changes_and_is_signed_in_with(ana: Person):
    answer = await ana.ask("POST", "/auth/email", email=" Ana.Neu@Example.com ")

    login = {"email": "ana.neu@example.com", "password": ANA.password}
    again = await ana.running.client.post("/auth/login", json=login)
    assert (answer.status_code, answer.json()["email"]) == (200, "ana.neu@example.com")
    assert again.status_code == 200
    assert noted(ana.running, "email.changed")[0].entry.details == {
        "before": "ana@example.com",
        "after": "ana.neu@example.com",
    }


async def test_the_e_mail_address_of_somebody_else_is_refused(ana: Person):
    await add_person(ana.running.box)

    answer = await ana.ask("POST", "/auth/email", email=BEA.email)

    assert code_of(answer) == (409, "email_taken")


async def test_the_e_mail_address_changes_only_after_a_fresh_proof(ana: Person):
    ana.running.box.clock.advance(900)

    answer = await ana.ask("POST", "/auth/email", email="ana.neu@example.com")

    assert code_of(answer) == (403, "confirmation_needed")


async def test_preferences_are_kept_and_come_back(ana: Person):
    wanted = {"theme": "dark", "follow_answer": False, "temperature": 0.4, "max_tokens": 512}
    await ana.ask("PATCH", "/auth/me", preferences=wanted)
    await ana.ask("PATCH", "/auth/me", name="Ana María")

    assert (await ana.ask("GET", "/auth/me")).json()["preferences"] == wanted


@pytest.mark.parametrize(
    "preferences",
    [
        {"theme": "pink"},
        {"colour": "red"},
        {"temperature": 2.1},
        {"top_p": float(-1)},
        {"max_tokens": 0},
        {"model": "x" * 201},
        {"shortcuts": "yes"},
    ],
)
async def test_other_preferences_are_refused(ana: Person, preferences: dict[str, object]):
    answer = await ana.ask("PATCH", "/auth/me", preferences=preferences)

    assert answer.status_code == 422
    assert answer.json()["field"].startswith("preferences")


async def test_one_sees_where_one_is_signed_in(owned: Running):
    await signed_in(owned)
    body = {"email": ANA.email, "password": ANA.password}
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
    answer = await owned.client.post("/auth/login", json=body, headers={**BROWSER, **agent})
    phone = Person(owned, answer.json())

    found = (await phone.ask("GET", "/auth/sessions")).json()["items"]

    assert [(one["device"], one["is_current"]) for one in found] == [
        ("Firefox · Linux", True),
        ("python-httpx", False),
        ("python-httpx", False),
    ]
    assert found[0]["address"] == "127.0.0.1"


async def test_one_ends_one_of_ones_sign_ins(ana: Person):
    other = await signed_in(ana.running)
    ended = _heard(ana.running, AccessEnded)
    items = (await other.ask("GET", "/auth/sessions")).json()["items"]
    other_id = next(one["id"] for one in items if one["is_current"])

    answer = await ana.ask("DELETE", f"/auth/sessions/{other_id}")

    assert answer.status_code == 204
    assert await ana.running.status_of_me(other.tokens["access_token"]) == 401
    assert await ana.running.status_of_me(ana.tokens["access_token"]) == 200
    assert [event.session_ids for event in ended] == [frozenset({other_id})]
    again = await ana.ask("DELETE", f"/auth/sessions/{other_id}")
    assert code_of(again) == (404, "not_found")


async def test_one_ends_all_other_sign_ins(ana: Person):
    others = [await signed_in(ana.running) for _ in range(3)]

    answer = await ana.ask("DELETE", "/auth/sessions")

    statuses = [await ana.running.status_of_me(one.tokens["access_token"]) for one in others]
    assert (answer.status_code, statuses) == (204, [401, 401, 401])
    assert len((await ana.ask("GET", "/auth/sessions")).json()["items"]) == 1


async def test_nobody_ends_the_sign_in_of_somebody_else(ana: Person):
    await add_person(ana.running.box)
    bea = await signed_in(ana.running, BEA)
    items = (await bea.ask("GET", "/auth/sessions")).json()["items"]

    answer = await ana.ask("DELETE", f"/auth/sessions/{items[0]['id']}")

    assert code_of(answer) == (404, "not_found")
    assert await ana.running.status_of_me(bea.tokens["access_token"]) == 200


async def test_a_sign_in_with_another_device_is_told_once(owned: Running):
    told = _heard(owned, LiveEvent)
    body = {"email": ANA.email, "password": ANA.password}
    agents = ["Firefox/140.0 Linux", "Firefox/140.0 Linux", "Chrome/140 Windows"]
    for agent in agents:
        async with owned.new_client() as client:
            await client.post("/auth/login", json=body, headers={"User-Agent": agent})

    assert [(event.event, event.data["code"], event.data["device"]) for event in told] == [
        ("notice", "new_sign_in", "Firefox · Linux"),
        ("notice", "new_sign_in", "Chrome · Windows"),
    ]


async def test_a_stolen_refresh_token_ends_its_family_and_is_told_and_noted(owned: Running):
    first = await owned.login()
    body = {"refresh_token": first["refresh_token"]}
    second = (await owned.client.post("/auth/refresh", json=body)).json()
    third = (
        await owned.client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]})
    ).json()
    told, ended = _heard(owned, LiveEvent), _heard(owned, AccessEnded)

    replayed = await owned.client.post("/auth/refresh", json=body)

    entry = noted(owned, "session.ended")[-1].entry
    assert code_of(replayed) == (401, "session_ended")
    assert await owned.status_of_me(third["access_token"]) == 401
    assert [event.data["code"] for event in told] == ["session_stolen"]
    assert (entry.outcome, entry.details["reason"]) == ("refused", "refresh_token_came_again")
    assert [event.session_ids for event in ended] == [frozenset({entry.target_id})]


async def test_two_tabs_that_refresh_at_once_are_noted_as_nothing(owned: Running):
    first = await owned.login()
    body = {"refresh_token": first["refresh_token"]}
    answers = await asyncio.gather(
        *(owned.client.post("/auth/refresh", json=body) for _ in range(2))
    )

    assert [answer.status_code for answer in answers] == [200, 200]
    assert noted(owned, "session.ended") == []


async def test_who_waits_to_be_let_in_is_told_so_after_the_right_password(owned: Running):
    await add_person(owned.box)
    owned.box.database.write_now(
        lambda tx: tx.connection.exec_driver_sql(
            "UPDATE users SET waiting_since = created_at WHERE email = 'bea@example.com'"
        )
    )
    wrong = {"email": BEA.email, "password": "not the password"}
    right = {"email": BEA.email, "password": BEA.password}

    assert code_of(await owned.client.post("/auth/login", json=wrong))[1] == "wrong_credentials"
    assert code_of(await owned.client.post("/auth/login", json=right))[1] == "account_waiting"


async def test_guesses_slow_down_a_strange_device_and_not_ones_own(owned: Running):
    right = {"email": ANA.email, "password": ANA.password}
    wrong = {**right, "password": "not the password"}
    async with owned.new_client() as own:
        await own.post("/auth/login", json=right, headers=BROWSER)
        for _ in range(8):
            await owned.client.post("/auth/login", json=wrong)
        before = list(owned.box.waits_s)
        known = await own.post("/auth/login", json=right, headers=BROWSER)
        after = list(owned.box.waits_s)
        strange = await owned.client.post("/auth/login", json=right)

    assert before == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert (known.status_code, after) == (200, before)
    assert (strange.status_code, owned.box.waits_s) == (200, [*before, 16.0])


async def test_guesses_from_ones_own_device_are_slowed_down_too(owned: Running):
    right = {"email": ANA.email, "password": ANA.password}
    async with owned.new_client() as own:
        await own.post("/auth/login", json=right, headers=BROWSER)
        for _ in range(5):
            await own.post("/auth/login", json={**right, "password": "wrong"}, headers=BROWSER)

    assert owned.box.waits_s == [0.5, 1.0]


async def test_refused_passwords_are_noted_until_they_tell_nothing_new(owned: Running):
    wrong = {"email": ANA.email, "password": "not the password"}
    for _ in range(20):
        await owned.client.post("/auth/login", json=wrong)

    entries = [logged.entry for logged in noted(owned, "login.refused")]
    assert len(entries) == 12
    assert (entries[0].target_name, entries[0].address) == ("Ana", "127.0.0.1")
    assert "not the password" not in repr(entries)
