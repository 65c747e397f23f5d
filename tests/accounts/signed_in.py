"""A person at their own account, for tests: signed in, asking, showing codes."""

from dataclasses import dataclass
from typing import Any

import httpx
from pyotp.totp import TOTP

from appliance.accounts.setting_up import NewOwner
from appliance.base.audit.model import AuditFilter, LoggedEntry
from appliance.base.audit.reading import list_oldest
from tests.accounts.house import ANA, Running, bearer


@dataclass
class Person:
    """Somebody who is signed in.

    Attributes:
        secret: Of their authenticator app, once it is started.
    """

    running: Running
    tokens: dict[str, Any]
    secret: str = ""

    async def ask(self, method: str, path: str, **body: object) -> httpx.Response:
        """Return the answer to a request of this person."""
        headers = bearer(self.tokens["access_token"])
        json = body or None
        async with self.running.new_client() as client:
            return await client.request(method, path, json=json, headers=headers)

    def code(self) -> str:
        """Return what the app shows now."""
        return TOTP(self.secret).at(self.running.box.clock.now())

    async def switch_on(self) -> list[str]:
        """Return the codes on paper that come with the second factor."""
        self.secret = (await self.ask("POST", "/auth/mfa/start")).json()["secret"]
        answer = await self.ask("POST", "/auth/mfa/confirm", code=self.code())
        assert answer.status_code == 200, answer.text
        codes: list[str] = answer.json()["recovery_codes"]
        # Each code is taken once: the next one comes half a minute later.
        self.running.box.clock.advance(30)
        return codes


async def signed_in(running: Running, who: NewOwner = ANA) -> Person:
    """Return a person who has just signed in."""
    return Person(running, await running.login(who))


async def begun(running: Running, who: NewOwner = ANA) -> str:
    """Return the token for the second step of somebody whose password was right."""
    body = {"email": who.email, "password": who.password}
    answer = await running.client.post("/auth/login", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    token: str = answer.json()["mfa_token"]
    return token


async def verify(running: Running, token: str, code: str) -> httpx.Response:
    """Return the answer to the second step."""
    body = {"mfa_token": token, "code": code}
    return await running.client.post("/auth/mfa/verify", json=body)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json().get("code", "")


def noted(running: Running, action: str) -> list[LoggedEntry]:
    """Return what the audit log says of this action, oldest first."""
    wanted = AuditFilter(action=action)
    return running.box.database.read_now(lambda c: list_oldest(c, wanted, after=0, limit=100))
