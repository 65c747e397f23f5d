import pytest

from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from tests.accounts.crew import Member, act, actions, joined, owner_of
from tests.accounts.house import Running

APPLICANT = {
    "email": "bea@example.com",
    "name": "Bea",
    "password": "siete garzas grises",
    "language": "en",
}


async def decide(box: Running, by: Member, **policies: object):
    return await box.client.patch("/admin/settings", json=policies, headers=by.headers)


async def test_a_new_box_takes_nobody_who_was_not_invited(owned: Running):
    options = await owned.client.get("/auth/options")
    answer = await owned.client.post("/auth/register", json=APPLICANT)

    assert options.json() == {"registration": "closed", "demo_accounts": []}
    assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")


async def test_who_asks_for_an_account_waits_until_an_administrator_lets_them_in(owned: Running):
    owner = await owner_of(owned)
    await decide(owned, owner, registration="approval")
    credentials = {"email": APPLICANT["email"], "password": APPLICANT["password"]}

    asked = await owned.client.post("/auth/register", json=APPLICANT)
    before = await owned.client.post("/auth/login", json=credentials)
    waiting = await owned.client.get("/admin/users?state=waiting", headers=owner.headers)
    bea = waiting.json()["items"][0]
    await act(owned, owner, bea["id"], "approve")
    after = await owned.client.post("/auth/login", json=credentials)

    assert (asked.status_code, asked.json()) == (202, {"state": "waiting"})
    assert (before.status_code, before.json()["code"]) == (401, "account_waiting")
    assert (after.status_code, after.json()["user"]["role"]) == (200, "worker")


async def test_administrators_hear_of_somebody_who_waits(owned: Running):
    told: list[LiveEvent] = []
    owner = await owner_of(owned)
    await decide(owned, owner, registration="approval")
    owned.box.events.subscribe(LiveEvent, told.append)

    await owned.client.post("/auth/register", json=APPLICANT)

    assert told == [
        LiveEvent(ToRole(Role.ADMIN), "notice", {"code": "registration_waiting", "name": "Bea"})
    ]


async def test_nobody_learns_by_asking_who_has_an_account(owned: Running):
    owner = await owner_of(owned)
    await decide(owned, owner, registration="approval")

    known = await owned.client.post("/auth/register", json={**APPLICANT, "email": owner.email})
    unknown = await owned.client.post("/auth/register", json=APPLICANT)
    people = (await owned.client.get("/admin/users", headers=owner.headers)).json()["items"]

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [person["name"] for person in people] == ["Bea", "Ana"]
    log = await owned.client.get("/admin/audit?action=user.registered", headers=owner.headers)
    assert [entry["outcome"] for entry in log.json()["items"]] == ["done", "refused"]


async def test_who_was_rejected_is_forgotten(owned: Running):
    owner = await owner_of(owned)
    await decide(owned, owner, registration="approval")
    await owned.client.post("/auth/register", json=APPLICANT)
    waiting = await owned.client.get("/admin/users?state=waiting", headers=owner.headers)
    bea_id = waiting.json()["items"][0]["id"]

    rejected = await act(owned, owner, bea_id, "reject")
    gone = await owned.client.get(f"/admin/users/{bea_id}", headers=owner.headers)

    assert (rejected.status_code, gone.status_code) == (204, 404)


@pytest.mark.parametrize("what", ["approve", "reject"])
async def test_who_does_not_wait_is_neither_let_in_nor_forgotten(owned: Running, what: str):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")

    answer = await act(owned, owner, bea.id, what)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_waiting")


async def test_only_the_owner_decides_whether_conversations_may_be_read(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "admin", "Bea")

    by_bea = await decide(owned, bea, admins_read_conversations=True)
    by_owner = await decide(owned, owner, admins_read_conversations=True)

    assert (by_bea.status_code, by_bea.json()["code"]) == (403, "owner_only")
    assert by_owner.json() == {"registration": "closed", "admins_read_conversations": True}


async def test_everybody_hears_when_conversations_may_be_read(owned: Running):
    told: list[LiveEvent] = []
    owned.box.events.subscribe(LiveEvent, told.append)
    owner = await owner_of(owned)
    told.clear()

    await decide(owned, owner, admins_read_conversations=True)
    await decide(owned, owner, admins_read_conversations=True)

    assert told == [
        LiveEvent(
            ToRole(Role.WORKER), "notice", {"code": "conversations_may_be_read", "allowed": True}
        )
    ]


async def test_other_slices_ask_within_their_transaction_whether_conversations_may_be_read(
    owned: Running,
):
    owner = await owner_of(owned)
    deciding = owned.accounts.others.deciding

    before = await owned.box.database.read(deciding.admins_may_read)
    await decide(owned, owner, admins_read_conversations=True)
    after = await owned.box.database.read(deciding.admins_may_read)

    assert (before, after) == (False, True)


async def test_decisions_are_in_the_audit_log_once(owned: Running):
    owner = await owner_of(owned)
    for _ in range(2):
        await decide(owned, owner, registration="approval")

    assert (await actions(owned, owner)).count("settings.changed") == 1
