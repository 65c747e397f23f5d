from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from appliance.base.errors import NotFoundError
from appliance.base.web.identity import Role
from appliance.base.web.problems import install_problem_handlers
from appliance.engine.catalogue import read_catalogue
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.port import EngineState, EngineStatus, Speed
from appliance.engine.text.record import EngineRecord
from appliance.model_api.choosing import Choosing
from appliance.model_api.routes import models_router
from tests.fakes.signing_in import signed_in_as

CATALOGUE = Path(__file__).resolve().parents[2] / "models" / "catalogue.toml"


class ChoosingEngine:
    """An engine that remembers what was chosen."""

    def __init__(self, library: ModelLibrary) -> None:
        self._library = library
        self.chosen = "small"

    def state(self) -> EngineState:
        return EngineState(
            status=EngineStatus.READY, model=self.chosen, detail="", load_percent=100, running=1,
            waiting=2, context_tokens=4096, tokens_per_s=7.5,
            speed=Speed(False, 13.2, None, ((1, 0.06), (512, 3.4))),
        )  # fmt: skip

    async def choose(self, name: str) -> None:
        self.chosen = self._library.model_named(name).name


def client_of(folder: Path, role: Role) -> tuple[httpx.AsyncClient, ChoosingEngine]:
    """Return a client of an application with two models, signed in in this role."""
    for name in ("small", "large"):
        (folder / f"{name}.gguf").write_bytes(b"GGUF" * len(name))
    library = ModelLibrary(folder=folder, demo_file=None)
    engine = ChoosingEngine(library)
    choosing = Choosing(
        engine=engine,
        library=library,
        record=EngineRecord(folder / "engine.json"),
        catalogue=read_catalogue(CATALOGUE),
        memory_total_bytes=lambda: 12 * 10**9,
    )
    app = FastAPI()
    app.state.authenticator = signed_in_as("ana", role)
    install_problem_handlers(app)
    app.include_router(models_router(choosing, models_folder=folder, stays_here=lambda: True))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"), engine


async def test_the_engine_says_what_it_does(tmp_path: Path) -> None:
    client, _ = client_of(tmp_path, Role.WORKER)

    answer = (await client.get("/api/engine")).json()

    assert answer == {
        "status": "ready", "model": "small", "model_title": "small", "is_demo": False,
        "detail": "", "load_percent": 100, "running": 1, "waiting": 2, "context_tokens": 4096,
        "tokens_per_s": 7.5, "processor_code": "",
        "speed": {"repacks": False, "turn_s": 13.2, "turn_repacked_s": None,
                  "step_s": [[1, 0.06], [512, 3.4]]},
        "stays_here": True,
    }  # fmt: skip


async def test_models_are_listed_with_the_one_in_use_and_what_fits(tmp_path: Path) -> None:
    client, _ = client_of(tmp_path, Role.WORKER)

    answer = (await client.get("/api/models")).json()

    assert [(m["name"], m["is_current"]) for m in answer["installed"]] == [
        ("large", False),
        ("small", True),
    ]
    assert sum(entry["recommended"] for entry in answer["catalogue"]) == 1


@pytest.mark.parametrize(
    ("role", "shows_path"), [(Role.ADMIN, True), (Role.SUPERVISOR, False), (Role.WORKER, False)]
)
async def test_only_administrators_are_told_where_the_folder_is(
    tmp_path: Path, role: Role, *, shows_path: bool
) -> None:
    client, _ = client_of(tmp_path, role)

    answer = await client.get("/api/models")

    assert (str(tmp_path) in answer.text) is shows_path


async def test_an_administrator_chooses_another_model(tmp_path: Path) -> None:
    client, engine = client_of(tmp_path, Role.ADMIN)

    answer = await client.post("/api/models/current", json={"name": "large"})

    assert answer.status_code == 202
    assert engine.chosen == "large"


async def test_a_worker_may_not_choose(tmp_path: Path) -> None:
    client, engine = client_of(tmp_path, Role.WORKER)

    answer = await client.post("/api/models/current", json={"name": "large"})

    assert answer.status_code == 403
    assert engine.chosen == "small"


@pytest.mark.parametrize("name", ["../secret", "no-such-model", "large.gguf/.."])
async def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    client, engine = client_of(tmp_path, Role.ADMIN)

    answer = await client.post("/api/models/current", json={"name": name})

    assert answer.status_code == NotFoundError.status
    assert answer.json()["code"] == "model_not_found"
    assert engine.chosen == "small"
