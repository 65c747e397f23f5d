"""The whole box on PostgreSQL, and with its counts in Redis."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.streams import ask
from tests.servers.nodo import Nodo, running_nodo
from tests.waiting import until_now

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
    until_now(lambda: _listens(port), within_s=10)
    yield f"redis://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_a_box_on_postgresql_answers_and_remembers_over_a_restart(
    tmp_path: Path, postgresql_url: str
) -> None:
    environment = {"NODO_DATABASE_URL": postgresql_url}
    with httpx.Client(timeout=30) as client:
        with running_nodo(tmp_path, environment) as first:
            headers = first.set_up(client)
            events = ask(client, first.url, headers, "Hola, ¿quién eres?")
        with running_nodo(tmp_path, environment) as second:
            headers = second.sign_in(client)
            items = client.get(f"{second.url}/conversations", headers=headers).json()["items"]

    assert events[-1].event == "done"
    assert [item["title"] for item in items] == ["Hola, ¿quién eres?"]
    assert not (tmp_path / "nodo.db").exists()


def guess_a_code(client: httpx.Client, nodo: Nodo) -> httpx.Response:
    return client.post(f"{nodo.url}/auth/join/check", json={"code": "AAAA-AAAA"})


def test_counts_of_requests_outlive_a_restart_in_redis(tmp_path: Path, redis_url: str) -> None:
    environment = {
        "NODO_REDIS_URL": redis_url,
        "NODO_RATE_LIMIT_REDIS_ENABLED": "on",
    }
    with httpx.Client(timeout=30) as client:
        with running_nodo(tmp_path, environment) as first:
            answers = [guess_a_code(client, first) for _ in range(31)]
        with running_nodo(tmp_path, environment) as second:
            after_restart = guess_a_code(client, second)

    assert [answer.status_code for answer in answers] == [403] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[0].headers["X-RateLimit-Limit"] == "30"
    assert after_restart.status_code == 429


def test_the_web_process_stays_small(tmp_path: Path) -> None:
    with running_nodo(tmp_path) as nodo, httpx.Client(timeout=30) as client:
        headers = nodo.set_up(client)
        for _ in range(3):
            ask(client, nodo.url, headers, "¿Qué puedo hacer con Nodo?")
        rss_bytes = psutil.Process(nodo.pid).memory_info().rss

    assert rss_bytes < 150_000_000
