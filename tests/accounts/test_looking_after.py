import asyncio

import pytest

from appliance.accounts.acting import Actor
from appliance.base.database.database import Database
from appliance.base.errors import ForbiddenError
from appliance.base.identity import AccessEnded
from tests.accounts.crew import PASSWORD, act, actions, joined, owner_of
from tests.accounts.house import Box, Running


async def test_a_disabled_person_is_out_at_once(owned: Running):
    told: list[AccessEnded] = []
    owned.box.events.subscribe(AccessEnded, told.append)
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")

    disabled = await act(owned, owner, bea.id, "disable")
    me = await owned.client.get("/auth/me", headers=bea.headers)

    assert (disabled.status_code, disabled.json()["state"]) == (200, "disabled")
    assert (me.status_code, told) == (401, [AccessEnded(bea.id)])


async def test_an_enabled_person_signs_in_again(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    await act(owned, owner, bea.id, "disable")

    enabled = await act(owned, owner, bea.id, "enable")
    login = await owned.client.post("/auth/login", json={"email": bea.email, "password": PASSWORD})

    assert (enabled.json()["state"], login.status_code) == ("active", 200)


@pytest.mark.parametrize("role", ["worker", "supervisor"])
async def test_only_administrators_look_after_others(owned: Running, role: str):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, role, "Bea")
    cleo = await joined(owned, owner, "worker", "Cleo")

    answers = [
        await act(owned, bea, cleo.id, "disable"),
        await owned.client.get("/admin/users", headers=bea.headers),
        await owned.client.get("/admin/audit", headers=bea.headers),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize("what", ["disable", "reset-code", "reset-mfa", "sign-out"])
async def test_the_owner_is_protected_from_other_administrators(owned: Running, what: str):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "admin", "Bea")

    answer = await act(owned, bea, owner.id, what)

    assert (answer.status_code, answer.json()["code"]) == (409, "owner_protected")


async def test_the_owner_stays_an_administrator(owned: Running):
    owner = await owner_of(owned)

    answer = await owned.client.patch(
        f"/admin/users/{owner.id}", json={"role": "worker"}, headers=owner.headers
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")


async def test_of_two_administrators_who_disable_each_other_at_once_one_stays(
    any_database: Database, tmp_path
):
    async with Box(any_database, tmp_path).running() as box:
        await box.set_up()
        owner = await owner_of(box)
        bea = await joined(box, owner, "admin", "Bea")
        cleo = await joined(box, owner, "admin", "Cleo")
        looking_after = box.accounts.others.looking_after

        outcomes = await asyncio.gather(
            looking_after.disable(cleo.id, actor=Actor(bea.id, "Bea")),
            looking_after.disable(bea.id, actor=Actor(cleo.id, "Cleo")),
            return_exceptions=True,
        )
        page = await box.client.get("/admin/users?role=admin&state=active", headers=owner.headers)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        ForbiddenError.__name__,
        "User",
    ]
    assert len(page.json()["items"]) == 2


async def test_a_role_that_allows_less_holds_at_once(owned: Running):
    told: list[AccessEnded] = []
    owned.box.events.subscribe(AccessEnded, told.append)
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "admin", "Bea")

    await owned.client.patch(
        f"/admin/users/{bea.id}", json={"role": "worker"}, headers=owner.headers
    )
    page = await owned.client.get("/admin/users", headers=bea.headers)

    assert (page.status_code, told) == (403, [AccessEnded(bea.id)])


async def test_who_is_signed_out_may_sign_in_again(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")

    await act(owned, owner, bea.id, "sign-out")
    me = await owned.client.get("/auth/me", headers=bea.headers)
    login = await owned.client.post("/auth/login", json={"email": bea.email, "password": PASSWORD})

    assert (me.status_code, login.status_code) == (401, 200)


async def test_people_are_found_by_name_role_and_state_in_pages(owned: Running):
    owner = await owner_of(owned)
    for name in ("Bea", "Cleo", "Dora"):
        await joined(owned, owner, "worker", name)
    dora = (await owned.client.get("/admin/users?query=DOR", headers=owner.headers)).json()

    first = (await owned.client.get("/admin/users?limit=3", headers=owner.headers)).json()
    rest = await owned.client.get(
        f"/admin/users?limit=3&cursor={first['next_cursor']}", headers=owner.headers
    )

    assert [person["name"] for person in dora["items"]] == ["Dora"]
    assert [person["name"] for person in first["items"]] == ["Dora", "Cleo", "Bea"]
    assert [person["name"] for person in rest.json()["items"]] == ["Ana"]
    assert rest.json()["next_cursor"] is None


async def test_a_cursor_of_somebody_else_is_refused(owned: Running):
    owner = await owner_of(owned)

    answers = [
        await owned.client.get(path, headers=owner.headers)
        for path in ("/admin/users?cursor=x", "/admin/invites?cursor=1", "/admin/audit?cursor=-1")
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


async def test_an_address_that_somebody_has_is_refused(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")

    answer = await owned.client.patch(
        f"/admin/users/{bea.id}", json={"email": " ANA@example.com"}, headers=owner.headers
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_what_administrators_do_is_in_the_audit_log(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    patch = {"name": "Beatriz", "email": "beatriz@example.com", "role": "supervisor"}

    await owned.client.patch(f"/admin/users/{bea.id}", json=patch, headers=owner.headers)
    for what in ("reset-mfa", "disable", "enable", "reset-code"):
        await act(owned, owner, bea.id, what)

    assert (await actions(owned, owner))[-7:] == [
        "user.renamed",
        "email.changed",
        "user.role_changed",
        "mfa.disabled",
        "user.disabled",
        "user.enabled",
        "user.reset",
    ]


async def test_an_old_sign_in_is_asked_for_the_password_before_it_changes_others(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    owned.box.clock.advance(16 * 60)

    refused = await act(owned, owner, bea.id, "disable")

    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed")
