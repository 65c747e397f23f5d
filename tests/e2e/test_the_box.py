"""The whole box from outside: a real process, a real model, real requests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.streams import ask, events_of, text_of
from tests.servers.nodo import OWNER, ROOT, Nodo, running_nodo
from tests.waiting import until_now

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

# Public by contract; everything else asks who is there.
_PUBLIC_POSTS = (
    "login",
    "refresh",
    "logout",
    "mfa/verify",
    "recover",
    "join",
    "join/check",
    "register",
)
PUBLIC = {
    ("get", "/health"),
    ("get", "/setup"),
    ("post", "/setup"),
    *(("get", f"{prefix}/auth/options") for prefix in ("", "/api")),
    *(("post", f"{prefix}/auth/{path}") for prefix in ("", "/api") for path in _PUBLIC_POSTS),
}
# With so little patience for one step the answer is slow enough to be interrupted.
LONG_ANSWER = {"max_tokens": 1500, "temperature": 2.0, "top_k": 1000}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodo]:
    with running_nodo(tmp_path_factory.mktemp("box"), {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo:
        yield nodo


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(box: Nodo, client: httpx.Client) -> dict[str, str]:
    return box.set_up(client)


def engine_of(nodo: Nodo) -> psutil.Process:
    """Return the engine's process, once it runs."""
    until_now(lambda: psutil.Process(nodo.pid).children(), within_s=20)
    return psutil.Process(nodo.pid).children()[0]


def test_a_person_sets_it_up_and_gets_an_answer_from_the_demo_model(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    events = ask(client, box.url, owner, "Hola, ¿quién eres?")

    assert events[0].event == "conversation"
    assert events[-1].event == "done"
    assert events[-1].data["model"] == "nodo-demo"
    assert "Nodo" in text_of(events)
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))


