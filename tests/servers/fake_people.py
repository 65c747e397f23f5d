"""What the stand-in knows about people: second steps, codes, sessions, keys, and their administration."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.fake_answers import Json, problem

if TYPE_CHECKING:
    from tests.servers.fake_nodo import FakeNodo

PASSWORD = "a long enough phrase"
SECOND_CODE = "123456"
CODES = [f"KIT{n}-AAAA-BBBB" for n in range(1, 9)]
QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7H1z"/></svg>'
LONG_AGO, LATER = "2026-01-05T08:00:00Z", "2030-01-01T00:00:00Z"


@dataclass
class FakePeople:
    """All that the stand-in knows about people; tests read and change it.

    Attributes:
        is_confirmed: Whether what is sensitive may be done without asking again.
        login_takes_s: How long a sign-in is made to wait.
        sent: Bodies that were sent, by path, the last one of each.
    """

    second_factor: bool = False
    is_confirmed: bool = True
    login_takes_s: float = 0.0
    registration: str = "closed"
    admins_read: bool = False
    audit_broken: bool = False
    demo_accounts: list[Json] = field(default_factory=list[Json])
    waiting_to_join: dict[str, Json] = field(default_factory=dict[str, Json])
    sent: dict[str, Json] = field(default_factory=dict[str, Json])
    sessions: list[Json] = field(default_factory=lambda: [dict(one) for one in _SESSIONS])
    keys: list[Json] = field(default_factory=list[Json])
    invites: list[Json] = field(default_factory=list[Json])
    everybody: dict[str, Json] = field(
        default_factory=lambda: {one["id"]: dict(one) for one in _EVERYBODY}
    )
    audit: list[Json] = field(default_factory=lambda: [dict(one) for one in _AUDIT])


def _session(number: int, device: str, *, current: bool = False) -> Json:
    return {"id": f"s-{number}", "created_at": LONG_AGO, "last_used_at": LONG_AGO,
            "expires_at": LATER, "device": device, "address": f"192.168.1.{number}",
            "is_current": current}  # fmt: skip


def _person(person_id: str, name: str, role: str, **more: object) -> Json:
    return {"id": person_id, "email": f"{person_id}@taller.example", "name": name, "role": role,
            "language": "es", "state": "active", "is_owner": False, "mfa_enabled": False,
            "created_at": LONG_AGO, "last_seen_at": LONG_AGO, **more}  # fmt: skip


def _entry(number: int, action: str, **more: object) -> Json:
    return {"id": number, "created_at": LONG_AGO, "action": action, "actor_id": "u-1",
            "actor_name": "Ana Ruiz", "target_kind": "user", "target_id": "berta",
            "target_name": "Berta Gil", "outcome": "done", "address": "192.168.1.20",
            "details": {}, **more}  # fmt: skip


_SESSIONS = (_session(1, "Firefox · Linux", current=True), _session(2, "Safari · iPhone"))
_EVERYBODY = (
    _person("u-1", "Ana Ruiz", "admin", is_owner=True, mfa_enabled=True),
    _person("berta", "Berta Gil", "worker"),
    _person("carlos", "Carlos Vega", "supervisor", state="disabled", last_seen_at=None),
    _person("diana", "Diana Sanz", "worker", state="waiting", last_seen_at=None),
)
_AUDIT = (
    _entry(3, "user.role_changed", details={"from": "worker", "to": "supervisor"}),
    _entry(2, "login.refused", outcome="refused", actor_id=None, actor_name=""),
    _entry(1, "user.created"),
)


def _code(url: str, code: str, **more: object) -> Json:
    return {"code": code, "url": f"{url}#/join?code={code}", "qr_svg": QR, "expires_at": LATER,
            "hint_loopback": True, **more}  # fmt: skip


async def _body(nodo: "FakeNodo", request: Request) -> Json:
    body: Json = await request.json() if await request.body() else {}
    nodo.people.sent[request.url.path] = body
    return body


def _unconfirmed(nodo: "FakeNodo") -> Response | None:
    return None if nodo.people.is_confirmed else problem(403, "confirmation_needed")


async def log_in(nodo: "FakeNodo", request: Request) -> Response:
    """Sign in, as slowly as the test says, in two steps where the account has them."""
    body = await _body(nodo, request)
    await asyncio.sleep(nodo.people.login_takes_s)
    if body["password"] != PASSWORD:
        return problem(401, "wrong_credentials")
    if nodo.people.second_factor:
        return problem(401, "mfa_required", mfa_token="half-way", methods=["totp", "recovery"])
    return nodo.sign_in()


async def verify(nodo: "FakeNodo", request: Request) -> Response:
    """Take the second step."""
    body = await _body(nodo, request)
    is_right = body == {"mfa_token": "half-way", "code": SECOND_CODE}
    return nodo.sign_in() if is_right else problem(401, "wrong_code", field="code")


async def options(nodo: "FakeNodo", _: Request) -> Response:
    """Tell what the sign-in page may offer."""
    people = nodo.people
    return JSONResponse(
        {"registration": people.registration, "demo_accounts": people.demo_accounts}
    )


async def register(nodo: "FakeNodo", request: Request) -> Response:
    """Take a wish for an account."""
    await _body(nodo, request)
    return JSONResponse({"state": "waiting"}, 202)


async def check_code(nodo: "FakeNodo", request: Request) -> Response:
    """Tell what a code opens."""
    offer = nodo.people.waiting_to_join.get((await _body(nodo, request))["code"])
    return JSONResponse(offer) if offer else problem(403, "code_wrong", field="code")


async def join(nodo: "FakeNodo", request: Request) -> Response:
    """Let somebody in by a code, once."""
    body = await _body(nodo, request)
    offer = nodo.people.waiting_to_join.pop(body["code"])
    nodo.user.update(
        id="u-9", role=offer["role"], name=body.get("name") or offer["name"] or "Ana",
        language=body["language"],
    )  # fmt: skip
    return nodo.sign_in()


async def recover(nodo: "FakeNodo", request: Request) -> Response:
    """Let the owner in by a recovery code."""
    body = await _body(nodo, request)
    is_known = body["recovery_code"] in CODES
    return nodo.sign_in() if is_known else problem(401, "wrong_recovery_code")


async def confirm(nodo: "FakeNodo", request: Request) -> Response:
    """Believe that it is still the same person."""
    body = await _body(nodo, request)
    if body["password"] != PASSWORD:
        return problem(403, "wrong_password", field="password")
    nodo.people.is_confirmed = True
    return Response(status_code=204)


async def change_email(nodo: "FakeNodo", request: Request) -> Response:
    """Change the address by which one signs in."""
    body = await _body(nodo, request)
    if refusal := _unconfirmed(nodo):
        return refusal
    nodo.user.update(body)
    return JSONResponse(nodo.user)


async def change_password(nodo: "FakeNodo", request: Request) -> Response:
    """Change the password."""
    body = await _body(nodo, request)
    is_right = body["current_password"] == PASSWORD
    return nodo.sign_in() if is_right else problem(403, "wrong_password", field="password")


async def sessions(nodo: "FakeNodo", request: Request) -> Response:
    """List or end sign-ins."""
    people = nodo.people
    wanted = request.path_params.get("id")
    if request.method == "GET":
        return JSONResponse({"items": people.sessions})
    people.sessions = [one for one in people.sessions
                       if (one["is_current"] if wanted is None else one["id"] != wanted)]  # fmt: skip
    return Response(status_code=204)


async def second_factor(nodo: "FakeNodo", _: Request) -> Response:
    """Tell whether there is a second step."""
    is_on = nodo.people.second_factor
    since = LONG_AGO if is_on else None
    return JSONResponse(
        {"enabled": is_on, "since": since, "recovery_codes_left": 8 if is_on else 0}
    )


async def change_second_factor(nodo: "FakeNodo", request: Request) -> Response:
    """Begin, confirm or end the second step."""
    body, act = await _body(nodo, request), request.path_params["act"]
    if act != "confirm" and (refusal := _unconfirmed(nodo)):
        return refusal
    if act == "start":
        uri = "otpauth://totp/Nodo:ana?secret=JBSWY3DPEHPK3PXP"
        return JSONResponse({"secret": "JBSWY3DPEHPK3PXP", "otpauth_uri": uri, "qr_svg": QR})
    if act == "confirm" and body["code"] != SECOND_CODE:
        return problem(422, "wrong_code", field="code")
    nodo.people.second_factor = act == "confirm"
    return (
        JSONResponse({"recovery_codes": CODES}) if act == "confirm" else Response(status_code=204)
    )


async def recovery(nodo: "FakeNodo", request: Request) -> Response:
    """Count the recovery codes, or make new ones."""
    if request.method == "GET":
        return JSONResponse({"left": 6, "created_at": LONG_AGO})
    return _unconfirmed(nodo) or JSONResponse({"codes": CODES})


async def keys(nodo: "FakeNodo", request: Request) -> Response:
    """List, make or revoke API keys."""
    people = nodo.people
    if request.method == "GET":
        return JSONResponse({"items": people.keys})
    if request.method == "DELETE":
        people.keys = [key for key in people.keys if key["id"] != request.path_params["id"]]
        return Response(status_code=204)
    body = await _body(nodo, request)
    if refusal := _unconfirmed(nodo):
        return refusal
    key = {"id": nodo.new_id("k"), "name": body["name"], "scopes": body["scopes"],
           "created_at": nodo.now(), "last_used_at": None, "expires_at": None}  # fmt: skip
    people.keys.append(key)
    return JSONResponse({**key, "key": "nodo_0a1b2c3d_a-long-secret"}, 201)


async def list_people(nodo: "FakeNodo", request: Request) -> Response:
    """List people by name, role and state."""
    asked = request.query_params
    found = [
        one
        for one in nodo.people.everybody.values()
        if asked.get("query", "").lower() in f"{one['name']} {one['email']}".lower()
        and asked.get("role", one["role"]) == one["role"]
        and asked.get("state", one["state"]) == one["state"]
    ]
    return JSONResponse({"items": found, "next_cursor": None})


async def add_person(nodo: "FakeNodo", request: Request) -> Response:
    """Make an account that waits for its person."""
    body = await _body(nodo, request)
    person = _person(nodo.new_id("u"), body["name"], body["role"], email=body["email"])
    nodo.people.everybody[person["id"]] = person
    return JSONResponse(_code(str(request.base_url), "NEWP-2345", user=person), 201)


async def one_person(nodo: "FakeNodo", request: Request) -> Response:
    """Show or change somebody."""
    person = nodo.people.everybody[request.path_params["id"]]
    if request.method == "PATCH":
        body = await _body(nodo, request)
        if refusal := _unconfirmed(nodo):
            return refusal
        if person["is_owner"] and "role" in body:
            return problem(409, "owner_protected")
        person.update(body)
    return JSONResponse(person)


_STATES = {"disable": "disabled", "enable": "active", "approve": "active"}


async def act_on_person(nodo: "FakeNodo", request: Request) -> Response:
    """Do to an account what an administrator may."""
    person, act = nodo.people.everybody[request.path_params["id"]], request.path_params["act"]
    await _body(nodo, request)
    if act == "reset-code":
        return JSONResponse(_code(str(request.base_url), "RSET-2345"))
    if act == "disable" and person["is_owner"]:
        return problem(409, "owner_protected")
    if act == "reject":
        del nodo.people.everybody[person["id"]]
    person["state"] = _STATES.get(act, person["state"])
    return JSONResponse(person)


async def invites(nodo: "FakeNodo", request: Request) -> Response:
    """List, make or revoke invitations."""
    people = nodo.people
    if request.method == "GET":
        return JSONResponse({"items": people.invites, "next_cursor": None})
    if request.method == "DELETE":
        people.invites = [one for one in people.invites if one["id"] != request.path_params["id"]]
        return Response(status_code=204)
    body = await _body(nodo, request)
    invite = {"id": nodo.new_id("i"), "role": body["role"], "name": body.get("name"),
              "state": "open", "created_at": nodo.now(), "expires_at": LATER,
              "created_by": nodo.user["name"], "used_at": None, "used_by": None}  # fmt: skip
    people.invites.append(invite)
    people.waiting_to_join["INVI-2345"] = {
        "role": body["role"], "name": body.get("name"), "email": None, "kind": "invite",
        "invited_by": nodo.user["name"],
    }  # fmt: skip
    return JSONResponse(_code(str(request.base_url), "INVI-2345", **invite), 201)


async def audit(nodo: "FakeNodo", request: Request) -> Response:
    """List what was done, by action and outcome."""
    asked = request.query_params
    found = [
        one
        for one in nodo.people.audit
        if asked.get("action", one["action"]) == one["action"]
        and asked.get("outcome", one["outcome"]) == one["outcome"]
    ]
    start = int(asked.get("cursor", 0))
    end = start + 2
    cursor = str(end) if end < len(found) else None
    return JSONResponse({"items": found[start:end], "next_cursor": cursor})


async def export_audit(_: "FakeNodo", request: Request) -> Response:
    """Give the log as a file."""
    return Response(f"as {request.query_params['format']}", media_type="text/plain")


async def check_audit(nodo: "FakeNodo", _: Request) -> Response:
    """Tell whether the chain of entries holds."""
    is_broken = nodo.people.audit_broken
    return JSONResponse(
        {"ok": not is_broken, "entries": 3, "first_broken_id": 2 if is_broken else None}
    )


async def box_settings(nodo: "FakeNodo", request: Request) -> Response:
    """Show or change the rules of the box."""
    people = nodo.people
    if request.method == "PATCH":
        body = await _body(nodo, request)
        if refusal := _unconfirmed(nodo):
            return refusal
        people.registration = body.get("registration", people.registration)
        people.admins_read = body.get("admins_read_conversations", people.admins_read)
    rules = {"registration": people.registration, "admins_read_conversations": people.admins_read}
    return JSONResponse(rules)


async def read_conversations(nodo: "FakeNodo", _: Request) -> Response:
    """List everybody's conversations, where the owner allows it."""
    if not nodo.people.admins_read:
        return problem(403, "reading_not_allowed")
    items = [{**nodo.conversation_out(one), "user_id": "berta"}
             for one in nodo.conversations.values()]  # fmt: skip
    return JSONResponse({"items": items, "next_cursor": None})


