"""The list of models that may be downloaded is complete and its sums are right."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[2] / "models"
CATALOGUE: list[dict[str, Any]] = tomllib.loads(
    (MODELS / "catalogue.toml").read_text(encoding="utf-8")
)["models"]
DOWNLOADS = [model for model in CATALOGUE if not model["bundled"]]
REQUIRED = {
    "name", "title", "family", "parameters_b", "bundled", "file", "size_bytes", "size_is_exact", "licence",
    "licence_text", "languages", "context_tokens", "block_count", "embedding_length", "head_count", "head_count_kv",
    "head_dim", "thinking", "code", "notes_es", "notes_en",
}  # fmt: skip
OPTIONAL = {"also", "repository", "sha256", "ram_4k_bytes", "ram_8k_bytes", "ram_32k_bytes"}


def named(model: dict[str, Any]) -> str:
    return model["name"]


def ram_bytes(model: dict[str, Any], tokens: int) -> int:
    keys_and_values = (
        2 * model["block_count"] * model["head_count_kv"] * model["head_dim"] * 2 * tokens
    )
    compute_buffer = 20 * 512 * 4 * model["embedding_length"] + 1024 * tokens
    return model["size_bytes"] + keys_and_values + compute_buffer


@pytest.mark.parametrize("model", CATALOGUE, ids=named)
def test_a_model_says_everything_and_nothing_unknown(model: dict[str, Any]) -> None:
    assert REQUIRED <= set(model) <= REQUIRED | OPTIONAL


@pytest.mark.parametrize("model", DOWNLOADS, ids=named)
@pytest.mark.parametrize(
    ("field", "tokens"), [("ram_4k_bytes", 4096), ("ram_8k_bytes", 8192), ("ram_32k_bytes", 32768)]
)
def test_memory_follows_the_formula(model: dict[str, Any], field: str, tokens: int) -> None:
    expected = ram_bytes(model, tokens) if tokens <= model["context_tokens"] else None

    assert model.get(field) == expected


@pytest.mark.parametrize("model", DOWNLOADS, ids=named)
def test_a_download_names_its_repository_and_file(model: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model["repository"])
    assert model["file"].endswith(".gguf")


@pytest.mark.parametrize("model", [m for m in CATALOGUE if "sha256" in m], ids=named)
def test_a_hash_is_a_sha_256(model: dict[str, Any]) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", model["sha256"])


def test_names_are_unique() -> None:
    names = [model["name"] for model in CATALOGUE]

    assert sorted(set(names)) == sorted(names)


def test_the_three_billion_qwen_models_are_not_for_commercial_use() -> None:
    licences = {
        model["name"]: model["licence"] for model in CATALOGUE if model["parameters_b"] == 3.09
    }

    assert licences == {"qwen2.5:3b": "Qwen-Research", "qwen2.5-coder:3b": "Qwen-Research"}


def test_the_bundled_model_is_the_demo_and_its_size_is_right() -> None:
    bundled = [(model["name"], model["size_bytes"]) for model in CATALOGUE if model["bundled"]]

    assert bundled == [("nodo-demo", (MODELS / "demo" / "nodo-demo.gguf").stat().st_size)]
