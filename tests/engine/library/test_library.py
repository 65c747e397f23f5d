import hashlib
import os
from pathlib import Path

import pytest

from appliance.base.errors import ApplianceError, ConflictError, InvalidValueError, NotFoundError
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import Capability, FillIn, Recipe
from appliance.engine.text.model import Turn
from tests.engine.library.shelves import QWEN_FILE, library_of
from tests.engine.text.tiny_gguf import TEXT, TinyGguf, listed, text, with_facts, words

TINY = TinyGguf().content()
TINY_DIGEST = hashlib.sha256(TINY).hexdigest()


def names(library: ModelLibrary) -> list[str]:
    return [model.name for model in library.list_models()]


def with_blob(library: ModelLibrary, content: bytes = TINY) -> str:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    library.blobs.store(digest, [content])
    return digest


def test_models_come_by_name_and_the_demo_last(tmp_path: Path):
    library = library_of(tmp_path, "zeta.gguf", "alpha.gguf", "half.gguf.part", "readme.txt")

    assert names(library) == ["alpha", "zeta", "nodo-demo"]


def test_a_file_of_the_catalogue_has_the_name_that_programs_know(tmp_path: Path):
    library = library_of(tmp_path, QWEN_FILE)

    assert names(library) == ["qwen3:4b", "nodo-demo"]
    assert library.model_named("Qwen3-4B-Q4_K_M").name == "qwen3:4b"


def test_a_real_model_comes_before_the_demo(tmp_path: Path):
    default = library_of(tmp_path, "qwen.gguf").default_model()

    assert default is not None
    assert default.name == "qwen"


def test_a_damaged_file_is_listed_with_its_problem_and_never_the_default(tmp_path: Path):
    library = library_of(tmp_path, content=None)
    (tmp_path / "models" / "broken.gguf").write_bytes(b"GGUF, or so it says")

    broken = library.model_named("broken")
    default = library.default_model()

    assert "GGUF version" in broken.facts.problem
    assert default is not None
    assert default.is_demo


def test_an_empty_library_has_no_default(tmp_path: Path):
    assert library_of(tmp_path, demo=False).default_model() is None


@pytest.mark.parametrize("name", ["qwen", "Qwen.gguf", "QWEN", "qwen:latest", "library/Qwen"])
def test_a_model_is_found_by_every_way_to_write_its_name(name: str, tmp_path: Path):
    assert library_of(tmp_path, "Qwen.gguf").model_named(name).file.name == "Qwen.gguf"


@pytest.mark.parametrize(
    "name",
    ["", ".gguf", "../models/qwen", "/etc/passwd", "qwen\0", "nothing", "qwen:", "..", "q" * 9999],
)
def test_a_name_is_never_a_path(name: str, tmp_path: Path):
    with pytest.raises(NotFoundError) as refusal:
        library_of(tmp_path, "qwen.gguf").model_named(name)

    assert refusal.value.code == "model_not_found"


