"""The models that may be got for this box, with what each needs: `models/catalogue.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from appliance.base.errors import InvalidValueError

# The rest of the box, the pages and the operating system want memory too.
_SHARE_FOR_A_MODEL = 0.75
# Licences in the catalogue under which a business may not use the model.
_RESEARCH_ONLY = frozenset({"Qwen-Research"})
# Above this a box without a GPU writes slower than people like to read.
_LARGEST_RECOMMENDED_B = 4.5


@dataclass(frozen=True)
class CatalogueEntry:
    """One model that can be got.

    Attributes:
        name: As people and Ollama call it, such as `qwen2.5:3b`.
        also_named: Further names under which Ollama's library has it.
        title: For pages.
        parameters_b: Size in thousand millions of parameters.
        repository: Where it is published.
        file: The GGUF file there.
        size_bytes: Of that file.
        sha256: Of that file, 64 hexadecimal digits; None where several sources did not agree.
        licence: Its name.
        licence_text: What it allows, in one sentence.
        allows_commercial_use: Whether the licence lets a business use it.
        languages: Which it speaks well, as codes.
        ram_4k_bytes: Memory with conversations of 4,096 tokens in all.
        ram_8k_bytes: With 8,192 tokens; None if its context is shorter.
        ram_32k_bytes: With 32,768 tokens; None if its context is shorter.
        is_for_code: Whether it is made for programs rather than talk.
        notes: One sentence by language code.
    """

    name: str
    also_named: tuple[str, ...]
    title: str
    parameters_b: float
    repository: str
    file: str
    size_bytes: int
    sha256: str | None
    licence: str
    licence_text: str
    allows_commercial_use: bool
    languages: tuple[str, ...]
    ram_4k_bytes: int
    ram_8k_bytes: int | None
    ram_32k_bytes: int | None
    is_for_code: bool
    notes: dict[str, str]

    def fits(self, memory_bytes: int) -> bool:
        """Return whether a box with so much memory can run it beside everything else."""
        needed_bytes = self.ram_8k_bytes or self.ram_4k_bytes
        return needed_bytes <= memory_bytes * _SHARE_FOR_A_MODEL


def read_catalogue(file: Path) -> tuple[CatalogueEntry, ...]:
    """Return all entries, in the order of the file.

    Raises:
        InvalidValueError: If the file is not as it must be; it comes with the program.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        models = cast("list[dict[str, object]]", content["models"])
        return tuple(_entry(facts) for facts in models if not facts.get("bundled"))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidValueError(f"The model catalogue {file.name} is damaged: {error}") from error


def recommended(entries: tuple[CatalogueEntry, ...], memory_bytes: int) -> CatalogueEntry | None:
    """Return the entry that suits an office on a box with so much memory; None if none fits."""
    suitable = [
        entry
        for entry in entries
        if entry.fits(memory_bytes)
        and entry.allows_commercial_use
        and not entry.is_for_code
        and entry.parameters_b <= _LARGEST_RECOMMENDED_B
    ]
    return max(suitable, key=lambda entry: entry.parameters_b, default=None)


def _entry(facts: dict[str, object]) -> CatalogueEntry:
    def whole(key: str) -> int:
        return int(cast("int", facts[key]))

    def whole_or_none(key: str) -> int | None:
        return whole(key) if key in facts else None

    return CatalogueEntry(
        name=str(facts["name"]),
        also_named=tuple(cast("list[str]", facts.get("also", []))),
        title=str(facts["title"]),
        parameters_b=float(cast("float", facts["parameters_b"])),
        repository=str(facts["repository"]),
        file=str(facts["file"]),
        size_bytes=whole("size_bytes"),
        sha256=str(facts["sha256"]) if "sha256" in facts else None,
        licence=str(facts["licence"]),
        licence_text=str(facts["licence_text"]),
        allows_commercial_use=facts["licence"] not in _RESEARCH_ONLY,
        languages=tuple(cast("list[str]", facts["languages"])),
        ram_4k_bytes=whole("ram_4k_bytes"),
        ram_8k_bytes=whole_or_none("ram_8k_bytes"),
        ram_32k_bytes=whole_or_none("ram_32k_bytes"),
        is_for_code=bool(facts.get("code", False)),
        notes={"es": str(facts["notes_es"]), "en": str(facts["notes_en"])},
    )
