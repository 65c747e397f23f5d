"""Models made, named anew and removed by Ollama's clients, on real files."""

import hashlib
import json
import struct
from pathlib import Path

import pytest

from appliance.base.resources import demo_model_file
from appliance.engine.library.library import ModelLibrary
from tests.engine.text.tiny_gguf import F32, FACTS, TinyGguf, listed, u32
from tests.fakes.text_engine import script
from tests.model_api.ollama.box import client_of, lines_of
from tests.model_api.serving import Served, served

NOWHERE = f"sha256:{'0' * 64}"


def _box(folder: Path) -> Served:
    library = ModelLibrary(folder=folder, demo_file=demo_model_file())
    return served(*script("x"), library=library)


async def test_a_file_that_was_sent_becomes_a_model_and_goes_with_its_last_name(
    tmp_path: Path,
) -> None:
    content = demo_model_file().read_bytes()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    async with client_of(_box(tmp_path)) as client:
        assert (await client.head(f"/api/blobs/{digest}")).status_code == 404
        assert (await client.post(f"/api/blobs/{digest}", content=content)).status_code == 201
        assert (await client.post(f"/api/blobs/{digest}", content=content)).status_code == 200
        assert (await client.head(f"/api/blobs/{digest}")).status_code == 200

        made = await client.post("/api/create", json={"model": "mine", "files": {"m.gguf": digest}})
        assert lines_of(made)[-1] == {"status": "success"}
        await client.post("/api/copy", json={"source": "mine", "destination": "yours:1b"})
        tags = (await client.get("/api/tags")).json()["models"]
        assert [one["name"] for one in tags] == ["mine:latest", "yours:1b", "nodo-demo:latest"]
        assert {one["digest"] for one in tags} == {digest.removeprefix("sha256:")}

        for name in ("mine", "YOURS:1B"):
            answer = await client.request("DELETE", "/api/delete", json={"name": name})
            assert (answer.status_code, answer.content) == (200, b"")
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_bytes_of_another_digest_are_refused_and_gone(tmp_path: Path) -> None:
    actual = hashlib.sha256(b"other").hexdigest()
    async with client_of(_box(tmp_path)) as client:
        answer = await client.post(f"/api/blobs/{NOWHERE}", content=b"other")

    assert answer.status_code == 400
    assert answer.json() == {
        "error": f'digest mismatch, expected "{NOWHERE}", got "sha256:{actual}"'
    }
    assert list((tmp_path / "blobs").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("/api/create", {"model": "x"}, 400, "neither 'from' or 'files' was specified"),
        ("/api/create", {"model": "../x", "from": "nodo-demo"}, 400, "invalid model name"),
        ("/api/create", {"model": "x", "from": "none"}, 404, "model 'none' not found"),
        (
            "/api/create",
            {"model": "x", "from": "nodo-demo", "parameters": {"top_k": "y"}},
            500,
            'option "top_k" must be of type integer',
        ),
        ("/api/create", {"model": "x", "files": {"m.gguf": NOWHERE}}, 404, "There is no such blob"),
        ("/api/create", {"model": "x", "files": {"m.gguf": "../m"}}, 400, "invalid digest format"),
        ("/api/create", {"model": "x", "files": {"m.safetensors": NOWHERE}}, 400, "only GGUF"),
        ("/api/create", {"model": "x", "from": "nodo-demo", "quantize": "q4_0"}, 400, "quantize is"),
        ("/api/create", {"model": "x", "from": "nodo-demo", "template": "{{ .P }}"}, 400, "template is"),
        ("/api/copy", {"source": "none", "destination": "x"}, 404, 'model "none" not found'),
        ("/api/copy", {"source": "nodo-demo", "destination": "a b"}, 400, 'destination "a b"'),
    ],
)  # fmt: skip
async def test_what_cannot_be_made_is_refused(
    tmp_path: Path, path: str, body: dict[str, object], status: int, text: str
) -> None:
    async with client_of(_box(tmp_path)) as client:
        answer = await client.post(path, json=body)

    assert (answer.status_code, answer.json()["error"][: len(text)]) == (status, text)


async def test_the_demo_stays(tmp_path: Path) -> None:
    async with client_of(_box(tmp_path)) as client:
        answer = await client.request("DELETE", "/api/delete", json={"model": "nodo-demo"})

    assert answer.status_code == 400


async def test_what_was_made_is_shown_as_it_was_said(tmp_path: Path) -> None:
    async with client_of(_box(tmp_path)) as client:
        await client.post(
            "/api/create",
            json={
                "model": "pirate",
                "from": "nodo-demo",
                "system": "Arr.",
                "license": "MIT",
                "parameters": {"temperature": 0.5, "stop": ["a", "b"]},
                "messages": [{"role": "user", "content": "Ahoy"}],
            },
        )
        shown = (await client.post("/api/show", json={"model": "pirate"})).json()

    assert (shown["system"], shown["license"]) == ("Arr.", "MIT")
    assert [line.split() for line in shown["parameters"].splitlines()] == [
        ["temperature", "0.5"],
        ["stop", '"a"'],
        ["stop", '"b"'],
    ]
    assert shown["messages"] == [{"role": "user", "content": "Ahoy"}]
    assert shown["details"]["parent_model"] == "nodo-demo"
    assert str(tmp_path) not in shown["modelfile"]


@pytest.mark.parametrize("is_verbose", [False, True])
async def test_numbers_of_a_file_that_are_none_are_shown_as_null(
    tmp_path: Path, is_verbose: bool
) -> None:
    none = struct.pack("<f", float("nan"))
    further = {
        "qwen2.rope.freq_base": u32(F32) + none,
        "qwen2.rope.factors": listed(F32, 2, none + struct.pack("<f", float("-inf"))),
    }
    file = TinyGguf(facts=(*FACTS.items(), *further.items()))
    (tmp_path / "odd.gguf").write_bytes(file.content())
    async with client_of(_box(tmp_path)) as client:
        answer = await client.post("/api/show", json={"model": "odd", "verbose": is_verbose})

    shown = json.loads(answer.text, parse_constant=pytest.fail)["model_info"]
    assert shown["qwen2.rope.freq_base"] is None
    assert shown["qwen2.rope.factors"] == [None, None]