def test_a_replaced_file_has_another_mark(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf")
    before = library.model_named("qwen").mark
    library.model_named("qwen").file.write_bytes(TINY + b"newer")

    assert library.model_named("qwen").mark != before


def test_a_link_to_nowhere_and_a_folder_are_no_models(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf", demo=False)
    (tmp_path / "models" / "broken.gguf").symlink_to(tmp_path / "nothing")
    (tmp_path / "models" / "folder.gguf").mkdir()

    assert names(library) == ["qwen"]


def test_files_whose_names_come_to_the_same_are_told_apart(tmp_path: Path):
    library = library_of(tmp_path, "mi modelo.gguf", "mi-modelo.gguf", demo=False)

    assert names(library) == ["mi-modelo", "mi-modelo-2"]
    assert library.model_named("mi-modelo-2").file.name == "mi-modelo.gguf"


def test_a_model_says_what_it_is(tmp_path: Path):
    vocabulary = b"".join(map(text, ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")))
    content = with_facts(
        tokenizer__chat_template=words("{% if tools %}{% endif %}{{ enable_thinking }}"),
        tokenizer__ggml__tokens=listed(TEXT, 3, vocabulary),
    )
    model = library_of(tmp_path, "tiny.gguf", content=content).model_named("tiny")

    assert model.capabilities == (
        Capability.COMPLETION, Capability.TOOLS, Capability.INSERT, Capability.THINKING,
    )  # fmt: skip
    assert model.facts.fill_in == FillIn("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
    assert (model.family, model.parameter_size, model.quantization_level) == ("qwen2", "64", "F32")
    assert (model.context_tokens, model.embedding_length) == (2048, 64)


def test_a_model_that_pools_is_for_embeddings_only(tmp_path: Path):
    content = with_facts(qwen2__pooling_type=b"\x04\0\0\0\x01\0\0\0")
    model = library_of(tmp_path, "tiny.gguf", content=content).model_named("tiny")

    assert model.capabilities == (Capability.EMBEDDING,)


def test_the_digest_is_computed_once_and_known_after_a_restart(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf")
    assert library.model_named("qwen").digest == ""

    assert library.digest_of(library.model_named("qwen")) == TINY_DIGEST
    assert library_of(tmp_path).model_named("qwen").digest == TINY_DIGEST


def test_what_was_known_and_is_damaged_is_found_out_anew(tmp_path: Path):
    library_of(tmp_path, "qwen.gguf").list_models()
    (tmp_path / "models" / "library.json").write_text(
        '{"version": 2, "files": {"x": {"facts": 1}}}'
    )

    assert library_of(tmp_path).model_named("qwen").family == "qwen2"


def test_a_second_name_costs_no_bytes_and_outlives_the_first(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf", demo=False)

    copied = library.copy("qwen", "mine:v1")
    library.delete("qwen")

    assert copied.name == "mine:v1"
    assert names(library) == ["mine:v1"]
    assert copied.file.is_file()


def test_the_file_goes_with_its_last_name(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf", demo=False)
    library.copy("qwen", "mine")

    library.delete("mine")
    assert names(library) == ["qwen"]

    library.delete("qwen")
    assert names(library) == []
    assert not (tmp_path / "models" / "qwen.gguf").exists()


def test_a_model_is_made_from_another_with_a_recipe(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf")
    first = Recipe(system="Be brief.", parameters={"temperature": 0, "num_ctx": 512})
    library.create("base", source="qwen", recipe=first)

    made = library.create(
        "mario",
        source="base",
        recipe=Recipe(
            parameters={"temperature": 1}, messages=(Turn("user", "Hi"),), licenses=("MIT",)
        ),
    )

    assert made.recipe == Recipe(
        system="Be brief.",
        parameters={"temperature": 1, "num_ctx": 512},
        messages=(Turn("user", "Hi"),),
        licenses=("MIT",),
    )
    assert made.parent_name == "base"
    assert made.file == library.model_named("qwen").file


def test_a_model_of_the_demo_does_not_need_a_file(tmp_path: Path):
    library = library_of(tmp_path)
    library.create("mario", source="nodo-demo", recipe=Recipe(system="I am Mario."))
    library.delete("mario")

    assert names(library) == ["nodo-demo"]
    assert library.model_named("nodo-demo").file.is_file()


def test_a_blob_becomes_a_model_and_goes_with_it(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    digest = with_blob(library)

    made = library.create("team/sent:q4", blob=digest, recipe=Recipe())

    assert (made.name, made.digest) == ("team/sent:q4", TINY_DIGEST)
    library.delete("team/sent:q4")
    assert not library.blobs.has(digest)


def test_what_a_crash_left_of_a_blob_goes_with_the_next_one_but_not_what_is_being_written(
    tmp_path: Path,
):
    library = library_of(tmp_path)
    with library.blobs.writer(TINY_DIGEST) as writing:
        left = library.blobs.folder / "part-of-last-week"
        left.write_bytes(b"half")
        os.utime(left, (0, 0))

        with_blob(library, TINY + b"more")
        writing.write(TINY)
        writing.finish()

    assert not left.exists()
    assert library.blobs.has(TINY_DIGEST)


def test_a_name_that_means_another_blob_now_leaves_nothing_behind(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    first, second = with_blob(library), with_blob(library, TINY + b"more")
    library.create("sent", blob=first, recipe=Recipe())

    library.create("sent", blob=second, recipe=Recipe())
    library.create("sent", source="sent", recipe=Recipe(system="Be brief."))

    assert (library.blobs.has(first), library.blobs.has(second)) == (False, True)


def test_a_blob_that_is_no_model_makes_none(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    digest = with_blob(library, b"not a model")

    with pytest.raises(InvalidValueError) as refusal:
        library.create("sent", blob=digest, recipe=Recipe())

    assert refusal.value.code == "bad_model_file"
    assert names(library) == []


def test_the_demo_cannot_be_removed(tmp_path: Path):
    with pytest.raises(ConflictError) as refusal:
        library_of(tmp_path).delete("nodo-demo")

    assert refusal.value.code == "demo_stays"


def test_the_name_of_a_file_is_not_given_to_another_model(tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf", "other.gguf")

    with pytest.raises(ConflictError) as refusal:
        library.copy("other", "QWEN:latest")

    assert refusal.value.code == "model_name_taken"


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../b", "a/b/c/d", "", ".", "x:", "x y", "x\n", "x:..", "ñ", "/x", "a//b", "%2e%2e"],
)
def test_a_model_cannot_be_given_a_name_that_is_none(name: str, tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(ApplianceError):
        library.copy("qwen", name)

    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"name": "x", "file": "../../etc/passwd"}', "\0", '{"name": "../x"}'],
)
def test_a_damaged_manifest_is_no_model(content: str, tmp_path: Path):
    library = library_of(tmp_path, "qwen.gguf", demo=False)
    library.copy("qwen", "mine")
    (manifest,) = (tmp_path / "models" / "manifests").rglob("mine/*.json")
    manifest.write_text(content)

    assert names(library) == ["qwen"]


@pytest.mark.parametrize(
    "digest",
    ["", "sha256:", "sha256:" + "g" * 64, "md5:" + "0" * 64, "sha256:../" + "0" * 61, "0" * 65],
)
def test_a_digest_is_never_a_path(digest: str, tmp_path: Path):
    library = library_of(tmp_path)

    with pytest.raises(InvalidValueError) as refusal:
        library.blobs.has(digest)

    assert refusal.value.code == "bad_digest"


def test_a_blob_with_other_bytes_than_its_digest_never_appears(tmp_path: Path):
    library = library_of(tmp_path)

    with pytest.raises(InvalidValueError) as refusal:
        library.blobs.store(f"sha256:{'0' * 64}", [b"GG", b"UF"])

    assert refusal.value.code == "digest_mismatch"
    assert list(library.blobs.folder.iterdir()) == []
