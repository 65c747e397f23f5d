import hashlib
import json
from pathlib import Path

import pytest

from appliance.base.errors import ConflictError, InvalidValueError, NotFoundError
from appliance.engine.download.copying import Copying
from appliance.engine.download.model import StoppedError
from appliance.engine.library.found import Places, find_models
from appliance.engine.library.model import Recipe
from appliance.engine.library.ollama_store import OllamaStore
from appliance.engine.text.model import Turn
from tests.engine.library.shelves import library_of
from tests.engine.text.tiny_gguf import TinyGguf

TINY = TinyGguf().content()
KIND = "application/vnd.ollama.image."


def ollama_with(folder: Path, name: str = "tiny/1b", **layers: bytes) -> OllamaStore:
    """Return a store with one model, as `ollama pull` and `ollama create` leave it."""
    blobs = folder / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    listed: list[dict[str, object]] = []
    for kind, content in {"model": TINY, **layers}.items():
        digest = hashlib.sha256(content).hexdigest()
        (blobs / f"sha256-{digest}").write_bytes(content)
        listed.append(
            {"mediaType": KIND + kind, "digest": f"sha256:{digest}", "size": len(content)}
        )
    manifest = folder / "manifests" / "registry.ollama.ai" / "library" / name
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "config": {}, "layers": listed}))
    return OllamaStore(folder)


def test_a_model_of_ollama_is_taken_over_without_copying_its_bytes(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    messages = json.dumps([{"role": "user", "content": "Hi"}]).encode()
    store = ollama_with(
        tmp_path / "ollama", system=b"Be brief.", params=b'{"stop": ["<end>"]}', license=b"MIT",
        messages=messages, template=b"{{ .Prompt }}",
    )  # fmt: skip
    (found,) = store.list_models()

    model = store.take_over(found, library)

    assert model.name == "tiny:1b"
    assert model.recipe == Recipe("Be brief.", {"stop": ["<end>"]}, (Turn("user", "Hi"),), ("MIT",))
    assert model.file.stat().st_nlink == 2


def test_a_model_that_was_taken_over_outlives_ollama(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    store = ollama_with(tmp_path / "ollama")
    store.take_over(store.list_models()[0], library)

    for blob in (tmp_path / "ollama" / "blobs").iterdir():
        blob.unlink()

    assert library.model_named("tiny:1b").size_bytes == len(TINY)


def test_removing_it_here_leaves_ollamas_own(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    store = ollama_with(tmp_path / "ollama")
    library.delete(store.take_over(store.list_models()[0], library).name)

    assert library.list_models() == []
    assert [model.name for model in store.list_models()] == ["tiny:1b"]


def test_an_adapter_is_refused(tmp_path: Path):
    store = ollama_with(tmp_path / "ollama", adapter=b"LoRA")

    with pytest.raises(InvalidValueError) as refusal:
        store.take_over(store.list_models()[0], library_of(tmp_path))

    assert refusal.value.code == "adapters_not_supported"


def test_a_blob_that_is_no_model_does_not_become_one(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    store = ollama_with(tmp_path / "ollama", model=b"not a model")

    with pytest.raises(InvalidValueError):
        store.take_over(store.list_models()[0], library)

    assert library.list_models() == []


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", '{"layers": 3}', '{"layers": [{"mediaType": "x", "digest": "sha256:../../etc/passwd"}]}',
     '{"layers": []}', "x" * 2_000_000],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_left_out(tmp_path: Path, manifest: str):
    store = ollama_with(tmp_path)
    (tmp_path / "manifests/registry.ollama.ai/library/tiny/1b").write_text(manifest)

    assert store.list_models() == []


def places(folder: Path) -> Places:
    return Places(folder / "inbox", (folder / "media", folder / "nothing"), (folder / "ollama",))


def test_files_on_sticks_in_the_inbox_and_ollamas_models_are_found(tmp_path: Path):
    stick = tmp_path / "media" / "ana" / "STICK" / "models"
    stick.mkdir(parents=True)
    (stick / "big.GGUF").write_bytes(TINY)
    (stick / "notes.txt").write_bytes(b"no")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "sent.gguf").write_bytes(TINY)
    (tmp_path / "inbox" / "link.gguf").symlink_to("/etc/passwd")
    ollama_with(tmp_path / "ollama")

    found = find_models(places(tmp_path))

    assert [(one.name, one.size_bytes) for one in found] == [
        ("sent.gguf", len(TINY)), ("big.GGUF", len(TINY)), ("tiny:1b", len(TINY)),
    ]  # fmt: skip
    assert found[1].place == "STICK/models"
    assert len({one.id for one in found}) == 3


def test_what_lies_too_deep_or_hidden_is_not_looked_for(tmp_path: Path):
    for folder in ("media/a/b/c/d/e", "media/.hidden"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.gguf").write_bytes(TINY)

    assert find_models(places(tmp_path)) == []


def copying(folder: Path, content: bytes = TINY) -> Copying:
    (folder / "source.gguf").write_bytes(content)
    return Copying(
        folder / "source.gguf", folder / "x.part", folder / "target.gguf", lambda *_now: None
    )


def test_a_copy_is_whole_and_known_by_its_digest(tmp_path: Path):
    assert copying(tmp_path).run() == hashlib.sha256(TINY).hexdigest()
    assert (tmp_path / "x.part").read_bytes() == TINY


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\x03\x04", TINY[:-9]])
def test_a_file_that_is_no_whole_model_is_not_copied(tmp_path: Path, content: bytes):
    with pytest.raises(InvalidValueError) as refusal:
        copying(tmp_path, content).run()

    assert refusal.value.code == "bad_model_file"
    assert not (tmp_path / "x.part").exists()


def test_a_file_that_is_here_already_is_not_written_over(tmp_path: Path):
    (tmp_path / "target.gguf").write_bytes(b"mine")

    with pytest.raises(ConflictError):
        copying(tmp_path).run()


def test_a_stopped_copy_leaves_nothing(tmp_path: Path):
    one = copying(tmp_path)
    one.stop()

    with pytest.raises(StoppedError):
        one.run()
    assert not (tmp_path / "x.part").exists()


def test_a_stick_that_was_pulled_out_is_said(tmp_path: Path):
    one = copying(tmp_path)
    (tmp_path / "source.gguf").unlink()

    with pytest.raises((NotFoundError, InvalidValueError)):
        one.run()