def test_a_stream_can_be_read_again_whole_or_from_where_somebody_was(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    events = ask(client, box.url, owner, "What can Nodo do?")
    address = f"{box.url}/chat/{events[0].data['message_id']}/events"
    middle = next(event for event in events if event.event == "token")

    with client.stream("GET", address, headers=owner) as whole:
        again = list(events_of(whole))
    with client.stream("GET", address, headers={**owner, "Last-Event-ID": str(middle.id)}) as rest:
        missed = list(events_of(rest))

    assert text_of(again) == text_of(events)
    assert text_of([middle, *missed]) == text_of(events)
    assert missed[-1].event == "done"


def test_nobody_gets_anything_but_the_public_routes_without_signing_in(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    described = client.get(f"{box.url}/api/openapi.json", headers=owner).json()
    operations = [
        (method, path) for path, methods in described["paths"].items() for method in methods
    ]

    answers = {
        (method, path): client.request(
            method, box.url + path.replace("{", "").replace("}", ""), json={}
        ).status_code
        for method, path in operations
        if (method, path) not in PUBLIC
    }

    assert len(answers) >= 15
    assert set(answers.values()) == {401}, answers


def test_the_described_interface_says_who_may_ask_and_how_refusals_look(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    described = client.get(f"{box.url}/api/openapi.json", headers=owner).json()
    operations = {
        (method, path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }

    assert {name for name, one in operations.items() if not one["security"]} == PUBLIC
    for operation in operations.values():
        assert operation["summary"]
        assert "422" not in operation["responses"]
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(described)
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, None),
        (b'{"message": ""}', 422, None),
        (
            b'{"message": "hi", "conversation_id": "00000000-0000-7000-8000-000000000000"}',
            404,
            None,
        ),
        (b'{"message": "hi", "options": {"temperature": 9}}', 422, None),
        (b'{"message": "' + b"a" * (2 << 20) + b'"}', 413, "too_large"),
    ],
    ids=["broken JSON", "blank", "unknown conversation", "hot", "2 MB"],
)
def test_bad_questions_get_a_clear_problem(
    box: Nodo, client: httpx.Client, owner: dict[str, str],
    body: bytes, status: int, code: str | None,
) -> None:  # fmt: skip
    headers = {**owner, "Content-Type": "application/json"}
    try:
        answer = client.post(f"{box.url}/chat", content=body, headers=headers)
    except httpx.TransportError:
        # The connection is closed before two megabytes are read; the next one works.
        assert status == 413
        return

    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem["detail"]
    assert code is None or problem["code"] == code


def test_the_engine_killed_in_mid_answer_is_told_within_five_seconds_and_comes_back(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    engine = engine_of(box)
    body = {"message": "Cuéntame todo", "options": LONG_ANSWER}
    with client.stream("POST", f"{box.url}/chat", json=body, headers=owner) as answer:
        seen = []
        killed_s = 0.0
        for event in events_of(answer):
            seen.append(event)
            if event.event == "token" and not killed_s:
                engine.send_signal(signal.SIGKILL)
                killed_s = time.monotonic()
        told_s = time.monotonic() - killed_s

    if seen[-1].event == "done":
        pytest.skip("the model ended its answer before the engine died")
    assert seen[-1].event == "error"
    assert seen[-1].data["code"] == "engine_stopped"
    assert told_s < 5
    assert ask(client, box.url, owner, "Hola")[-1].event == "done"


def test_the_engine_sees_no_secret_of_ours(box: Nodo) -> None:
    environment = Path(f"/proc/{engine_of(box).pid}/environ").read_bytes().decode()

    names = {entry.partition("=")[0] for entry in environment.split("\0") if entry}
    assert {name for name in names if name.startswith("NODO_")} <= {
        "NODO_PARENT_PID",
        "NODO_PROCESSOR_CODE",
    }
    assert "SECRET" not in environment.upper()


def test_a_second_start_on_the_same_folder_is_refused_in_one_sentence(box: Nodo) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "appliance", "serve"],
        cwd=ROOT,
        env={**os.environ, "NODO_DATA_DIR": str(box.data_folder), "NODO_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert second.returncode == 1
    assert str(box.pid) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        started = subprocess.run(
            [sys.executable, "-m", "appliance", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "NODO_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert started.returncode == 1
    assert str(port) in started.stderr
    assert "Traceback" not in started.stderr + started.stdout


def test_a_box_without_an_owner_is_not_opened_to_other_devices(tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "appliance", "serve", "--host", "0.0.0.0", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "NODO_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert started.returncode == 1
    assert "no owner yet" in started.stderr
    assert "http://" not in started.stdout


def test_a_box_whose_owner_is_known_answers_at_the_address_that_it_shows(tmp_path: Path) -> None:
    environment = {
        "NODO_HOST": "0.0.0.0",
        "NODO_ADMIN_EMAIL": OWNER["email"],
        "NODO_ADMIN_PASSWORD": OWNER["password"],
    }
    with running_nodo(tmp_path, environment) as nodo, httpx.Client() as client:
        assert client.get(f"{nodo.url}/setup").json()["needed"] is False


def test_a_box_killed_in_mid_answer_keeps_question_and_text_and_says_so(tmp_path: Path) -> None:
    body = {"message": "Cuéntame muchas cosas", "options": LONG_ANSWER}
    with httpx.Client(timeout=30) as client:
        seen = []
        with (
            running_nodo(tmp_path) as first,
            client.stream(
                "POST", f"{first.url}/chat", json=body, headers=first.set_up(client)
            ) as answer,
        ):
            for event in events_of(answer):
                seen.append(event)
                if event.event == "token":
                    break
            first.kill()
        conversation_id = seen[0].data["conversation_id"]
        with running_nodo(tmp_path) as second:
            headers = second.sign_in(client)
            address = f"{second.url}/conversations/{conversation_id}/messages"

            def states() -> list[str]:
                items = client.get(address, headers=headers).json()["items"]
                return [item["state"] for item in items]

            until_now(lambda: states()[-1] not in {"queued", "writing"}, within_s=20)
            question, answered = client.get(address, headers=headers).json()["items"]

    assert question["content"] == body["message"]
    # Text that had reached the disk is kept and marked; an answer without any is written anew.
    assert answered["state"] in {"interrupted", "done"}
    assert answered["content"] or answered["state"] == "interrupted"


@pytest.mark.parametrize(
    "content",
    [b"this is a text file", (ROOT / "models/demo/nodo-demo.gguf").read_bytes()[:200_000]],
    ids=["text", "truncated"],
)
def test_a_file_that_is_no_model_is_refused_and_the_box_goes_on(
    box: Nodo, client: httpx.Client, owner: dict[str, str], content: bytes
) -> None:
    (box.data_folder / "models" / "broken.gguf").write_bytes(content)

    refused = client.post(f"{box.url}/api/models/current", json={"name": "broken"}, headers=owner)

    (box.data_folder / "models" / "broken.gguf").unlink()
    assert refused.status_code == 422
    assert refused.json()["code"] == "bad_model_file"
    assert client.get(f"{box.url}/api/engine", headers=owner).json()["model"] == "nodo-demo"


def test_stop_ends_the_work_of_the_engine_within_a_second(
    box: Nodo, client: httpx.Client, owner: dict[str, str]
) -> None:
    body = {"message": "Cuéntame algo largo", "options": LONG_ANSWER}
    with client.stream("POST", f"{box.url}/chat", json=body, headers=owner) as answer:
        events = events_of(answer)
        message_id = next(events).data["message_id"]
        next(event for event in events if event.event == "token")
        stopped = client.post(f"{box.url}/chat/{message_id}/stop", headers=owner)
        last = list(events)[-1]
    engine = engine_of(box)
    before_s = sum(engine.cpu_times()[:2])
    until_now(lambda: client.get(f"{box.url}/api/engine", headers=owner).json()["running"] == 0)

    assert stopped.status_code == 202
    assert last.event == "done"
    assert last.data["finish_reason"] in {"cancelled", "stop"}
    assert sum(engine.cpu_times()[:2]) - before_s < 0.2


def test_another_persons_token_or_none_reads_nothing(box: Nodo, client: httpx.Client) -> None:
    for token in ("-", "x.y.z", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."):
        answer = client.get(f"{box.url}/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_an_unattended_start_makes_the_owner_without_a_code(tmp_path: Path) -> None:
    environment = {
        "NODO_ADMIN_EMAIL": OWNER["email"],
        "NODO_ADMIN_PASSWORD": OWNER["password"],
        "NODO_ADMIN_NAME": "Ana",
    }
    with running_nodo(tmp_path, environment) as nodo, httpx.Client() as client:
        headers = nodo.sign_in(client)
        me = client.get(f"{nodo.url}/auth/me", headers=headers).json()

    assert me["role"] == "admin"
    assert not nodo.match(r"#code=")
