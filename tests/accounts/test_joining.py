import asyncio

import pytest

from appliance.accounts.acting import Actor
from appliance.accounts.inviting import NewPerson
from appliance.base.database.database import Database
from appliance.base.errors import UnauthenticatedError
from appliance.base.identity import Role
from tests.accounts.crew import PASSWORD, Member, act, actions, joined, owner_of
from tests.accounts.house import Box, Running

NEW = {"email": "bea@example.com", "name": "Bea", "role": "supervisor", "language": "en"}
JOINER = {"email": "bea@example.com", "name": "Bea", "password": PASSWORD}


async def invited(box: Running, by: Member, **wishes: object) -> dict[str, object]:
    answer = await box.client.post(
        "/admin/invites", json={"role": "worker", **wishes}, headers=by.headers
    )
    assert answer.status_code == 201, answer.text
    invite: dict[str, object] = answer.json()
    return invite


async def test_an_invitation_is_a_link_and_a_picture_for_a_phone(owned: Running):
    owner = await owner_of(owned)

    invite = await invited(owned, owner, name="Bea")

    assert invite["url"] == f"http://127.0.0.1/#/join?code={invite['code']}"
    assert invite["hint_loopback"] is True
    assert str(invite["qr_svg"]).startswith("<svg")


async def test_who_comes_by_an_invitation_is_in_with_its_role(owned: Running):
    owner = await owner_of(owned)
    invite = await invited(owned, owner, role="supervisor", name="Bea")

    expected = await owned.client.post("/auth/join/check", json={"code": invite["code"]})
    answer = await owned.client.post("/auth/join", json={"code": invite["code"], **JOINER})

    assert expected.json() == {
        "kind": "invite",
        "role": "supervisor",
        "name": "Bea",
        "email": None,
        "invited_by": "Ana",
    }
    assert (answer.status_code, answer.json()["user"]["role"]) == (201, "supervisor")


async def test_a_code_is_read_however_it_was_typed(owned: Running):
    owner = await owner_of(owned)
    code = str((await invited(owned, owner))["code"])

    typed = f" {code[:4].lower()}-{code[4:]} "
    answer = await owned.client.post("/auth/join/check", json={"code": typed})

    assert answer.status_code == 200


async def test_a_code_serves_once(owned: Running):
    owner = await owner_of(owned)
    invite = await invited(owned, owner)
    body = {"code": invite["code"], **JOINER}

    await owned.client.post("/auth/join", json=body)
    again = await owned.client.post("/auth/join", json={**body, "email": "c@example.com"})

    assert (again.status_code, again.json()["code"]) == (403, "code_wrong")


async def test_of_two_who_use_a_code_at_once_one_comes_in(any_database: Database, tmp_path):
    async with Box(any_database, tmp_path).running() as box:
        await box.set_up()
        owner = await owner_of(box)
        invite = await invited(box, owner)
        bodies = [
            {"code": invite["code"], **JOINER, "email": f"{name}@example.com"}
            for name in ("one", "two", "three")
        ]

        answers = await asyncio.gather(
            *(box.client.post("/auth/join", json=body) for body in bodies)
        )

    assert sorted(answer.status_code for answer in answers) == [201, 403, 403]


@pytest.mark.parametrize(("hours", "status"), [(1.9, 200), (2.1, 403)])
async def test_an_invitation_works_for_as_long_as_it_says(
    owned: Running, hours: float, status: int
):
    owner = await owner_of(owned)
    invite = await invited(owned, owner, valid_hours=2)

    owned.box.clock.advance(hours * 3600)
    answer = await owned.client.post("/auth/join/check", json={"code": invite["code"]})

    assert answer.status_code == status


@pytest.mark.parametrize("hours", [0, 169, "24"])
async def test_an_invitation_for_longer_than_a_week_is_refused(owned: Running, hours: object):
    owner = await owner_of(owned)

    answer = await owned.client.post(
        "/admin/invites", json={"role": "worker", "valid_hours": hours}, headers=owner.headers
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "valid_hours")


async def test_an_invitation_that_was_taken_back_lets_nobody_in(owned: Running):
    owner = await owner_of(owned)
    invite = await invited(owned, owner)

    await owned.client.delete(f"/admin/invites/{invite['id']}", headers=owner.headers)
    answer = await owned.client.post("/auth/join", json={"code": invite["code"], **JOINER})
    listed = (await owned.client.get("/admin/invites", headers=owner.headers)).json()

    assert (answer.status_code, listed["items"][0]["state"]) == (403, "revoked")


