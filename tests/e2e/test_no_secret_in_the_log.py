"""Whatever a box is told and tells: no secret of it is in its log, on its screen or in its database."""

from pathlib import Path

import httpx
import pytest
from pyotp.totp import TOTP

from tests.servers.nodo import OWNER, Nodo, running_nodo

_SETTINGS = {"NODO_LOG_LEVEL": "debug", "NODO_RATE_LIMIT_ENABLED": "off"}
_WRONG, _NEXT = "a wrong canary phrase", "the next canary phrase 7"
_WORDS = "what the canary said to nobody else"


def _secrets_of(box: Nodo, client: httpx.Client) -> dict[str, str]:
    """Return what only its owner may know, after using each of it."""

    def post(path: str, **body: object) -> dict[str, str]:
        answer = client.post(f"{box.url}{path}", json=body)
        is_json = "json" in answer.headers.get("content-type", "")
        told: dict[str, str] = answer.json() if is_json else {}
        return told

    owner = post("/setup", code=box.setup_code(), **OWNER)
    client.headers["Authorization"] = f"Bearer {owner['access_token']}"
    post("/auth/login", email=OWNER["email"], password=_WRONG)
    invite = post("/admin/invites", role="worker")["code"]
    joined = {"email": "bea@taller.example", "name": "Bea", "password": _NEXT}
    bea = post("/auth/join", code=invite, **joined)
    key = post("/auth/keys", name="Program", scopes=["chat"])["key"]
    client.get(f"{box.url}/conversations", headers={"x-api-key": key})
    client.get(f"{box.url}/conversations?access_token={key}")
    factor = post("/auth/mfa/start")["secret"]
    codes = post("/auth/mfa/confirm", code=TOTP(factor).now())["recovery_codes"]
    post("/auth/recover", email=OWNER["email"], recovery_code=codes[0], password=_NEXT)
    half_way = post("/auth/login", email=OWNER["email"], password=OWNER["password"])
    post("/auth/mfa/verify", mfa_token=half_way["mfa_token"], code=codes[1])
    post("/chat", message=_WORDS, options={"max_tokens": 1})
    return {
        "password": OWNER["password"],
        "wrong password": _WRONG,
        "next password": _NEXT,
        "access token": owner["access_token"],
        "refresh token": bea["refresh_token"],
        "invitation": invite,
        "key": key,
        "second factor": factor,
        "recovery code": codes[2],
        "recovery code as typed": codes[2].replace("-", ""),
        "second step": half_way["mfa_token"],
    }


def test_no_secret_is_in_log_screen_or_database(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    with running_nodo(tmp_path, _SETTINGS) as box, httpx.Client(timeout=60) as client:
        secrets = _secrets_of(box, client)

    log = (tmp_path / "logs" / "nodo.log").read_text(encoding="utf-8") + "\n".join(box.output)
    database = (tmp_path / "nodo.db").read_bytes()
    assert log.count("/auth/") > 8
    assert [name for name, secret in secrets.items() if secret in log] == []
    assert _WORDS not in log
    assert [name for name, secret in secrets.items() if secret.encode() in database] == []
    # The negative control: what is no secret is found where it is looked for.
    assert _WORDS.encode() in database
