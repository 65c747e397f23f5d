"""Names that were given to models: what each is made of, one small file per name."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast

from appliance.base.errors import ApplianceError
from appliance.engine.library.files import write_json
from appliance.engine.library.model import Recipe
from appliance.engine.library.names import ModelName
from appliance.engine.text.model import Turn

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """A name and what it means.

    Attributes:
        name: The name.
        file: Name of a GGUF file in the models folder; empty if it is a blob, or the demo.
        blob: Digest of the GGUF file among the blobs; empty if it is not there.
        owns_file: Whether that file is known by this name only, and not by its own too.
        parent_name: The model that it was made from; may be empty.
        recipe: What it is besides its file.
        kept_at_ns: When it was written.
    """

    name: ModelName
    file: str = ""
    blob: str = ""
    owns_file: bool = False
    parent_name: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    kept_at_ns: int = 0


class Manifests:
    """The folder of manifests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list_all(self) -> list[Manifest]:
        """Return all that can be read, by name."""
        return sorted(self._readable(), key=lambda manifest: manifest.name.key)

    def find(self, name: ModelName) -> Manifest | None:
        """Return what a name means; None if it was not given."""
        return _read(self._file_of(name))

    def write(self, manifest: Manifest) -> None:
        """Give a name, also one that meant something else before.

        Raises:
            OSError: If the disk is full.
        """
        file = self._file_of(manifest.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, _as_json(manifest))

    def remove(self, name: ModelName) -> None:
        """Forget a name."""
        self._file_of(name).unlink(missing_ok=True)

    def _file_of(self, name: ModelName) -> Path:
        # A name's parts hold no slash and begin with no dot; colons belong to hosts with ports.
        host, namespace, model, tag = name.key
        return self._folder / host.replace(":", "%3A") / namespace / model / f"{tag}.json"

    def _readable(self) -> Iterator[Manifest]:
        for file in self._folder.glob("*/*/*/*.json"):
            if manifest := _read(file):
                yield manifest


def _read(file: Path) -> Manifest | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kept_at_ns = file.stat().st_mtime_ns
        return replace(_manifest(cast("Mapping[str, object]", content)), kept_at_ns=kept_at_ns)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ApplianceError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("manifest of a model not read", extra={"reason": type(error).__name__})
        return None


def _manifest(content: Mapping[str, object]) -> Manifest:
    file = str(content["file"])
    if Path(file).name != file:
        raise ValueError("a manifest names a file outside the models folder")
    messages = cast("list[dict[str, str]]", content["messages"])
    return Manifest(
        name=ModelName.parse(str(content["name"])),
        file=file,
        blob=str(content["blob"]),
        owns_file=bool(content["owns_file"]),
        parent_name=str(content["parent_name"]),
        recipe=Recipe(
            system=cast("str | None", content["system"]),
            parameters=dict(cast("Mapping[str, object]", content["parameters"])),
            messages=tuple(turn_of(said) for said in messages),
            licenses=tuple(cast("list[str]", content["licenses"])),
        ),
    )


def turn_of(said: Mapping[str, str]) -> Turn:
    """Return a message as it is saved.

    Raises:
        ValueError: If nobody could have said it.
    """
    role = said["role"]
    if role not in {"system", "user", "assistant"}:
        raise ValueError("a manifest has a message of nobody")
    return Turn(cast("Literal['system', 'user', 'assistant']", role), said["content"])


def _as_json(manifest: Manifest) -> dict[str, object]:
    recipe = manifest.recipe
    return {
        "name": manifest.name.tagged,
        "file": manifest.file,
        "blob": manifest.blob,
        "owns_file": manifest.owns_file,
        "parent_name": manifest.parent_name,
        "system": recipe.system,
        "parameters": dict(recipe.parameters),
        "messages": [{"role": turn.role, "content": turn.content} for turn in recipe.messages],
        "licenses": list(recipe.licenses),
    }
