import asyncio
from datetime import timedelta

import pytest

from appliance.accounts.identifying import (
    MOST_REMEMBERED,
    OpenSession,
    SessionMemory,
    find_bearer_token,
)
from appliance.base.errors import UnauthenticatedError
from appliance.base.web.identity import Identity, Role
from tests.accounts.house import Running
from tests.fakes.clock import DEFAULT_START, ManualClock


def test_what_was_read_is_remembered_for_seconds():
    clock = ManualClock()
    memory = SessionMemory(clock)
    memory.remember(session := _session("s-1"), as_of=memory.changes)

    found = memory.find("s-1", OpenSession)
    clock.advance(10.5)

    assert (found, memory.find("s-1", OpenSession), memory.find("s-2", OpenSession)) == (session, None, None)


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


def _session(session_id: str, *, user_id: str = "u-1") -> OpenSession:
    return OpenSession(
        identity=Identity(
            user_id=user_id, role=Role.WORKER, name="Ana", language="es", session_id=session_id
        ),
        token_version=1,
        expires_at=DEFAULT_START + timedelta(days=7),
        confirmed_at=None,
        read_at_s=ManualClock().monotonic_s(),
    )
