"""People with different roles on a running box, as an administrator's pages make them."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.accounts.house import Running, bearer

PASSWORD = "siete garzas grises"


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in.

    Attributes:
        id: Of the account.
        email: To sign in with.
        headers: Of a program of theirs.
    """

    id: str
    email: str
    headers: dict[str, str]


async def owner_of(box: Running) -> Member:
    """Return the owner, signed in."""
    tokens: dict[str, Any] = await box.login()
    return Member(tokens["user"]["id"], tokens["user"]["email"], bearer(tokens["access_token"]))


async def joined(box: Running, by: Member, role: str, name: str) -> Member:
    """Return somebody who came in by an invitation for this role."""
    invite = await box.client.post("/admin/invites", json={"role": role}, headers=by.headers)
    assert invite.status_code == 201, invite.text
    email = f"{name.lower()}@example.com"
    body = {"code": invite.json()["code"], "email": email, "name": name, "password": PASSWORD}
    answer = await box.client.post("/auth/join", json=body)
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    return Member(tokens["user"]["id"], email, bearer(tokens["access_token"]))


async def act(box: Running, by: Member, on: str, what: str) -> httpx.Response:
    """Return the answer to an administrator's act on somebody's account."""
    return await box.client.post(f"/admin/users/{on}/{what}", headers=by.headers)


async def actions(box: Running, by: Member) -> list[str]:
    """Return what the audit log says was done, oldest first."""
    page = await box.client.get("/admin/audit?limit=200", headers=by.headers)
    assert page.status_code == 200, page.text
    return [entry["action"] for entry in reversed(page.json()["items"])]
