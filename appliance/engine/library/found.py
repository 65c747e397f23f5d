"""Model files that lie about: on sticks, in the inbox, in the store of an Ollama."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.library.ollama_store import OllamaModel, OllamaStore

_DEEPEST = 4
_MOST_LOOKED_AT = 5_000
_MOST_FOUND = 200


@dataclass(frozen=True)
class FoundModel:
    """A model that could be taken in.

    Attributes:
        id: Names it in addresses; nobody sends us a path.
        name: Of the file, or as Ollama calls it.
        place: The last folders of where it lies, for people.
        size_bytes: Of the file.
        file: The file; None if it is Ollama's.
        store: Ollama's folder; None if it is a file.
    """

    id: str
    name: str
    place: str
    size_bytes: int
    file: Path | None = None
    store: Path | None = None


@dataclass(frozen=True)
class Places:
    """Where to look.

    Attributes:
        inbox: A folder of ours for this very purpose.
        media: Folders under which sticks and disks appear.
        ollama: Folders where an Ollama may keep its models.
    """

    inbox: Path
    media: Sequence[Path]
    ollama: Sequence[Path]


def find_models(places: Places) -> list[FoundModel]:
    """Return the models that lie about; looks at some thousand names at most."""
    found = [*_files_of(places), *_ollamas_of(places)]
    return found[:_MOST_FOUND]


def _files_of(places: Places) -> Iterator[FoundModel]:
    looked_at = 0
    for root in (places.inbox, *places.media):
        for entry in _entries(root, _DEEPEST):
            looked_at += 1
            if looked_at > _MOST_LOOKED_AT:
                return
            if entry.name.lower().endswith(".gguf") and entry.is_file(follow_symlinks=False):
                yield _found_file(Path(entry.path))


def _entries(folder: Path, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # Not there, not ours to read, or a stick pulled out.
        return
    for entry in entries:
        yield entry
        is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        if depth > 1 and is_folder:
            yield from _entries(Path(entry.path), depth - 1)


def _found_file(file: Path) -> FoundModel:
    try:
        size_bytes = file.stat().st_size
    except OSError:  # Pulled out since.
        size_bytes = 0
    return FoundModel(_id_of(str(file)), file.name, _place(file.parent), size_bytes, file=file)


def _ollamas_of(places: Places) -> Iterator[FoundModel]:
    for store in places.ollama:
        for model in OllamaStore(store).list_models():
            yield _found_ollama(store, model)


def _found_ollama(store: Path, model: OllamaModel) -> FoundModel:
    model_id = _id_of(f"{store}\n{model.name}")
    return FoundModel(model_id, model.name, "Ollama", model.size_bytes, store=store)


def _place(folder: Path) -> str:
    return "/".join(folder.parts[-2:]).lstrip("/")


def _id_of(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
