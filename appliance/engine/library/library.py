"""The models of this box: files that somebody put there, names given to them, and the demo."""

import os
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from appliance.base.errors import ConflictError, InvalidValueError, NotFoundError
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.gguf.contents import GgufContents, read_gguf_contents
from appliance.engine.gguf.values import EVERYTHING, Keeping
from appliance.engine.library.blobs import BlobStore
from appliance.engine.library.known import KnownFiles
from appliance.engine.library.manifests import Manifest, Manifests
from appliance.engine.library.model import (
    DEMO_NAME,
    DEMO_TITLE,
    Capability,
    LibraryModel,
    Recipe,
)
from appliance.engine.library.names import ModelName, catalogue_entry

_SHOWN = Keeping(total_bytes=8 << 20, text_bytes=1 << 20)


@dataclass(frozen=True)
class _Place:
    """Where a model lies, before its file is looked into."""

    name: ModelName
    title: str
    file: Path
    stem: str = ""
    manifest: Manifest | None = None
    is_demo: bool = False


class ModelLibrary:
    """The models of this box, as the folders are at the time of asking.

    All of it blocks: call it in a thread. The first look into a large file takes up to a second.

    Args:
        folder: Where people put GGUF files, and where names and blobs are kept.
        demo_file: The bundled demonstration; None leaves it out.
        further_file: One that the settings name by its path.
        catalogue: By whose names known files are called.
    """

    def __init__(
        self,
        *,
        folder: Path,
        demo_file: Path | None,
        further_file: Path | None = None,
        catalogue: tuple[CatalogueEntry, ...] = (),
    ) -> None:
        self.folder = folder
        self.blobs = BlobStore(folder / "blobs")
        self._demo_file = demo_file
        self._further_files = [further_file] if further_file else []
        self.catalogue = catalogue
        self._of_catalogue = {entry.file.casefold(): entry for entry in catalogue}
        self._manifests = Manifests(folder / "manifests")
        self._known = KnownFiles(folder / "library.json")
        # Names are given and taken by several threads.
        self._lock = threading.Lock()

    def list_models(self) -> list[LibraryModel]:
        """Return all models: files, then given names, the demo last."""
        found = (self._model(place) for place in self._places())
        return [model for model in found if model is not None]

    def find_model(self, name: str) -> LibraryModel | None:
        """Return the model of that name, in any case, with or without `.gguf`; None if none."""
        place = self._find_place(name)
        return self._model(place) if place else None

    def model_named(self, name: str) -> LibraryModel:
        """Return the model of that name, in any case, with or without `.gguf`.

        Raises:
            NotFoundError: If there is none (`model_not_found`); also for what is no name.
        """
        model = self.find_model(name)
        if model is None:
            raise _not_found(name)
        return model

    def default_model(self) -> LibraryModel | None:
        """Return the model for a box whose owner has chosen none: a real one before the demo."""
        for place in self._places():
            model = self._model(place)
            if model and (model.is_demo or model.can(Capability.COMPLETION)):
                return model
        return None

    def digest_of(self, model: LibraryModel) -> str:
        """Return the SHA-256 of a model's file; the first time takes seconds per gigabyte.

        Raises:
            NotFoundError: If the file is gone.
        """
        try:
            return model.digest or self._known.digest(model.file, model.mark)
        except OSError as error:
            raise _not_found(model.name) from error

    def contents_of(self, model: LibraryModel, *, whole: bool = False) -> GgufContents:
        """Return the header of a model's file; with `whole`, its vocabulary too.

        Raises:
            InvalidValueError: If the file is damaged (`bad_model_file`).
        """
        return read_gguf_contents(model.file, EVERYTHING if whole else _SHOWN)

    def copy(self, source: str, destination: str) -> LibraryModel:
        """Give a model a second name; no bytes are copied. Return it under that name.

        Raises:
            NotFoundError: If there is no `source`.
            InvalidValueError: If `destination` is no name.
            ConflictError: If that is the name of a file or of the demo (`model_name_taken`).
        """
        with self._lock:
            place = self._place_named(source)
            name = self._free_name(destination)
            self._manifests.write(replace(self._manifest_from(place), name=name))
        return self.model_named(destination)

    def create(
        self, name: str, *, recipe: Recipe, source: str | None = None, blob: str | None = None
    ) -> LibraryModel:
        """Make a model of another one, or of a blob, with a recipe of its own, and return it.

        Args:
            name: What it is called; a name that was given before means the new one then.
            recipe: What it is besides its file; goes before the source's, field by field.
            source: The model that it is made from.
            blob: Digest of the GGUF file that it is, if there is no `source`.

        Raises:
            NotFoundError: If there is no such source or blob.
            InvalidValueError: If the name is none, or the blob is no model.
            ConflictError: If that is the name of a file or of the demo (`model_name_taken`).
        """
        with self._lock:
            free = self._free_name(name)
            if source is not None:
                place = self._place_named(source)
                base = replace(self._manifest_from(place), parent_name=str(place.name))
            elif blob is not None:
                base = self._manifest_of_blob(free, blob)
            else:
                raise InvalidValueError("Neither a model to start from nor a file was named.")
            before = self._manifests.find(free)
            self._manifests.write(replace(base, name=free, recipe=_mixed(base.recipe, recipe)))
            self._forget_blob(before)
        return self.model_named(name)

    def delete(self, name: str) -> None:
        """Remove a name; the file goes with the last name that uses it.

        Raises:
            NotFoundError: If there is none.
            ConflictError: If it is the demo (`demo_stays`), or a file that the settings name.
        """
        with self._lock:
            place = self._place_named(name)
            if place.is_demo:
                raise ConflictError("The demonstration comes with Nodo.", code="demo_stays")
            if place.file in self._further_files:
                raise ConflictError(
                    "The settings name this file; it is not Nodo's to remove.", code="not_ours"
                )
            self._remove(place)

    def note_arrival(self, file: Path, sha256: str) -> LibraryModel:
        """Return the model of a file that has just come into the folder, and keep its digest."""
        self._known.note_digest(_mark(file, file.stat()), sha256)
        return self.model_named(file.stem)

    def names_of_file(self, model: LibraryModel) -> list[str]:
        """Return all names of a model's file."""
        return [str(place.name) for place in self._places() if place.file == model.file]

    def _forget_blob(self, before: Manifest | None) -> None:
        """Remove the blob of what a name meant before, unless another name means it too."""
        if before is None or not before.blob:
            return
        if all(manifest.blob != before.blob for manifest in self._manifests.list_all()):
            self.blobs.remove(before.blob)

    def _remove(self, place: _Place) -> None:
        others = [one for one in self._places() if one.file == place.file and one != place]
        if place.manifest:
            self._manifests.remove(place.manifest.name)
        if not others:
            if not place.manifest or place.manifest.owns_file or place.manifest.blob:
                place.file.unlink(missing_ok=True)
        elif all(other.manifest for other in others) and others[0].manifest:
            # Without an owner, the file would be listed under its own name again.
            self._manifests.write(replace(others[0].manifest, owns_file=True))

    def _places(self) -> Iterator[_Place]:
        manifests = self._manifests.list_all()
        taken = {manifest.name.key for manifest in manifests} | {(ModelName.of_file(DEMO_NAME).key)}
        owned = {manifest.file for manifest in manifests if manifest.owns_file}
        for file in [*self._further_files, *sorted(self.folder.glob("*.gguf"))]:
            if file.name not in owned:
                place = self._place_of_file(file, taken)
                taken.add(place.name.key)
                yield place
        for manifest in manifests:
            if file := self._file_of(manifest):
                name = manifest.name
                yield _Place(name, str(name), file, manifest=manifest)
        if self._demo_file is not None:
            demo = ModelName.of_file(DEMO_NAME)
            yield _Place(demo, DEMO_TITLE, self._demo_file, is_demo=True)

    def _place_of_file(self, file: Path, taken: set[tuple[str, str, str, str]]) -> _Place:
        entry = self._of_catalogue.get(file.name.casefold())
        name = ModelName.parse(entry.name) if entry else ModelName.of_file(file.stem)
        number, free = 2, name
        while free.key in taken:
            free = replace(name, model=f"{name.model[:70]}-{number}")
            number += 1
        return _Place(free, entry.title if entry else file.stem, file, stem=file.stem)

    def _file_of(self, manifest: Manifest) -> Path | None:
        if manifest.blob:
            return self.blobs.folder / f"sha256-{manifest.blob}"
        return self.folder / manifest.file if manifest.file else self._demo_file

    def _find_place(self, text: str) -> _Place | None:
        wanted = text.removesuffix(".gguf")
        keys = self._keys(wanted)
        places = list(self._places())
        named = (place for key in keys for place in places if place.name.key == key)
        # Before there were names with tags, a model was called as its file is.
        of_file = (place for place in places if place.stem.casefold() == wanted.casefold() != "")
        return next(named, None) or next(of_file, None)

    def _keys(self, text: str) -> list[tuple[str, str, str, str]]:
        """Return what `text` may mean: the name itself, then the catalogue's for the same model."""
        try:
            entry = catalogue_entry(self.catalogue, text)
        except InvalidValueError:
            return []
        named = [ModelName.parse(text).key]
        return [*named, ModelName.parse(entry.name).key] if entry else named

    def _place_named(self, name: str) -> _Place:
        place = self._find_place(name)
        if place is None:
            raise _not_found(name)
        return place

    def _free_name(self, text: str) -> ModelName:
        name = ModelName.parse(text)
        place = next((one for one in self._places() if one.name.key == name.key), None)
        if place is not None and place.manifest is None:
            raise ConflictError(
                f"{text!r} is the name of a model's file.",
                code="model_name_taken",
                hint="Choose another name.",
            )
        return name

    def _manifest_from(self, place: _Place) -> Manifest:
        if place.manifest:
            return replace(place.manifest, owns_file=False)
        if place.is_demo:
            return Manifest(place.name)
        if place.file.parent != self.folder:
            raise ConflictError(
                "The settings name this file; put it into the models folder to build on it.",
                code="not_ours",
            )
        return Manifest(place.name, file=place.file.name)

    def _manifest_of_blob(self, name: ModelName, blob: str) -> Manifest:
        file = self.blobs.path(blob)
        problem = self._known.facts(file, _mark(file, file.stat())).problem
        if problem:
            raise InvalidValueError(problem, code="bad_model_file")
        return Manifest(name, blob=file.name.removeprefix("sha256-"))

    def _model(self, place: _Place) -> LibraryModel | None:
        try:
            status = place.file.stat()
        except OSError:  # Removed, or a stick pulled out, since the folder was listed.
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        mark = _mark(place.file, status)
        manifest = place.manifest
        return LibraryModel(
            name=str(place.name),
            title=place.title,
            file=place.file,
            size_bytes=status.st_size,
            modified_at=_moment(manifest.kept_at_ns if manifest else status.st_mtime_ns),
            mark=mark,
            digest=(manifest.blob if manifest else "") or self._known.find_digest(mark),
            is_demo=place.is_demo,
            facts=self._known.facts(place.file, mark),
            recipe=manifest.recipe if manifest else Recipe(),
            parent_name=manifest.parent_name if manifest else "",
        )


def _mark(file: Path, status: os.stat_result) -> str:
    return f"{file.name}:{status.st_size}:{status.st_mtime_ns}"


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)


def _mixed(before: Recipe, after: Recipe) -> Recipe:
    parameters: Mapping[str, object] = {**before.parameters, **after.parameters}
    return Recipe(
        system=before.system if after.system is None else after.system,
        parameters=parameters,
        messages=after.messages or before.messages,
        licenses=after.licenses or before.licenses,
    )


def _not_found(name: str) -> NotFoundError:
    return NotFoundError(
        f"There is no model {name[:200]!r} on this box.",
        code="model_not_found",
        hint="`nodo model list` shows the ones that are here.",
    )
