import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from appliance.base.clock import SystemClock
from appliance.base.web.identity import Role
from appliance.base.web.problems import install_problem_handlers
from appliance.engine.download.addresses import Reach
from appliance.engine.download.downloads import Downloads
from appliance.engine.library.found import Places
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.model import Finished, FinishReason, TextRequest
from appliance.engine.text.port import EngineState, EngineStatus, Resident
from appliance.model_api.keeping.keeping import Keeping, Memory
from appliance.model_api.keeping.routes import keeping_router
from tests.engine.library.shelves import QWEN_FILE, catalogue_entry
from tests.engine.library.test_taking_in import ollama_with
from tests.engine.text.tiny_gguf import TinyGguf
from tests.fakes.ids import CountingIds
from tests.fakes.signing_in import signed_in_as
from tests.servers.fake_hub import FakeHub, running_hub
from tests.waiting import until

TINY = TinyGguf().content()
PATH = f"Qwen/Qwen3-4B-GGUF/{QWEN_FILE}"
READY = EngineState(
    status=EngineStatus.READY, model="small", detail="", load_percent=100, running=0, waiting=0,
    context_tokens=4096, tokens_per_s=None,
)  # fmt: skip


class HostingEngine:
    """An engine that holds what it is told to, and answers in times that are known."""

    def __init__(self) -> None:
        self.held: dict[str, Resident] = {}

    def state(self) -> EngineState:
        return READY

    async def load(self, model: str | None, *, keep_alive_s: float | None = None) -> Resident:
        name = model or "small"
        self.held[name] = Resident(name, 10**9, 4096, None, False, READY)
        return self.held[name]

    async def unload(self, model: str) -> None:
        del self.held[model]

    def residents(self) -> list[Resident]:
        return list(self.held.values())

    async def generate(self, request: TextRequest) -> AsyncIterator[object]:
        yield Finished(
            FinishReason.LENGTH, request.model or "small", prompt_tokens=300,
            completion_tokens=41, queued_s=0.0, reading_s=3.0, writing_s=8.0, load_s=1.25,
        )  # fmt: skip


@dataclass
class Box:
    client: httpx.AsyncClient
    library: ModelLibrary
    engine: HostingEngine
    folder: Path


