import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pyotp.totp import TOTP

from appliance.accounts.identifying import (
    MOST_REMEMBERED,
    OpenSession,
    SessionMemory,
    find_bearer_token,
)
from appliance.accounts.model import User
from appliance.base.errors import UnauthenticatedError
from appliance.base.web.identity import Identity, Role
from tests.accounts.crew import joined, owner_of
from tests.accounts.house import Running
from tests.fakes.clock import DEFAULT_START, ManualClock


def test_what_was_read_is_remembered_for_seconds():
    clock = ManualClock()
    memory = SessionMemory(clock)
    memory.remember(session := _session("s-1"), as_of=memory.changes)

    found = memory.find("s-1", OpenSession)
    clock.advance(10.5)

    assert (found, memory.find("s-1", OpenSession), memory.find("s-2", OpenSession)) == (
        session,
        None,
        None,
    )


def test_what_was_read_before_a_change_is_not_remembered_after_it():
    # A slow read would otherwise bring back a sign-in that was ended in the meantime.
    memory = SessionMemory(ManualClock())
    as_of = memory.changes
    memory.forget_sessions({"s-1"})

    memory.remember(_session("s-1"), as_of=as_of)

    assert memory.find("s-1", OpenSession) is None


def test_forgetting_a_person_forgets_all_their_sign_ins_and_no_others():
    memory = SessionMemory(ManualClock())
    for session in (_session("s-1"), _session("s-2"), _session("s-3", user_id="u-2")):
        memory.remember(session, as_of=memory.changes)

    memory.forget_user("u-1")

    assert [memory.find(name, OpenSession) is not None for name in ("s-1", "s-2", "s-3")] == [
        False,
        False,
        True,
    ]


def test_memory_is_bounded_and_keeps_what_is_used():
    memory = SessionMemory(ManualClock())
    memory.remember(_session("first"), as_of=memory.changes)
    memory.remember(_session("second"), as_of=memory.changes)
    for number in range(MOST_REMEMBERED - 1):
        memory.find("first", OpenSession)
        memory.remember(_session(f"s-{number}"), as_of=memory.changes)

    assert memory.find("first", OpenSession) is not None
    assert memory.find("second", OpenSession) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("BEARER abc", "abc"),
        ("Bearer", None),
        ("Bearer  ", None),
        ("Basic abc", None),
        ("abc", None),
        ("", None),
    ],
)
def test_the_bearer_token_stands_in_one_header(header: str, token: str | None):
    assert find_bearer_token({"authorization": header}) == token


async def test_nobody_is_told_what_to_send(owned: Running):
    with pytest.raises(UnauthenticatedError, match="Nobody is signed in") as caught:
        await owned.accounts.authenticator.identify({})

    assert "Authorization: Bearer" in caught.value.hint


async def test_many_requests_at_once_are_the_same_person(owned: Running):
    tokens = await owned.login()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}

    identities = await asyncio.gather(
        *(owned.accounts.authenticator.identify(headers) for _ in range(50))
    )

    assert len(set(identities)) == 1
    assert (identities[0].role, identities[0].name) == (Role.ADMIN, "Ana")


async def test_requests_and_logout_at_once_leave_nobody_signed_in(owned: Running):
    tokens = await owned.login()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    identify = owned.accounts.authenticator.identify

    await asyncio.gather(
        *(identify(headers) for _ in range(5)),
        owned.client.post("/auth/logout", json={"refresh_token": tokens["refresh_token"]}),
        *(identify(headers) for _ in range(5)),
        return_exceptions=True,
    )

    with pytest.raises(UnauthenticatedError):
        await identify(headers)


async def _me(owned: Running, headers: dict[str, str]) -> dict[str, Any]:
    answer = await owned.client.get("/auth/me", headers=headers)
    told: dict[str, Any] = answer.json()
    return told


async def test_what_is_remembered_of_a_person_is_never_what_they_were_before(owned: Running):
    owner = await owner_of(owned)
    bea = await joined(owned, owner, "worker", "Bea")
    before = await _me(owned, bea.headers)
    person, policies = f"/admin/users/{bea.id}", {"admins_read_conversations": True}
    started = await owned.client.post("/auth/mfa/start", headers=bea.headers)
    code = TOTP(started.json()["secret"]).at(owned.box.clock.now())
    changes = [
        ("PATCH", "/auth/me", bea.headers, {"name": "Beatriz"}, "name"),
        ("POST", "/auth/email", bea.headers, {"email": "b@example.com"}, "email"),
        ("PATCH", person, owner.headers, {"name": "Bea B"}, "name"),
        ("PATCH", person, owner.headers, {"email": "bb@example.com"}, "email"),
        ("PATCH", person, owner.headers, {"role": "supervisor"}, "role"),
        ("PATCH", "/admin/settings", owner.headers, policies, "conversations_may_be_read"),
        ("POST", "/auth/mfa/confirm", bea.headers, {"code": code}, "mfa_enabled"),
        ("POST", "/auth/mfa/disable", bea.headers, {}, "mfa_enabled"),
    ]

    changed: list[str] = []
    for method, path, headers, body, name in changes:
        answer = await owned.client.request(method, path, headers=headers, json=body)
        after = await _me(owned, bea.headers)
        changed.append(name if answer.is_success and after[name] != before[name] else answer.text)
        before = after

    assert changed == [name for _method, _path, _headers, _body, name in changes]


def _session(session_id: str, *, user_id: str = "u-1") -> OpenSession:
    return OpenSession(
        identity=Identity(
            user_id=user_id, role=Role.WORKER, name="Ana", language="es", session_id=session_id
        ),
        user=User(
            id=user_id,
            email="ana@example.com",
            name="Ana",
            role="worker",
            language="es",
            password_hash="",
            token_version=1,
            created_at=DEFAULT_START,
        ),
        token_version=1,
        expires_at=DEFAULT_START + timedelta(days=7),
        confirmed_at=None,
        read_at_s=ManualClock().monotonic_s(),
    )
