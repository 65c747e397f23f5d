"""Which of the open streams and sockets may go on."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from appliance.accounts.api_key import ApiKey
from appliance.accounts.open_sign_ins import OpenSignIns
from appliance.accounts.store import api_keys
from appliance.base.database.database import Database
from appliance.base.identity import Role, Scope
from tests.accounts.house import Box, bearer
from tests.fakes.signing_in import person


async def test_what_is_open_goes_on_until_its_sign_in_ends(
    database: Database, tmp_path: Path
) -> None:
    async with Box(database, tmp_path).running() as box:
        await box.set_up()
        token = (await box.login())["access_token"]
        identity = await box.accounts.authenticator.identify({"authorization": f"Bearer {token}"})
        sign_ins = OpenSignIns(database=database, clock=box.box.clock)

        before = await sign_ins.ended_among([identity])
        await box.client.post("/auth/logout", headers=bearer(token))

        assert list(before) == []
        assert list(await sign_ins.ended_among([identity])) == [identity]


async def test_what_is_open_ends_with_the_age_of_its_sign_in(
    database: Database, tmp_path: Path
) -> None:
    async with Box(database, tmp_path).running() as box:
        await box.set_up()
        token = (await box.login())["access_token"]
        identity = await box.accounts.authenticator.identify({"authorization": f"Bearer {token}"})
        sign_ins = OpenSignIns(database=database, clock=box.box.clock)

        box.box.clock.advance(timedelta(days=7).total_seconds())

        assert list(await sign_ins.ended_among([identity])) == [identity]


async def test_who_has_another_role_now_begins_anew(database: Database, tmp_path: Path) -> None:
    async with Box(database, tmp_path).running() as box:
        await box.set_up()
        token = (await box.login())["access_token"]
        identity = await box.accounts.authenticator.identify({"authorization": f"Bearer {token}"})
        was = person(identity.user_id, Role.WORKER, session_id=identity.session_id)
        sign_ins = OpenSignIns(database=database, clock=box.box.clock)

        assert list(await sign_ins.ended_among([identity, was])) == [was]


async def test_what_is_open_by_a_key_ends_with_the_key(database: Database, tmp_path: Path) -> None:
    async with Box(database, tmp_path).running() as box:
        user = (await box.set_up()).json()["user"]
        clock = box.box.clock
        expires_at = clock.now() + timedelta(days=1)
        key = ApiKey(
            "12345678", user["id"], "bot", frozenset({"chat"}), "hash", clock.now(), expires_at
        )
        await database.write(lambda tx: api_keys.insert_key(tx.connection, key))
        scopes = frozenset({Scope.CHAT})
        using = replace(person(user["id"], Role.ADMIN, session_id=key.id), scopes=scopes)
        sign_ins = OpenSignIns(database=database, clock=clock)

        before = await sign_ins.ended_among([using])
        clock.advance(timedelta(days=1).total_seconds())

        assert list(before) == []
        assert list(await sign_ins.ended_among([using])) == [using]
