"""What people do with their chats, on a real box with the demo model, on both databases."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.streams import Received, ask, events_of, text_of
from tests.faults.chat_chaos import Chaos
from tests.servers.nodo import running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    return {"NODO_DATABASE_URL": request.getfixturevalue("postgresql_server").new_database()}


def go_on(client: httpx.Client, url: str, message_id: str, last: int) -> list[Received]:
    headers = {"Last-Event-ID": str(last)}
    address = f"{url}/chat/{message_id}/continue"
    with client.stream("POST", address, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200, answer.read()
        return list(events_of(answer))


@pytest.fixture(scope="module")
def owner(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("box")
    with httpx.Client(timeout=30) as client, running_nodo(folder, environment) as nodo:
        client.headers.update(nodo.set_up(client))
        client.base_url = nodo.url
        yield client


@pytest.fixture
def client(owner: httpx.Client) -> Iterator[httpx.Client]:
    """Give the owner of a box that all tests of a database share, without conversations."""
    yield owner
    for item in owner.get("/conversations").json()["items"]:
        owner.delete(f"/conversations/{item['id']}").raise_for_status()


def test_a_cut_answer_goes_on_and_is_found(client: httpx.Client) -> None:
    url = str(client.base_url).rstrip("/")
    options = {"max_tokens": 4, "temperature": 0}
    cut = ask(client, url, {}, "¿Qué hace la MAÑANA en Cáceres?", options=options)
    rest = go_on(client, url, str(cut[0].data["message_id"]), cut[-1].id)
    address = f"/conversations/{cut[0].data['conversation_id']}/messages"
    row = client.get(address).json()["items"][1]
    found = client.get("/history", params={"q": "manana cace"}).json()["items"]

    assert cut[-1].data["finish_reason"] == "length"
    assert row["content"] == text_of(cut) + text_of(rest)
    assert min(event.id for event in rest) > cut[-1].id
    hits = [part["text"] for part in found[-1]["snippet"] if part["hit"]]
    assert hits == ["MAÑANA", "Cáceres"]


def test_chats_are_kept_in_order_taken_along_and_not_overseen(client: httpx.Client) -> None:
    url = str(client.base_url).rstrip("/")
    asked = ask(client, url, {}, "Hola", options={"max_tokens": 8})[0].data
    conversation = f"/conversations/{asked['conversation_id']}"
    unread = client.get(conversation).json()["unread"]
    client.post(f"{conversation}/read")
    pinned = client.patch(conversation, json={"pinned": True}).json()
    feedback = client.put(f"/chat/{asked['message_id']}/feedback", json={"rating": "up"}).json()
    archive = zipfile.ZipFile(io.BytesIO(client.get("/history/export").content))
    overseen = client.get("/admin/conversations")

    assert (unread, pinned["unread"], pinned["pinned"]) == (True, False, True)
    assert feedback["feedback"] == "up"
    assert "### Nodo" in client.get(f"{conversation}/export").text
    assert len(archive.namelist()) == 2
    assert (overseen.status_code, overseen.json()["code"]) == (403, "reading_not_allowed")


def test_addresses_of_older_programs_answer(client: httpx.Client) -> None:
    sent = client.post("/chat/send", json={"content": "¿Y Badajoz?"}).json()
    history = client.get("/chat/history?limit=2").json()["items"]
    legacy = [client.get(path).status_code for path in ("/api/auth/me", "/static/index.html")]

    assert (sent["role"], sent["state"]) == ("assistant", "done")
    assert [item["id"] for item in history][1] == sent["id"]
    assert legacy == [200, 200]


def test_a_kill_on_postgresql_takes_nothing_away_either(
    tmp_path: Path, postgresql_url: str
) -> None:
    chaos = Chaos(tmp_path, seed=3, environment={"NODO_DATABASE_URL": postgresql_url})
    try:
        for action in ("kill", "kill in continue", "stop"):
            chaos.round(action)
        chaos.check_all()
    finally:
        chaos.close()


def test_a_box_with_search_and_export_stays_small(tmp_path: Path) -> None:
    with httpx.Client(timeout=30) as client, running_nodo(tmp_path) as nodo:
        client.headers.update(nodo.set_up(client))
        ask(client, nodo.url, {}, "Hola")
        client.get(f"{nodo.url}/history", params={"q": "hola"})
        client.get(f"{nodo.url}/history/export")

        assert psutil.Process(nodo.pid).memory_info().rss < 150 * 2**20
