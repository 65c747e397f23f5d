from datetime import timedelta

import pytest

from appliance.base.errors import UnauthenticatedError
from appliance.base.identity import AccessEnded, Scope
from tests.accounts.crew import Member, act, actions, joined, owner_of
from tests.accounts.house import Running


async def made(box: Running, by: Member, **wishes: object) -> dict[str, str]:
    body = {"name": "Cuaderno", "scopes": ["chat"], **wishes}
    answer = await box.client.post("/auth/keys", json=body, headers=by.headers)
    assert answer.status_code == 201, answer.text
    key: dict[str, str] = answer.json()
    return key


async def test_a_key_speaks_for_its_person_within_its_scopes(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner, scopes=["models", "chat"])

    identity = await owned.accounts.authenticator.identify({"x-api-key": key["key"]})

    assert identity.user_id == owner.id
    assert identity.scopes == {Scope.CHAT, Scope.MODELS}
    assert identity.session_id == key["id"]


async def test_a_key_is_shown_once(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner)

    listed = await owned.client.get("/auth/keys", headers=owner.headers)

    assert key["key"] not in listed.text
    assert [item["id"] for item in listed.json()["items"]] == [key["id"]]


async def test_a_program_may_not_do_what_only_people_may(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner, scopes=["chat", "models", "metrics"])
    headers = {"Authorization": f"Bearer {key['key']}"}

    answers = [
        await owned.client.get(path, headers=headers)
        for path in ("/auth/me", "/auth/keys", "/admin/users")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "scope_missing"),
        (403, "scope_missing"),
        (403, "scope_missing"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key + "A",
        lambda key: "nodo_00000000_" + key[14:],
        lambda key: "nodo_",
        lambda key: key.upper(),
    ],
)
async def test_a_key_that_is_not_quite_right_is_refused(owned: Running, change):
    owner = await owner_of(owned)
    key = await made(owned, owner)

    with pytest.raises(UnauthenticatedError) as refusal:
        await owned.accounts.authenticator.identify({"x-api-key": change(key["key"])})

    assert refusal.value.code in {"key_unknown", "not_signed_in"}


async def test_two_different_credentials_are_refused(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner)

    answer = await owned.client.get("/auth/me", headers={**owner.headers, "x-api-key": key["key"]})

    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_differ")


async def test_the_same_key_in_both_headers_is_one(owned: Running):
    owner = await owner_of(owned)
    key = (await made(owned, owner))["key"]
    headers = {"Authorization": f"Bearer {key}", "X-API-Key": key}

    identity = await owned.accounts.authenticator.identify(headers)

    assert identity.user_id == owner.id


async def test_an_ended_key_ends_what_is_open_by_it(owned: Running):
    told: list[AccessEnded] = []
    owned.box.events.subscribe(AccessEnded, told.append)
    owner = await owner_of(owned)
    key = await made(owned, owner)
    await owned.accounts.authenticator.identify({"x-api-key": key["key"]})

    answer = await owned.client.delete(f"/auth/keys/{key['id']}", headers=owner.headers)

    with pytest.raises(UnauthenticatedError):
        await owned.accounts.authenticator.identify({"x-api-key": key["key"]})
    assert answer.status_code == 204
    assert told == [AccessEnded(owner.id, frozenset({key["id"]}))]


async def test_a_key_is_dead_with_its_person(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    key = await made(owned, bea)
    await owned.accounts.authenticator.identify({"x-api-key": key["key"]})

    await act(owned, owner, bea.id, "disable")

    with pytest.raises(UnauthenticatedError):
        await owned.accounts.authenticator.identify({"x-api-key": key["key"]})


async def test_a_key_ends_by_itself(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner, expires_in_days=1)

    owned.box.clock.advance(timedelta(days=1).total_seconds())

    with pytest.raises(UnauthenticatedError) as refusal:
        await owned.accounts.authenticator.identify({"x-api-key": key["key"]})
    assert refusal.value.code == "key_expired"


async def test_somebody_elses_key_is_not_there(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    key = await made(owned, owner)

    answer = await owned.client.delete(f"/auth/keys/{key['id']}", headers=bea.headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")


async def test_only_administrators_give_figures_away(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    body = {"name": "Cuaderno", "scopes": ["metrics"]}

    answer = await owned.client.post("/auth/keys", json=body, headers=bea.headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_not_allowed")


async def test_a_key_says_roughly_when_it_was_used(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner)
    for _ in range(3):
        await owned.accounts.authenticator.identify({"x-api-key": key["key"]})
        owned.box.clock.advance(60)

    listed = (await owned.client.get("/auth/keys", headers=owner.headers)).json()

    assert listed["items"][0]["last_used_at"] == "2026-03-02T09:00:00Z"


async def test_an_old_sign_in_makes_no_key_without_the_password(owned: Running):
    owner = await owner_of(owned)
    owned.box.clock.advance(16 * 60)

    answer = await owned.client.post(
        "/auth/keys", json={"name": "Cuaderno", "scopes": ["chat"]}, headers=owner.headers
    )

    assert answer.json()["code"] == "confirmation_needed"


async def test_keys_are_in_the_audit_log_without_their_secret(owned: Running):
    owner = await owner_of(owned)
    key = await made(owned, owner)
    await owned.client.delete(f"/auth/keys/{key['id']}", headers=owner.headers)

    assert (await actions(owned, owner))[-2:] == ["key.created", "key.revoked"]
    page = await owned.client.get("/admin/audit", headers=owner.headers)
    assert key["key"].rpartition("_")[2] not in page.text
