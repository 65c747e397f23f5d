"""What the stand-in knows about models: those that are here, come, lie about, or could be had."""

import copy
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.fake_answers import Json, problem

if TYPE_CHECKING:
    from tests.servers.fake_nodo import FakeNodo

_PLAIN: Json = {"problem": "", "parent_name": "", "parameter_size": "3.1B", "quantization": "Q4_K_M",
                "context_tokens": 32_768, "capabilities": ["completion"], "licence": "", "is_removable": True}  # fmt: skip
_MODELS: Json = {
    "installed": [
        {"name": "nodo-demo", "title": "Nodo demonstration", "file": "nodo-demo.gguf",
         "size_bytes": 21_000_000, "is_demo": True, "is_current": True, "bad_reason": None},
        {"name": "cut-off", "title": "Cut off", "file": "cut-off.gguf", "size_bytes": 1_200_000,
         "is_demo": False, "is_current": False, "bad_reason": "The file ends too early."},
        {"name": "small-3b", "title": "Small 3B", "file": "small-3b.gguf",
         "size_bytes": 2_100_000_000, "is_demo": False, "is_current": False, "bad_reason": None},
    ],
    "catalogue": [
        {"name": "medium-7b", "title": "Medium 7B Instruct", "parameters_b": 7.6,
         "size_bytes": 4_680_000_000, "licence": "Apache-2.0", "licence_text": "Free use.", "allows_commercial_use": True,
         "languages": ["es", "en", "ca"], "ram_8k_bytes": 6_100_000_000, "fits": True,
         "recommended": True, "repository": "example/medium-7b-gguf",
         "file": "medium-7b-q4_k_m.gguf", "notes": "Good Spanish, slow but thorough."},
        {"name": "huge-70b", "title": "Huge 70B", "parameters_b": 70.6,
         "size_bytes": 42_500_000_000, "licence": "Community", "licence_text": "For research only.", "allows_commercial_use": False,
         "languages": ["en"], "ram_8k_bytes": 48_000_000_000, "fits": False, "recommended": False,
         "repository": "example/huge-70b-gguf", "file": "huge-70b-q4_k_m.gguf", "notes": ""},
    ],
    "memory_total_bytes": 12_400_000_000,
    "models_folder_hint": "/srv/nodo/models",
}  # fmt: skip


def models() -> Json:
    """Return what is here at first, with nothing on its way."""
    found = copy.deepcopy(_MODELS)
    found["installed"] = [{**_PLAIN, **model} for model in found["installed"]]
    return {**found, "downloads": [], "loaded": ["nodo-demo"]}


async def listed(nodo: "FakeNodo", _: Request) -> Response:
    return JSONResponse(nodo.models)


async def use(nodo: "FakeNodo", request: Request) -> Response:
    name = (await request.json())["name"]
    for model in nodo.models["installed"]:
        model["is_current"] = model["name"] == name
    nodo.engine.update(model=name, model_title=name, is_demo=False)
    return Response(status_code=202)


async def residents(nodo: "FakeNodo", _: Request) -> Response:
    items = [
        {"name": name, "memory_bytes": 400_000_000, "context_tokens": 4096, "expires_at": None,
         "is_for_embeddings": False, "status": "ready", "load_percent": 100}
        for name in nodo.models["loaded"]
    ]  # fmt: skip
    total = nodo.models["memory_total_bytes"]
    return JSONResponse(
        {"items": items, "memory_total_bytes": total, "memory_available_bytes": total // 2}
    )


async def downloads(nodo: "FakeNodo", _: Request) -> Response:
    return JSONResponse({"items": nodo.models["downloads"]})


async def download(nodo: "FakeNodo", request: Request) -> Response:
    body = await request.json()
    entry = next((one for one in nodo.models["catalogue"] if one["name"] == body["name"]), None)
    if entry is None:
        return problem(404, "model_not_known")
    if not entry["allows_commercial_use"] and not body["accepts_licence"]:
        return problem(409, "licence_not_accepted")
    begun: Json = {
        "id": f"d-{entry['name']}", "name": entry["name"], "title": entry["title"],
        "file": entry["file"], "state": "running", "total_bytes": entry["size_bytes"],
        "done_bytes": entry["size_bytes"] // 4, "rate_bytes_per_s": 12_000_000,
        "remaining_s": 292, "problem": None,
    }  # fmt: skip
    others = [one for one in nodo.models["downloads"] if one["id"] != begun["id"]]
    nodo.models["downloads"] = [*others, begun]
    return JSONResponse(begun, 202)


async def stop(nodo: "FakeNodo", request: Request) -> Response:
    for one in nodo.models["downloads"]:
        if one["id"] == request.path_params["id"]:
            one.update(state="stopped", rate_bytes_per_s=0, remaining_s=None)
            return JSONResponse(one)
    return problem(404, "download_not_found")


async def discard(nodo: "FakeNodo", request: Request) -> Response:
    left = [one for one in nodo.models["downloads"] if one["id"] != request.path_params["id"]]
    nodo.models["downloads"] = left
    return Response(status_code=204)


async def found(_nodo: "FakeNodo", _: Request) -> Response:
    stick: Json = {"id": "f-1", "name": "stick.gguf", "place": "STICK/models",
                   "size_bytes": 990_000_000, "is_of_ollama": False}  # fmt: skip
    return JSONResponse({"items": [stick], "inbox": "inbox"})


async def take_in(nodo: "FakeNodo", _: Request) -> Response:
    taken: Json = {**_PLAIN, "name": "stick", "title": "stick", "file": "stick.gguf",
                   "size_bytes": 990_000_000, "is_demo": False, "is_current": False,
                   "bad_reason": None}  # fmt: skip
    nodo.models["installed"].append(taken)
    return JSONResponse({"name": "stick", "download": None}, 202)


async def remove(nodo: "FakeNodo", request: Request) -> Response:
    name = request.query_params["name"]
    left = [one for one in nodo.models["installed"] if one["name"] != name]
    nodo.models["installed"] = left
    return Response(status_code=204)


async def load(nodo: "FakeNodo", request: Request) -> Response:
    nodo.models["loaded"].append((await request.json())["name"])
    return JSONResponse({})


async def unload(nodo: "FakeNodo", request: Request) -> Response:
    nodo.models["loaded"].remove((await request.json())["name"])
    return Response(status_code=204)


async def speed(_nodo: "FakeNodo", request: Request) -> Response:
    return JSONResponse({
        "model": (await request.json())["name"], "load_s": 0.5, "reading_tokens_per_s": 150.0,
        "writing_tokens_per_s": 6.0, "page_s": 4.0, "pace": "as_fast", "took_s": 9.0,
    })  # fmt: skip


ROUTES: tuple[tuple[str, Any, list[str]], ...] = (
    ("/api/models", listed, ["GET"]),
    ("/api/models/current", use, ["POST"]),
    ("/api/models/downloads", downloads, ["GET"]),
    ("/api/models/downloads", download, ["POST"]),
    ("/api/models/downloads/{id}/stop", stop, ["POST"]),
    ("/api/models/downloads/{id}", discard, ["DELETE"]),
    ("/api/models/found", found, ["GET"]),
    ("/api/models/found/{id}", take_in, ["POST"]),
    ("/api/models/installed", remove, ["DELETE"]),
    ("/api/models/load", load, ["POST"]),
    ("/api/models/unload", unload, ["POST"]),
    ("/api/models/speed", speed, ["POST"]),
    ("/api/engine/residents", residents, ["GET"]),
)