@asynccontextmanager
async def box_of(
    folder: Path, hub_url: str = "http://127.0.0.1:9", *, role: Role = Role.ADMIN, free: bool = True
) -> AsyncIterator[Box]:
    models = folder / "models"
    models.mkdir()
    for name in ("small", "large"):
        (models / f"{name}.gguf").write_bytes(TINY)
    entry = replace(
        catalogue_entry(), size_bytes=len(TINY), sha256=hashlib.sha256(TINY).hexdigest(),
        allows_commercial_use=free,
    )  # fmt: skip
    library = ModelLibrary(folder=models, demo_file=None, catalogue=(entry,))
    downloads = Downloads(library=library, reach=Reach(hub_url), clock=SystemClock())
    engine = HostingEngine()
    keeping = Keeping(
        library=library,
        downloads=downloads,
        engine=engine,  # type: ignore[arg-type]
        places=Places(folder / "inbox", (folder / "media",), (folder / "ollama",)),
        ids=CountingIds(),
        memory=lambda: Memory(12 * 10**9, 5 * 10**9),
    )
    app = FastAPI()
    app.state.authenticator = signed_in_as("ana", role)
    install_problem_handlers(app)
    app.include_router(keeping_router(keeping, inbox_hint="inbox"))
    running = asyncio.create_task(downloads.run())
    await until(lambda: downloads._tasks is not None, within_s=5)
    transport = httpx.ASGITransport(app=app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield Box(client, library, engine, folder)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def until_over(box: Box) -> dict[str, object]:
    async def last() -> dict[str, object]:
        return (await box.client.get("/api/models/downloads")).json()["items"][-1]

    for _ in range(500):
        if (found := await last())["state"] in {"done", "failed"}:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(await last())


async def test_a_model_is_fetched_and_then_here(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with box_of(tmp_path, hub.url) as box:
            begun = await box.client.post("/api/models/downloads", json={"name": "qwen3:4b"})
            last = await until_over(box)
            here = [model.name for model in box.library.list_models()]

    assert begun.status_code == 202
    assert (last["state"], last["done_bytes"], last["problem"]) == ("done", len(TINY), None)
    assert "qwen3:4b" in here


async def test_a_licence_against_work_for_money_is_shown_before_anything_is_fetched(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with box_of(tmp_path, hub.url, free=False) as box:
            refused = await box.client.post("/api/models/downloads", json={"name": "qwen3:4b"})
            asked_before = list(hub.asked)
            accepted = await box.client.post(
                "/api/models/downloads", json={"name": "qwen3:4b", "accepts_licence": True}
            )

    assert (refused.status_code, refused.json()["code"]) == (409, "licence_not_accepted")
    assert asked_before == []
    assert accepted.status_code == 202


async def test_a_licence_holds_for_every_name_of_what_it_is_for(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with box_of(tmp_path, hub.url, free=False) as box:
            refused = await box.client.post(
                "/api/models/downloads", json={"name": "hf.co/qwen/Qwen3-4B-GGUF:Q8_0"}
            )

    assert (refused.status_code, refused.json()["code"]) == (409, "licence_not_accepted")
    assert hub.asked == []


async def test_a_failed_download_says_why_and_can_be_thrown_away(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY}, status=404)) as hub:
        async with box_of(tmp_path, hub.url) as box:
            begun = await box.client.post("/api/models/downloads", json={"name": "qwen3:4b"})
            last = await until_over(box)
            gone = await box.client.delete(f"/api/models/downloads/{begun.json()['id']}")
            left = await box.client.get("/api/models/downloads")

    problem = last["problem"]
    assert isinstance(problem, dict)
    assert problem["code"] == "hub_file_missing"
    assert gone.status_code == 204
    assert left.json() == {"items": []}


@pytest.mark.parametrize("name", ["../../etc", "nobody/knows", "http://127.0.0.1/x"])
async def test_an_unknown_or_strange_name_is_refused(tmp_path: Path, name: str):
    async with box_of(tmp_path) as box:
        answer = await box.client.post("/api/models/downloads", json={"name": name})

    assert answer.status_code in {404, 422}


async def test_a_file_in_the_inbox_is_found_and_taken_in(tmp_path: Path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "sent.gguf").write_bytes(TINY)
    async with box_of(tmp_path) as box:
        found = (await box.client.get("/api/models/found")).json()["items"]
        taken = await box.client.post(f"/api/models/found/{found[0]['id']}")
        last = await until_over(box)
        model = box.library.model_named("sent")

    assert (found[0]["name"], found[0]["place"].endswith("/inbox")) == ("sent.gguf", True)
    assert (taken.status_code, last["state"]) == (202, "done")
    assert model.digest == hashlib.sha256(TINY).hexdigest()


async def test_a_model_of_ollama_is_here_at_once(tmp_path: Path):
    ollama_with(tmp_path / "ollama")
    async with box_of(tmp_path) as box:
        found = (await box.client.get("/api/models/found")).json()["items"]
        taken = await box.client.post(f"/api/models/found/{found[0]['id']}")

        assert box.library.find_model("tiny:1b") is not None

    assert taken.json() == {"name": "tiny:1b", "download": None}


async def test_nobody_takes_in_a_path(tmp_path: Path):
    async with box_of(tmp_path) as box:
        answer = await box.client.post("/api/models/found/..%2F..%2Fetc%2Fpasswd")

    assert answer.status_code == 404


async def test_a_model_is_removed_and_leaves_the_memory_first(tmp_path: Path):
    async with box_of(tmp_path) as box:
        await box.client.post("/api/models/load", json={"name": "large"})
        answer = await box.client.request(
            "DELETE", "/api/models/installed", params={"name": "large"}
        )

        assert box.engine.held == {}
        assert box.library.find_model("large") is None

    assert answer.status_code == 204


async def test_the_model_that_answers_is_not_removed(tmp_path: Path):
    async with box_of(tmp_path) as box:
        answer = await box.client.request(
            "DELETE", "/api/models/installed", params={"name": "small"}
        )

    assert (answer.status_code, answer.json()["code"]) == (409, "model_in_use")


async def test_what_is_in_memory_is_told_with_what_there_is(tmp_path: Path):
    async with box_of(tmp_path) as box:
        await box.client.post("/api/models/load", json={"name": "large"})
        answer = (await box.client.get("/api/engine/residents")).json()
        await box.client.post("/api/models/unload", json={"name": "large"})

        assert box.engine.held == {}

    assert answer == {
        "items": [{
            "name": "large", "memory_bytes": 10**9, "context_tokens": 4096, "expires_at": None,
            "is_for_embeddings": False, "status": "ready", "load_percent": 100,
        }],
        "memory_total_bytes": 12 * 10**9,
        "memory_available_bytes": 5 * 10**9,
    }  # fmt: skip


async def test_the_speed_of_a_model_is_told_as_people_think_of_it(tmp_path: Path):
    async with box_of(tmp_path) as box:
        answer = await box.client.post("/api/models/speed", json={"name": "large"})

    assert answer.json() == {
        "model": "large", "load_s": 1.25, "reading_tokens_per_s": 100.0,
        "writing_tokens_per_s": 5.0, "page_s": 6.0, "pace": "as_fast", "took_s": 11.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/models/downloads"), ("POST", "/api/models/downloads"), ("GET", "/api/models/found"),
     ("POST", "/api/models/found/x"), ("DELETE", "/api/models/installed?name=large"),
     ("POST", "/api/models/load"), ("POST", "/api/models/unload"), ("POST", "/api/models/speed")],
)  # fmt: skip
async def test_only_administrators_keep_models(tmp_path: Path, method: str, path: str):
    async with box_of(tmp_path, role=Role.SUPERVISOR) as box:
        answer = await box.client.request(method, path, json={"name": "large"})

        assert box.library.find_model("large") is not None

    assert answer.status_code == 403