async def read_messages(nodo: "FakeNodo", request: Request) -> Response:
    """Show a conversation, where the owner allows it."""
    messages = nodo.of_conversation(request.path_params["id"])
    return JSONResponse({"items": messages, "next_cursor": None})


PUBLIC = frozenset({
    "/auth/options", "/auth/register", "/auth/recover", "/auth/mfa/verify", "/auth/join",
    "/auth/join/check",
})  # fmt: skip
ROUTES: tuple[tuple[str, Any, list[str]], ...] = (
    ("/auth/login", log_in, ["POST"]),
    ("/auth/mfa/verify", verify, ["POST"]),
    ("/auth/options", options, ["GET"]),
    ("/auth/register", register, ["POST"]),
    ("/auth/join/check", check_code, ["POST"]),
    ("/auth/join", join, ["POST"]),
    ("/auth/recover", recover, ["POST"]),
    ("/auth/confirm", confirm, ["POST"]),
    ("/auth/email", change_email, ["POST"]),
    ("/auth/password", change_password, ["POST"]),
    ("/auth/sessions", sessions, ["GET", "DELETE"]),
    ("/auth/sessions/{id}", sessions, ["DELETE"]),
    ("/auth/mfa", second_factor, ["GET"]),
    ("/auth/mfa/{act}", change_second_factor, ["POST"]),
    ("/auth/recovery", recovery, ["GET", "POST"]),
    ("/auth/keys", keys, ["GET", "POST"]),
    ("/auth/keys/{id}", keys, ["DELETE"]),
    ("/admin/users", list_people, ["GET"]),
    ("/admin/users", add_person, ["POST"]),
    ("/admin/users/{id}", one_person, ["GET", "PATCH"]),
    ("/admin/users/{id}/{act}", act_on_person, ["POST"]),
    ("/admin/invites", invites, ["GET", "POST"]),
    ("/admin/invites/{id}", invites, ["DELETE"]),
    ("/admin/audit", audit, ["GET"]),
    ("/admin/audit/export", export_audit, ["GET"]),
    ("/admin/audit/check", check_audit, ["GET"]),
    ("/admin/settings", box_settings, ["GET", "PATCH"]),
    ("/admin/conversations", read_conversations, ["GET"]),
    ("/admin/conversations/{id}/messages", read_messages, ["GET"]),
)
