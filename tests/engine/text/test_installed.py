from pathlib import Path

import pytest

from appliance.base.errors import NotFoundError
from appliance.engine.text.installed import ModelShelf


def _shelf(folder: Path, *names: str, demo: bool = True) -> ModelShelf:
    models = folder / "models"
    models.mkdir()
    for name in names:
        (models / name).write_bytes(b"GGUF")
    demo_file = folder / "demo.gguf"
    demo_file.write_bytes(b"GGUF demo")
    return ModelShelf(folder=models, demo_file=demo_file if demo else None)


def test_models_come_by_name_and_the_demo_last(tmp_path: Path):
    shelf = _shelf(tmp_path, "zeta.gguf", "alpha.gguf", "half.gguf.part", "readme.txt")

    assert [(m.name, m.is_demo) for m in shelf.list_models()] == [
        ("alpha", False), ("zeta", False), ("nodo-demo", True),
    ]  # fmt: skip


def test_a_real_model_comes_before_the_demo(tmp_path: Path):
    default = _shelf(tmp_path, "qwen.gguf").default_model()

    assert default is not None
    assert default.name == "qwen"


def test_an_empty_shelf_has_no_default(tmp_path: Path):
    assert _shelf(tmp_path, demo=False).default_model() is None


@pytest.mark.parametrize("name", ["qwen", "Qwen.gguf", "QWEN"])
def test_a_model_is_found_with_or_without_its_ending(name: str, tmp_path: Path):
    assert _shelf(tmp_path, "Qwen.gguf").model_named(name).file.name == "Qwen.gguf"


@pytest.mark.parametrize("name", ["", "../models/qwen", "/etc/passwd", "qwen\0", "nothing"])
def test_a_name_is_never_a_path(name: str, tmp_path: Path):
    with pytest.raises(NotFoundError) as refusal:
        _shelf(tmp_path, "qwen.gguf").model_named(name)

    assert refusal.value.code == "model_not_found"


def test_a_replaced_file_has_another_mark(tmp_path: Path):
    shelf = _shelf(tmp_path, "qwen.gguf")
    before = shelf.model_named("qwen").mark
    shelf.model_named("qwen").file.write_bytes(b"GGUF, newer")

    assert shelf.model_named("qwen").mark != before


def test_a_link_to_nowhere_and_a_folder_are_no_models(tmp_path: Path):
    shelf = _shelf(tmp_path, "qwen.gguf", demo=False)
    (tmp_path / "models" / "broken.gguf").symlink_to(tmp_path / "nothing")
    (tmp_path / "models" / "folder.gguf").mkdir()

    assert [model.name for model in shelf.list_models()] == ["qwen"]
