"""The live channel of a real box: who is shut out hears nothing more at once, everybody else goes on."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.e2e.streams import Received, events_of
from tests.servers.nodo import OWNER, ROOT, Nodo, running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

# With so little patience for one step the answer is slow enough to be interrupted.
LONG_ANSWER = {"max_tokens": 1500, "temperature": 2.0, "top_k": 1000}
Headers = dict[str, str]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodo]:
    with running_nodo(tmp_path_factory.mktemp("box"), {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo:
        yield nodo


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(box: Nodo, client: httpx.Client) -> Headers:
    return box.set_up(client)


def somebody(box: Nodo, client: httpx.Client, owner: Headers, email: str) -> tuple[str, Headers]:
    """Return the id and the headers of a new person."""
    body = {"email": email, "name": "Berta", "role": "worker", "language": "es"}
    made = client.post(f"{box.url}/admin/users", json=body, headers=owner).json()
    joined = client.post(
        f"{box.url}/auth/join", json={"code": made["code"], "password": OWNER["password"]}
    )
    assert joined.status_code == 201, joined.text
    token = joined.json()["access_token"]
    return made["user"]["id"], {"Authorization": f"Bearer {token}"}


@contextmanager
def listening(
    box: Nodo, headers: Headers, last_id: int | None = None
) -> Iterator[ClientConnection]:
    """Give a line that was welcomed."""
    with connect(f"{box.url.replace('http', 'ws')}/ws") as line:
        token = headers["Authorization"].removeprefix("Bearer ")
        place = {} if last_id is None else {"last_event_id": last_id}
        line.send(json.dumps({"type": "hello", "access_token": token, **place}))
        yield line


def heard(line: ClientConnection, event: str, within_s: float = 20) -> dict[str, Any]:
    """Return the data of the next news of this kind."""
    ends_s = time.monotonic() + within_s
    while True:
        told = json.loads(line.recv(timeout=ends_s - time.monotonic()))
        if told.get("event") == event or told.get("type") == event:
            found: dict[str, Any] = told.get("data", told)
            return found


def close_code(line: ClientConnection, within_s: float) -> int:
    """Return the code by which the box ends the line."""
    ends_s = time.monotonic() + within_s
    try:
        while True:
            line.recv(timeout=ends_s - time.monotonic())
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def test_what_happens_is_told_to_its_person(
    box: Nodo, client: httpx.Client, owner: Headers
) -> None:
    _, other = somebody(box, client, owner, "carla@taller.example")
    with listening(box, owner) as line, listening(box, other) as others_line:
        heard(line, "welcome")
        heard(others_line, "welcome")
        with client.stream(
            "POST", f"{box.url}/chat", json={"message": "Hola"}, headers=owner
        ) as answer:
            events = list(events_of(answer))
        conversation_id = events[0].data["conversation_id"]

        assert heard(line, "conversation") == {"id": conversation_id, "change": "created"}
        begun, ended = heard(line, "answer"), heard(line, "answer")
        assert begun["conversation_id"] == ended["conversation_id"] == conversation_id
        assert (begun["state"], ended["state"]) == ("queued", "done")
        told = []
        try:
            while True:
                told.append(json.loads(others_line.recv(timeout=1)))
        except TimeoutError:
            pass
        assert {one["event"] for one in told} <= {"engine"}


def cut_off(
    box: Nodo, client: httpx.Client, headers: Headers, act: Any
) -> tuple[list[Received], float]:
    """Return all events of an answer, and how long it went on after `act` in its middle."""
    seen: list[Received] = []
    acted_s = 0.0
    body = {"message": "Cuéntame todo lo que sepas", "options": LONG_ANSWER}
    with client.stream("POST", f"{box.url}/chat", json=body, headers=headers) as answer:
        for event in events_of(answer):
            seen.append(event)
            if event.event == "token" and not acted_s:
                act()
                acted_s = time.monotonic()
        took_s = time.monotonic() - acted_s
    if seen[-1].event == "done":
        pytest.skip("the model ended its answer before anybody was shut out")
    return seen, took_s


def test_who_signs_out_in_mid_answer_hears_nothing_more_and_their_other_device_goes_on(
    box: Nodo, client: httpx.Client, owner: Headers
) -> None:
    _, headers = somebody(box, client, owner, "berta@taller.example")
    other_device = client.post(
        f"{box.url}/auth/login",
        json={"email": "berta@taller.example", "password": OWNER["password"]},
    ).json()["access_token"]
    with (
        listening(box, headers) as line,
        listening(box, {"Authorization": f"Bearer {other_device}"}) as other_line,
        httpx.Client() as another,
    ):
        heard(line, "welcome")
        heard(other_line, "welcome")

        seen, took_s = cut_off(
            box, client, headers, lambda: another.post(f"{box.url}/auth/logout", headers=headers)
        )

        assert (seen[-1].event, seen[-1].data["code"]) == ("error", "session_ended")
        assert took_s < 1, took_s
        assert close_code(line, within_s=1) == 4401
        # The answer itself goes on: it belongs to the person, not to the tab.
        while (told := heard(other_line, "answer", within_s=60))["state"] != "done":
            assert told["state"] in {"queued", "writing"}


def test_who_is_disabled_in_mid_answer_hears_nothing_more_and_others_go_on(
    box: Nodo, client: httpx.Client, owner: Headers
) -> None:
    user_id, headers = somebody(box, client, owner, "dora@taller.example")
    with listening(box, headers) as line, listening(box, owner) as other, httpx.Client() as admin:
        heard(line, "welcome")
        heard(other, "welcome")

        def disable() -> None:
            address = f"{box.url}/admin/users/{user_id}/disable"
            assert admin.post(address, headers=owner).status_code < 300

        seen, took_s = cut_off(box, client, headers, disable)

        assert (seen[-1].event, seen[-1].data["code"]) == ("error", "session_ended")
        assert took_s < 1, took_s
        assert close_code(line, within_s=1) == 4401
        client.post(f"{box.url}/conversations", json={"title": "Sigo aquí"}, headers=owner)
        assert heard(other, "conversation")["change"] == "created"


def test_who_is_disabled_by_a_command_hears_nothing_more_within_seconds(
    box: Nodo, client: httpx.Client, owner: Headers
) -> None:
    _, headers = somebody(box, client, owner, "eva@taller.example")
    with listening(box, headers) as line:
        heard(line, "welcome")
        subprocess.run(
            [sys.executable, "-m", "appliance", "user", "disable", "eva@taller.example",
             "--data-dir", str(box.data_folder)],
            cwd=ROOT, check=True, capture_output=True, timeout=60,
        )  # fmt: skip

        assert close_code(line, within_s=12) == 4401


@pytest.mark.parametrize("ends", ["stop", "kill"])
def test_after_a_restart_a_line_begins_anew_and_is_told_so(tmp_path: Path, ends: str) -> None:
    with httpx.Client(timeout=30) as client:
        with running_nodo(tmp_path) as first:
            headers = first.set_up(client)
            with listening(first, headers) as line:
                last_id = heard(line, "welcome")["last_event_id"]
                if ends == "stop":
                    first.stop()
                else:
                    first.kill()
                code = close_code(line, within_s=10)
        with running_nodo(tmp_path) as second:
            headers = second.sign_in(client)
            with listening(second, headers, last_id) as line:
                welcome = heard(line, "welcome")
                assert heard(line, "reset") == {}

    assert code == (1012 if ends == "stop" else 1006)
    assert welcome["resumed"] is False
    assert welcome["last_event_id"] > last_id
