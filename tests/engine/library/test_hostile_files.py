import hashlib
import tracemalloc
from pathlib import Path

import pytest

from appliance.base.errors import InvalidValueError
from appliance.engine.library.facts import read_file_facts
from appliance.engine.library.model import Recipe
from tests.engine.library.hostile_files import RIGHT, hostile_files
from tests.engine.library.shelves import library_of

FILES = hostile_files()
_ENOUGH_BYTES = 8 << 20


def test_the_corpus_is_large_enough_and_the_right_file_is_none_of_it(tmp_path: Path):
    (tmp_path / "right.gguf").write_bytes(RIGHT.content())

    assert len(FILES) >= 60
    assert read_file_facts(tmp_path / "right.gguf").problem == ""


@pytest.mark.parametrize("wrong", FILES)
def test_a_hostile_file_has_a_problem_in_words_and_costs_no_memory(wrong: str, tmp_path: Path):
    file = tmp_path / "hostile.gguf"
    file.write_bytes(FILES[wrong])

    tracemalloc.start()
    problem = read_file_facts(file).problem
    _now, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert problem.startswith("The model file ")
    assert str(tmp_path) not in problem
    assert most_bytes < _ENOUGH_BYTES


def test_a_library_full_of_hostile_files_lists_them_and_offers_the_right_one(tmp_path: Path):
    library = library_of(tmp_path, "zz-right.gguf", demo=False)
    for number, content in enumerate(FILES.values()):
        (tmp_path / "models" / f"hostile-{number}.gguf").write_bytes(content)

    listed = library.list_models()
    default = library.default_model()

    assert len(listed) == len(FILES) + 1
    assert [model.name for model in listed if not model.facts.problem] == ["zz-right"]
    assert default is not None
    assert default.name == "zz-right"


def test_no_hostile_blob_becomes_a_model(tmp_path: Path):
    library = library_of(tmp_path, demo=False)
    refused: list[str] = []
    for content in FILES.values():
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        library.blobs.store(digest, [content])
        with pytest.raises(InvalidValueError) as refusal:
            library.create("bad", blob=digest, recipe=Recipe())
        refused.append(refusal.value.code)

    assert set(refused) == {"bad_model_file"}
    assert library.list_models() == []
