import asyncio
import threading
from dataclasses import replace

import bcrypt
import pytest
from sqlalchemy import update

from appliance.accounts.acting import AT_THE_BOX
from appliance.accounts.setting_up import NewOwner
from appliance.accounts.store import people, tables
from appliance.base.database.database import Database
from tests.accounts.house import ANA, BROWSER, Box, Running, bearer
from tests.accounts.people import BEA, add_person
from tests.waiting import until

WEEK_S = 7 * 24 * 3600


async def test_a_person_signs_in_and_is_known(owned: Running):
    tokens = await owned.login()

    me = await owned.client.get("/auth/me", headers=bearer(tokens["access_token"]))

    assert me.status_code == 200
    assert me.json() == tokens["user"]


async def test_the_routes_answer_under_api_too(owned: Running):
    body = {"email": ANA.email, "password": ANA.password}
    tokens = (await owned.client.post("/api/auth/login", json=body)).json()

    me = await owned.client.get("/api/auth/me", headers=bearer(tokens["access_token"]))

    assert me.json()["email"] == ANA.email


async def test_case_and_space_around_an_email_do_not_matter(owned: Running):
    tokens = await owned.login(replace(ANA, email="  ANA@Example.COM "))

    assert tokens["user"]["email"] == ANA.email  # type: ignore[index]


@pytest.mark.parametrize(
    "who",
    [
        replace(ANA, password="correct horse batterY"),
        replace(ANA, password=""),
        replace(ANA, email="bea@example.com"),
        replace(ANA, email="no address"),
        replace(ANA, email="ana@example.com\x00"),
        replace(ANA, password="\x00" * 9),
    ],
)
async def test_what_is_wrong_with_credentials_is_not_said(owned: Running, who: NewOwner):
    answer = await owned.client.post(
        "/auth/login", json={"email": who.email, "password": who.password}
    )

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "wrong_credentials")
    assert problem["detail"] == "The e-mail address or the password is wrong."


async def test_half_a_character_in_a_login_is_wrong_credentials(owned: Running):
    content = b'{"email": "ana@example.com", "password": "\\ud800 and more"}'

    answer = await owned.client.post(
        "/auth/login", content=content, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in {401, 422}
    assert "ud800" not in answer.text


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "."])
async def test_nobody_is_known_by_a_made_up_token(owned: Running, token: str):
    headers = {b"Authorization": f"Bearer {token}".encode()}

    answer = await owned.client.get("/auth/me", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_a_refresh_token_opens_nothing_by_itself(owned: Running):
    tokens = await owned.login()

    assert await owned.status_of_me(tokens["refresh_token"]) == 401


async def test_an_access_token_ends_after_thirty_minutes(owned: Running):
    tokens = await owned.login()
    owned.box.clock.advance(30 * 60 - 1)
    before = await owned.status_of_me(tokens["access_token"])
    owned.box.clock.advance(1)

    answer = await owned.client.get("/auth/me", headers=bearer(tokens["access_token"]))

    assert before == 200
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_clock_that_is_set_back_locks_nobody_out(owned: Running):
    tokens = await owned.login()
    owned.box.clock.jump(-3 * 24 * 3600)

    assert await owned.status_of_me(tokens["access_token"]) == 200
    assert (await _refresh(owned, tokens["refresh_token"])) == 200


async def test_a_refresh_gives_a_new_pair(owned: Running):
    tokens = await owned.login()
    owned.box.clock.advance(3600)

    answer = await owned.client.post(
        "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
    )

    renewed = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert await owned.status_of_me(renewed["access_token"]) == 200


async def test_two_tabs_that_refresh_at_once_get_the_same_successor(
    any_database: Database, tmp_path_factory: pytest.TempPathFactory
):
    box = Box(any_database, tmp_path_factory.mktemp("box"))
    async with box.running() as running:
        await running.set_up()
        first = (await running.login())["refresh_token"]
        body = {"refresh_token": first}
        answers = await asyncio.gather(
            *(running.client.post("/auth/refresh", json=body) for _ in range(8))
        )
        successors = {answer.json()["refresh_token"] for answer in answers}

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(successors) == 1
    assert first not in successors


async def test_a_replaced_token_that_comes_late_ends_the_sign_in(owned: Running):
    first = await owned.login()
    second = await _renewed(owned, first)
    owned.box.clock.advance(11)

    late = await owned.client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})

    assert (late.status_code, late.json()["code"]) == (401, "session_ended")
    assert await _refresh(owned, second["refresh_token"]) == 401
    assert await owned.status_of_me(second["access_token"]) == 401


