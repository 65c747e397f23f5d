"""Everybody who may or may not call a box: people of each role, programs, and those who are out."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from tests.servers.nodo import Nodo

PASSWORD = "siete garzas grises"
LONG_AGO = "2020-01-01 00:00:00.000000"

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Callers:
    """Who calls, by the name that the table gives them.

    Attributes:
        people: Headers of those whose column is the same for each route.
        keys: Headers of the owner's keys, by their one scope; `all` has all of them.
        other: Headers of somebody whose things nobody else may touch.
    """

    people: Mapping[str, Headers]
    keys: Mapping[str, Headers]
    other: Headers


def called_in(nodo: Nodo, client: httpx.Client) -> Callers:
    """Return everybody, made on a new box."""
    owner = nodo.set_up(client)
    admin = _joined(nodo, client, owner, "admin", "admin")
    supervisor = _joined(nodo, client, owner, "supervisor", "supervisor")
    worker = _joined(nodo, client, owner, "worker", "worker")
    other = _joined(nodo, client, owner, "worker", "other")
    disabled = _joined(nodo, client, owner, "worker", "disabled")
    waiting = _joined(nodo, client, owner, "worker", "waiting")
    unconfirmed = _joined(nodo, client, owner, "admin", "unconfirmed")
    # Signed in, and not yet used: the box reads what is written here.
    _write(nodo, f"UPDATE sessions SET confirmed_at = '{LONG_AGO}' WHERE id = ?", unconfirmed)
    _write(
        nodo,
        f"UPDATE users SET waiting_since = '{LONG_AGO}' WHERE id ="
        " (SELECT user_id FROM sessions WHERE id = ?)",
        waiting,
    )
    user = client.get(f"{nodo.url}/auth/me", headers=disabled).json()
    client.post(f"{nodo.url}/admin/users/{user['id']}/disable", headers=owner).raise_for_status()
    scopes = ["chat", "models", "metrics"]
    keys = {scope: _key(nodo, client, owner, [scope]) for scope in scopes}
    return Callers(
        people={
            "nobody": {},
            "worker": worker,
            "supervisor": supervisor,
            "admin": admin,
            "owner": owner,
            "admin, no password lately": unconfirmed,
            "disabled": disabled,
            "waiting": waiting,
        },
        keys={**keys, "all": _key(nodo, client, owner, scopes)},
        other=other,
    )


def _joined(
    nodo: Nodo, client: httpx.Client, owner: Headers, role: str, name: str
) -> dict[str, str]:
    invite = client.post(f"{nodo.url}/admin/invites", json={"role": role}, headers=owner)
    body = {
        "code": invite.json()["code"],
        "email": f"{name}@example.com",
        "name": f"La persona {name}",
        "password": PASSWORD,
    }
    return _bearer(client.post(f"{nodo.url}/auth/join", json=body))


def _bearer(answer: httpx.Response) -> dict[str, str]:
    tokens: dict[str, Any] = answer.raise_for_status().json()
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def _key(nodo: Nodo, client: httpx.Client, owner: Headers, scopes: list[str]) -> dict[str, str]:
    body = {"name": " ".join(scopes), "scopes": scopes}
    answer = client.post(f"{nodo.url}/auth/keys", json=body, headers=owner).raise_for_status()
    return {"x-api-key": answer.json()["key"]}


def _write(nodo: Nodo, statement: str, headers: Headers) -> None:
    with sqlite3.connect(nodo.data_folder / "nodo.db", timeout=10) as connection:
        connection.execute(statement, (_session_of(headers),))
    connection.close()


def _session_of(headers: Headers) -> str:
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    return str(claims["sid"])
