"""The Ollama door of a real box: open to this computer's programs, closed to foreign pages."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.servers.nodo import running_nodo
from tests.waiting import until_now

MODEL = "nodo-demo"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def _door(folder: Path) -> Iterator[httpx.Client]:
    """Give a client of the door of a running box that has no owner yet."""
    port = _free_port()
    with (
        running_nodo(folder, {"NODO_OLLAMA_PORT": str(port)}),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module", name="door")
def _shared_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with _door(tmp_path_factory.mktemp("box")) as client:
        yield client


def test_a_program_without_a_key_gets_an_answer(door: httpx.Client) -> None:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hola"}]}

    answer = door.post("/api/chat", json=body)

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-1]["done_reason"] == "stop"
    assert lines[-1]["eval_count"] > 0
    assert "".join(line["message"]["content"] for line in lines)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "Ollama is running"),
        ("/conversations", "404 page not found"),
        ("/auth/me", "404 page not found"),
        ("/api/ollama/generate", "404 page not found"),
        ("/api/models", "404 page not found"),
    ],
)
def test_only_programs_routes_are_here(door: httpx.Client, path: str, text: str) -> None:
    assert door.get(path).text == text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"host": "evil.example:11434"}, 403),
        ({"host": "8.8.8.8"}, 403),
        ({"host": "box.local"}, 200),
        ({"host": "host.docker.internal:11434"}, 200),
        ({"host": "192.168.1.5:11434"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "app://obsidian.md"}, 200),
        ({"origin": "vscode-webview://abc"}, 200),
    ],
)
def test_hosts_and_origins_are_as_ollamas(
    door: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = door.post("/api/show", json={"model": MODEL}, headers=headers)

    assert answer.status_code == status
    if "origin" in headers:
        shared_with = answer.headers.get("access-control-allow-origin")
        assert shared_with == (headers["origin"] if status == 200 else None)


def test_a_port_that_is_taken_is_a_warning_and_the_box_works(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with running_nodo(tmp_path, {"NODO_OLLAMA_PORT": port}) as nodo:
            until_now(lambda: nodo.match(r"door stays closed"), within_s=10, what="the warning")

            assert httpx.get(f"{nodo.url}/health").status_code == 200