async def test_a_token_of_the_generation_before_last_ends_the_sign_in_even_at_once(
    owned: Running,
):
    first = await owned.login()
    second = await _renewed(owned, first)
    third = await _renewed(owned, second)

    replayed = await _refresh(owned, first["refresh_token"])

    assert replayed == 401
    assert await _refresh(owned, third["refresh_token"]) == 401
    assert await owned.status_of_me(third["access_token"]) == 401


async def test_ending_one_sign_in_leaves_the_others(owned: Running):
    phone, laptop = await owned.login(), await owned.login()

    await owned.client.post("/auth/logout", json={"refresh_token": phone["refresh_token"]})

    assert await owned.status_of_me(phone["access_token"]) == 401
    assert await owned.status_of_me(laptop["access_token"]) == 200


async def test_a_sign_in_ends_after_seven_days_however_much_it_is_used(owned: Running):
    tokens = await owned.login()
    for _ in range(7):
        owned.box.clock.advance(WEEK_S / 7 - 60)
        tokens = await _renewed(owned, tokens)
    owned.box.clock.advance(7 * 60)

    assert await owned.status_of_me(tokens["access_token"]) == 401
    assert await _refresh(owned, tokens["refresh_token"]) == 401


async def test_the_last_access_token_does_not_outlive_its_sign_in(owned: Running):
    tokens = await owned.login()
    owned.box.clock.advance(WEEK_S - 600)

    assert (await _renewed(owned, tokens))["expires_in"] == 600


@pytest.mark.parametrize("by", ["bearer", "body"])
async def test_logout_ends_access_within_one_request(owned: Running, by: str):
    tokens = await owned.login()
    before = await owned.status_of_me(tokens["access_token"])
    body = {"refresh_token": tokens["refresh_token"]} if by == "body" else {}
    headers = bearer(tokens["access_token"]) if by == "bearer" else {}

    answer = await owned.client.post("/auth/logout", json=body, headers=headers)

    assert (before, answer.status_code, answer.content) == (200, 204, b"")
    assert await owned.status_of_me(tokens["access_token"]) == 401
    assert await _refresh(owned, tokens["refresh_token"]) == 401


async def test_logout_survives_a_restart(box: Box):
    async with box.running() as running:
        await running.set_up()
        gone, kept = await running.login(), await running.login()
        await running.client.post("/auth/logout", headers=bearer(gone["access_token"]))
    async with box.running() as running:
        statuses = [await running.status_of_me(tokens["access_token"]) for tokens in (gone, kept)]
        refreshed = [await _refresh(running, tokens["refresh_token"]) for tokens in (gone, kept)]

    assert (statuses, refreshed) == ([401, 200], [401, 200])


async def test_one_can_sign_out_with_an_expired_access_token(owned: Running):
    tokens = await owned.login()
    owned.box.clock.advance(3600)

    await owned.client.post("/auth/logout", headers=bearer(tokens["access_token"]))

    assert await _refresh(owned, tokens["refresh_token"]) == 401


async def test_whoever_signs_out_is_answered_the_same(owned: Running):
    nobody = await owned.client.post("/auth/logout")
    nonsense = await owned.client.post("/auth/logout", json={"refresh_token": "x.1.y"})

    assert (nobody.status_code, nonsense.status_code) == (204, 204)


