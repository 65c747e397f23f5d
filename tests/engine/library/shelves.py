"""Libraries for tests: a models folder with tiny files."""

from pathlib import Path

from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.library.library import ModelLibrary
from tests.engine.text.tiny_gguf import TinyGguf

QWEN_FILE = "Qwen3-4B-Q4_K_M.gguf"


def catalogue_entry(name: str = "qwen3:4b", file: str = QWEN_FILE) -> CatalogueEntry:
    return CatalogueEntry(
        name=name, also_named=("qwen3:4b-q4_K_M",), title="Qwen3 4B", parameters_b=4.0, repository="Qwen/Qwen3-4B-GGUF", file=file,
        size_bytes=1, sha256=None, licence="Apache-2.0", licence_text="Free use.", allows_commercial_use=True, languages=("es",),
        ram_4k_bytes=1, ram_8k_bytes=1, ram_32k_bytes=1, is_for_code=False, notes={},
    )  # fmt: skip


def library_of(
    folder: Path, *names: str, demo: bool = True, content: TinyGguf | None = None
) -> ModelLibrary:
    """Return a library with files of these names, and the demo."""
    models = folder / "models"
    models.mkdir(exist_ok=True)
    raw = (content or TinyGguf()).content()
    for name in names:
        (models / name).write_bytes(raw)
    demo_file = folder / "demo.gguf"
    demo_file.write_bytes(TinyGguf().content())
    return ModelLibrary(
        folder=models, demo_file=demo_file if demo else None, catalogue=(catalogue_entry(),)
    )
