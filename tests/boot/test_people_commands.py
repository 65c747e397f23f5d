import io
import json
from pathlib import Path

import httpx
import pytest

from appliance.boot.cli import main
from tests.databases import sqlite_database
from tests.servers.nodo import OWNER, running_nodo

BEA = ["bea@example.com", "--name", "Bea"]


@pytest.fixture
def nodo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NODO_DATA_DIR", str(tmp_path))

    def run(*words: str) -> int:
        return main(list(words))

    return run


def people_of(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, str]]:
    capsys.readouterr()
    assert main(["user", "list", "--json"]) == 0
    return [
        (person["email"], person["role"], person["state"])
        for person in json.loads(capsys.readouterr().out)
    ]


def test_a_new_account_comes_with_a_code_and_a_link(
    nodo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nodo("user", "add", *BEA, "--role", "supervisor") == 0

    said = capsys.readouterr().out
    assert "One-time code to set a password: " in said
    assert "http://127.0.0.1:8001/#/join?code=" in said
    assert people_of(capsys) == [("bea@example.com", "supervisor", "active")]


def test_a_password_that_is_refused_says_why(
    nodo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodo("user", "add", *BEA)
    monkeypatch.setattr("sys.stdin", io.StringIO("12345678\n"))

    assert nodo("user", "reset-password", "bea@example.com", "--password-stdin") == 1
    assert "one of those that are tried first" in capsys.readouterr().err


def test_somebody_is_shut_out_and_let_in_again(nodo, capsys: pytest.CaptureFixture[str]) -> None:
    nodo("user", "add", *BEA)

    nodo("user", "disable", "BEA@example.com")
    disabled = people_of(capsys)
    nodo("user", "enable", "bea@example.com")

    assert disabled == [("bea@example.com", "worker", "disabled")]
    assert people_of(capsys) == [("bea@example.com", "worker", "active")]


def test_an_unknown_person_ends_in_one_clear_sentence(
    nodo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nodo("user", "disable", "nobody@example.com") == 1
    assert capsys.readouterr().err == "nodo: There is no such account.\n"


def test_what_is_for_trying_out_goes_without_a_trace_of_itself_and_nothing_else(
    nodo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    nodo("user", "add", *BEA)
    nodo("demo", "load")
    loaded = people_of(capsys)

    nodo("demo", "clear")

    assert [email for email, *_ in loaded] == [
        "bea@example.com",
        "admin@demo.nodo",
        "supervisor@demo.nodo",
        "worker@demo.nodo",
    ]
    assert people_of(capsys) == [("bea@example.com", "worker", "active")]
    database = sqlite_database(tmp_path)
    tables = ("conversations", "messages", "demo_people", "sessions")
    left = [
        database.read_now(
            lambda c, t=table: c.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar()
        )
        for table in tables
    ]
    database.close()
    assert left == [0, 0, 0, 0]


def test_what_is_for_trying_out_is_not_loaded_twice(
    nodo, capsys: pytest.CaptureFixture[str]
) -> None:
    nodo("demo", "load")

    assert nodo("demo", "load") == 1
    assert "nodo demo clear" in capsys.readouterr().err


def test_a_running_box_hears_of_it(
    nodo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with running_nodo(tmp_path) as box, httpx.Client(timeout=20) as client:
        box.set_up(client)
        nodo("demo", "load")
        offered = client.get(f"{box.url}/auth/options").json()["demo_accounts"]
        body = {key: offered[0][key] for key in ("email", "password")}
        signed_in = client.post(f"{box.url}/auth/login", json=body)
        capsys.readouterr()
        nodo("user", "reset-password", OWNER["email"])
        said = capsys.readouterr().out

    assert [account["role"] for account in offered] == ["admin", "supervisor", "worker"]
    assert signed_in.status_code == 200
    assert f"{box.url}/#/join?code=" in said