async def test_a_disabled_person_is_refused_at_once(owned: Running):
    bea_id = await add_person(owned.box)
    tokens = await owned.login(BEA)
    before = await owned.status_of_me(tokens["access_token"])

    await owned.accounts.others.looking_after.disable(bea_id, actor=AT_THE_BOX)

    again = await owned.client.post(
        "/auth/login", json={"email": BEA.email, "password": BEA.password}
    )
    assert (before, await owned.status_of_me(tokens["access_token"])) == (200, 401)
    renewed = await owned.client.post(
        "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    assert (renewed.status_code, renewed.json()["code"]) == (401, "account_disabled")
    assert (again.status_code, again.json()["code"]) == (401, "account_disabled")


async def test_somebody_who_is_disabled_by_another_process_is_refused_within_seconds(
    owned: Running,
):
    bea_id = await add_person(owned.box)
    tokens = await owned.login(BEA)
    before = await owned.status_of_me(tokens["access_token"])
    now = owned.box.clock.now()
    owned.box.database.write_now(lambda tx: people.disable_user(tx.connection, bea_id, at=now))
    owned.box.clock.advance(11)

    assert (before, await owned.status_of_me(tokens["access_token"])) == (200, 401)


async def test_a_password_that_is_changed_while_the_old_one_is_compared_opens_nothing(
    owned: Running,
):
    gate = threading.Event()
    owned.accounts._passwords._thread.submit(gate.wait)
    body = {"email": ANA.email, "password": ANA.password}
    login = asyncio.ensure_future(owned.client.post("/auth/login", json=body))
    await until(lambda: owned.accounts._passwords._unknown._taken == 1)
    await owned.box.database.write(
        lambda tx: tx.connection.execute(update(tables.users).values(password_hash="another"))
    )
    gate.set()

    assert (await login).status_code == 401


async def test_access_tokens_of_an_older_version_are_refused_and_can_be_renewed(owned: Running):
    # As after a change of role: whoever is signed in stays so, with the new rights.
    tokens = await owned.login()
    await owned.box.database.write(
        lambda tx: tx.connection.execute(update(tables.users).values(token_version=2))
    )

    renewed = await _renewed(owned, tokens)

    statuses = [await owned.status_of_me(pair["access_token"]) for pair in (tokens, renewed)]
    assert statuses == [401, 200]


async def test_each_sees_only_themselves(owned: Running):
    await add_person(owned.box)
    ana, bea = await owned.login(), await owned.login(BEA)
    change = {"name": "Bea B."}

    await owned.client.patch("/auth/me", json=change, headers=bearer(bea["access_token"]))

    seen = [
        (await owned.client.get("/auth/me", headers=bearer(tokens["access_token"]))).json()["name"]
        for tokens in (ana, bea)
    ]
    assert seen == ["Ana", "Bea B."]


async def test_a_changed_name_is_known_to_all_slices_with_the_next_request(owned: Running):
    headers = bearer((await owned.login())["access_token"])
    before = await owned.accounts.authenticator.identify(
        {"authorization": headers["Authorization"]}
    )

    answer = await owned.client.patch(
        "/auth/me", json={"name": " Ana María ", "language": "en"}, headers=headers
    )

    after = await owned.accounts.authenticator.identify({"authorization": headers["Authorization"]})
    assert answer.json()["name"] == "Ana María"
    assert after == replace(before, name="Ana María", language="en")


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"name": " "}, {"name": "a\nb"}, {"language": "fr"}, {"id": "1"}]
)
async def test_a_person_cannot_change_what_is_not_theirs_to_change(
    owned: Running, change: dict[str, str]
):
    headers = bearer((await owned.login())["access_token"])

    answer = await owned.client.patch("/auth/me", json=change, headers=headers)

    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(change)))


