from pathlib import Path

import pytest

from appliance.base.errors import InvalidValueError
from appliance.engine.catalogue import CatalogueEntry, read_catalogue, recommended

CATALOGUE = Path(__file__).resolve().parents[2] / "models" / "catalogue.toml"
GB = 10**9


def entry(name: str, **changes: object) -> CatalogueEntry:
    facts: dict[str, object] = {
        "name": name, "also_named": (), "title": name, "parameters_b": 3.0, "repository": "r", "file": "f",
        "size_bytes": 2 * GB, "sha256": None, "licence": "Apache-2.0",
        "licence_text": "Free use.", "allows_commercial_use": True,
        "languages": ("es",), "ram_4k_bytes": 2 * GB, "ram_8k_bytes": 3 * GB,
        "ram_32k_bytes": 5 * GB, "is_for_code": False, "notes": {"es": "", "en": ""},
    }  # fmt: skip
    return CatalogueEntry(**{**facts, **changes})  # type: ignore[arg-type]


def test_the_catalogue_that_comes_with_nodo_can_be_read_and_leaves_the_demo_out() -> None:
    names = [found.name for found in read_catalogue(CATALOGUE)]

    assert "qwen2.5:3b" in names
    assert "nodo-demo" not in names


def test_a_box_of_12_gb_is_recommended_a_model_that_a_business_may_use_and_that_is_quick() -> None:
    best = recommended(read_catalogue(CATALOGUE), 12 * GB)

    assert best is not None
    assert best.allows_commercial_use
    assert best.parameters_b <= 4.5


def test_a_model_under_a_research_licence_is_never_recommended() -> None:
    free = entry("free", parameters_b=1.0)
    research = entry("research", allows_commercial_use=False)

    assert recommended((free, research), 12 * GB) == free


def test_a_model_fits_only_beside_everything_else_on_the_box() -> None:
    assert entry("tight").fits(4 * GB)
    assert not entry("tight").fits(3 * GB)


def test_nothing_is_recommended_to_a_box_that_is_too_small() -> None:
    assert recommended((entry("large"),), 2 * GB) is None


def test_a_damaged_catalogue_is_said_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text("[[models]]\nname = 3", encoding="utf-8")

    with pytest.raises(InvalidValueError, match=r"catalogue\.toml is damaged"):
        read_catalogue(file)