async def test_a_list_of_invitations_does_not_give_their_codes_away(owned: Running):
    owner = await owner_of(owned)
    invite = await invited(owned, owner)

    listed = await owned.client.get("/admin/invites", headers=owner.headers)

    assert str(invite["code"]) not in listed.text


async def test_an_administrator_makes_an_account_without_knowing_its_password(owned: Running):
    owner = await owner_of(owned)

    made = await owned.client.post("/admin/users", json=NEW, headers=owner.headers)
    login = await owned.client.post("/auth/login", json={"email": NEW["email"], "password": ""})
    code = made.json()["code"]
    expected = await owned.client.post("/auth/join/check", json={"code": code})
    answer = await owned.client.post("/auth/join", json={"code": code, "password": PASSWORD})

    assert (made.status_code, login.status_code) == (201, 401)
    assert expected.json() == {
        "kind": "new",
        "role": "supervisor",
        "name": "Bea",
        "email": "bea@example.com",
        "invited_by": "Ana",
    }
    assert (answer.status_code, answer.json()["user"]["language"]) == (201, "en")


async def test_a_reset_code_sets_another_password_and_ends_all_sign_ins(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    code = (await act(owned, owner, bea.id, "reset-code")).json()["code"]

    answer = await owned.client.post(
        "/auth/join", json={"code": code, "password": "otra frase bien larga"}
    )
    old = await owned.client.get("/auth/me", headers=bea.headers)
    login = await owned.client.post("/auth/login", json={"email": bea.email, "password": PASSWORD})

    assert (answer.status_code, old.status_code, login.status_code) == (201, 401, 401)


async def test_a_reset_code_ends_the_keys_that_somebody_else_may_have_made(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    body = {"name": "Cuaderno", "scopes": ["chat"]}
    key = (await owned.client.post("/auth/keys", json=body, headers=bea.headers)).json()["key"]
    code = (await act(owned, owner, bea.id, "reset-code")).json()["code"]
    before = await owned.accounts.authenticator.identify({"x-api-key": key})

    await owned.client.post("/auth/join", json={"code": code, "password": PASSWORD})

    assert before.user_id == bea.id
    with pytest.raises(UnauthenticatedError):
        await owned.accounts.authenticator.identify({"x-api-key": key})


async def test_a_reset_code_works_for_fifteen_minutes(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    code = (await act(owned, owner, bea.id, "reset-code")).json()["code"]

    owned.box.clock.advance(15 * 60)
    answer = await owned.client.post("/auth/join/check", json={"code": code})

    assert answer.status_code == 403


async def test_a_newer_reset_code_replaces_the_older_one(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    older = (await act(owned, owner, bea.id, "reset-code")).json()["code"]
    newer = (await act(owned, owner, bea.id, "reset-code")).json()["code"]

    answers = [
        await owned.client.post("/auth/join/check", json={"code": code}) for code in (older, newer)
    ]

    assert [answer.status_code for answer in answers] == [403, 200]


async def test_a_reset_code_does_not_let_a_disabled_person_in(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    code = (await act(owned, owner, bea.id, "reset-code")).json()["code"]
    await act(owned, owner, bea.id, "disable")

    answer = await owned.client.post("/auth/join", json={"code": code, "password": PASSWORD})
    again = await act(owned, owner, bea.id, "reset-code")

    assert (answer.status_code, again.json()["code"]) == (403, "user_not_active")


async def test_an_easy_password_does_not_use_up_the_code(owned: Running):
    owner = await owner_of(owned)
    invite = await invited(owned, owner)
    body = {"code": invite["code"], **JOINER}

    easy = await owned.client.post("/auth/join", json={**body, "password": "12345678"})
    better = await owned.client.post("/auth/join", json=body)

    assert (easy.status_code, better.status_code) == (422, 201)


async def test_a_code_made_by_somebody_who_is_no_administrator_any_more_is_refused(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "admin", "Bea")
    await act(owned, owner, bea.id, "disable")
    person = NewPerson("c@example.com", "Cleo", Role.ADMIN, "es")

    with pytest.raises(Exception, match="needs the role admin"):
        await owned.accounts.others.inviting.add(person, actor=Actor(bea.id, "Bea"))


async def test_codes_and_their_use_are_in_the_audit_log(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    code = (await act(owned, owner, bea.id, "reset-code")).json()["code"]
    await owned.client.post("/auth/join", json={"code": code, "password": "otra frase bien larga"})

    done = [action for action in await actions(owned, owner) if action != "login.done"]

    assert done[-4:] == ["invite.created", "invite.used", "user.reset", "password.changed"]