async def test_a_browser_gets_its_refresh_token_in_a_cookie_only(owned: Running):
    answer = await owned.client.post(
        "/auth/login", json={"email": ANA.email, "password": ANA.password}, headers=BROWSER
    )

    refresh, device = answer.headers.get_list("set-cookie")
    value, *attributes = refresh.split("; ")
    assert answer.json()["refresh_token"] is None
    assert device.startswith("nodo_device=")
    assert value.startswith("nodo_refresh=")
    assert set(attributes) == {"HttpOnly", "Max-Age=604800", "Path=/", "SameSite=strict"}


async def test_the_cookie_is_for_https_only_if_it_came_by_https(box: Box):
    async with box.running(base_url="https://nodo.local") as running:
        await running.set_up()
        answer = await running.client.post(
            "/auth/login", json={"email": ANA.email, "password": ANA.password}, headers=BROWSER
        )

    assert "; Secure" in answer.headers["set-cookie"]


async def test_a_browser_refreshes_by_its_cookie(owned: Running):
    body = {"email": ANA.email, "password": ANA.password}
    await owned.client.post("/auth/login", json=body, headers=BROWSER)
    before = owned.client.cookies["nodo_refresh"]

    answer = await owned.client.post("/auth/refresh", json={}, headers=BROWSER)

    assert (answer.status_code, answer.json()["refresh_token"]) == (200, None)
    assert owned.client.cookies["nodo_refresh"] != before
    assert await owned.status_of_me(answer.json()["access_token"]) == 200


async def test_a_cookie_without_the_header_refreshes_nothing(owned: Running):
    body = {"email": ANA.email, "password": ANA.password}
    await owned.client.post("/auth/login", json=body, headers=BROWSER)

    answer = await owned.client.post("/auth/refresh", json={})

    assert (answer.status_code, answer.json()["field"]) == (422, "refresh_token")


async def test_a_browser_without_its_cookie_is_told_to_sign_in(owned: Running):
    answer = await owned.client.post("/auth/refresh", headers=BROWSER)

    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


async def test_logout_of_a_browser_ends_its_sign_in_and_clears_the_cookie(owned: Running):
    body = {"email": ANA.email, "password": ANA.password}
    answer = await owned.client.post("/auth/login", json=body, headers=BROWSER)
    access_token = answer.json()["access_token"]
    refresh_token = owned.client.cookies["nodo_refresh"]

    await owned.client.post("/auth/logout", headers=BROWSER)

    assert "nodo_refresh" not in owned.client.cookies
    assert await owned.status_of_me(access_token) == 401
    assert await _refresh(owned, refresh_token) == 401


async def test_a_person_from_another_system_signs_in_and_gets_a_better_hash(owned: Running):
    imported = bcrypt.hashpw(BEA.password.encode(), bcrypt.gensalt(4)).decode()
    bea_id = await add_person(owned.box, password_hash=imported)

    await owned.login(BEA)

    kept = owned.box.database.read_now(lambda connection: people.find_user(connection, bea_id))
    assert kept is not None
    assert kept.password_hash.startswith("hmac-sha256-bcrypt:$2b$04$")
    assert (await owned.login(BEA))["access_token"]


@pytest.mark.parametrize("password", ["ü" * 64, "x" * 200, " leading and trailing "])
async def test_long_and_unusual_passwords_count_in_full(box: Box, password: str):
    owner = replace(ANA, password=password)
    async with box.running() as running:
        await running.set_up(owner)
        right = await running.login(owner)
        wrong = await running.client.post(
            "/auth/login", json={"email": ANA.email, "password": password[:-1] + "?"}
        )

    assert right["access_token"]
    assert wrong.status_code == 401


async def _renewed(running: Running, tokens: dict[str, str]) -> dict[str, str]:
    body = {"refresh_token": tokens["refresh_token"]}
    answer = await running.client.post("/auth/refresh", json=body)
    assert answer.status_code == 200, answer.text
    renewed: dict[str, str] = answer.json()
    return renewed


async def _refresh(running: Running, refresh_token: str) -> int:
    async with running.new_client() as client:
        answer = await client.post("/auth/refresh", json={"refresh_token": refresh_token})
    return answer.status_code
