"""Models of a real box: fetched from a hub, used, given to programs, and gone on with after a kill."""

from dataclasses import replace
from pathlib import Path

import httpx

from tests.engine.text.demo import DEMO_FILE
from tests.engine.text.tiny_gguf import TinyGguf
from tests.servers.fake_hub import FakeHub, running_hub
from tests.servers.nodo import Nodo, running_nodo
from tests.waiting import until_now

NAME = "hf.co/owner/Demo-GGUF"
PATH = "owner/Demo-GGUF/demo-Q4_K_M.gguf"


def downloads(nodo: Nodo, client: httpx.Client, owner: dict[str, str]) -> list[dict[str, object]]:
    answer = client.get(f"{nodo.url}/api/models/downloads", headers=owner)
    return answer.raise_for_status().json()["items"]


def test_a_model_is_fetched_measured_loaded_and_removed(tmp_path: Path) -> None:
    hub = FakeHub(files={PATH: DEMO_FILE.read_bytes()}, cuts_after=[1_000_000])
    with (
        running_hub(hub),
        running_nodo(tmp_path, {"NODO_HF_URL": hub.url}) as nodo,
        httpx.Client(timeout=60) as client,
    ):
        owner = nodo.set_up(client)
        client.post(f"{nodo.url}/api/models/downloads", json={"name": NAME}, headers=owner)
        until_now(lambda: downloads(nodo, client, owner)[0]["state"] == "done", within_s=30)

        speed = client.post(f"{nodo.url}/api/models/speed", json={"name": NAME}, headers=owner)
        resident = client.get(f"{nodo.url}/api/engine/residents", headers=owner).json()
        gone = client.request(
            "DELETE", f"{nodo.url}/api/models/installed", params={"name": NAME}, headers=owner
        )
        left = client.get(f"{nodo.url}/api/models", headers=owner).json()["installed"]

    assert speed.json()["pace"] == "faster"
    assert NAME in [one["name"] for one in resident["items"]]
    assert gone.status_code == 204
    assert [one["name"] for one in left] == ["nodo-demo"]


def test_a_box_that_is_killed_in_the_middle_goes_on_with_what_came(tmp_path: Path) -> None:
    content = replace(TinyGguf(), data=bytes(3_000_000)).content()
    hub = FakeHub(files={PATH: content}, cuts_after=[1_000_000, *[0] * 50])
    with running_hub(hub), httpx.Client(timeout=60) as client:
        killed = Nodo(tmp_path, {"NODO_HF_URL": hub.url})
        owner = killed.set_up(client)
        client.post(f"{killed.url}/api/models/downloads", json={"name": NAME}, headers=owner)
        until_now(lambda: downloads(killed, client, owner)[0]["done_bytes"] == 10**6, within_s=30)
        killed.kill()
        hub.cuts_after = []

        with running_nodo(tmp_path, {"NODO_HF_URL": hub.url}) as nodo:
            owner = nodo.sign_in(client)
            until_now(lambda: downloads(nodo, client, owner)[0]["state"] == "done", within_s=30)

    assert hub.bodies()[-1] == "bytes=1000000-"
