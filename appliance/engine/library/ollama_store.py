"""The models of an Ollama on this computer, taken over without copying their bytes.

Source: ollama 0.33, `~/.ollama/models`: `manifests/{host}/{namespace}/{model}/{tag}` and
`blobs/sha256-{digest}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from appliance.base.errors import ApplianceError, InvalidValueError
from appliance.engine.library.blobs import digest_of_text
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.manifests import turn_of
from appliance.engine.library.model import LibraryModel, Recipe
from appliance.engine.library.names import ModelName

_LAYER = "application/vnd.ollama.image."
_LARGEST_SMALL_BYTES = 1 << 20
_MOST_MODELS = 1000


@dataclass(frozen=True)
class OllamaModel:
    """A model of that store.

    Attributes:
        name: As Ollama calls it.
        size_bytes: Of its file.
        layers: Digests of its parts, by kind: `model`, `system`, `params`, …
    """

    name: str
    size_bytes: int
    layers: Mapping[str, tuple[str, ...]]


class OllamaStore:
    """A folder of models that Ollama keeps; nothing in it is changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list_models(self) -> list[OllamaModel]:
        """Return the models that can be taken over; what cannot be read is left out."""
        manifests = sorted((self._folder / "manifests").glob("*/*/*/*"))[:_MOST_MODELS]
        found = (self._model(manifest) for manifest in manifests)
        return [model for model in found if model is not None]

    def take_over(self, model: OllamaModel, library: ModelLibrary) -> LibraryModel:
        """Give a model of this store its name in the library; its bytes stay where they are.

        Raises:
            InvalidValueError: If its file is none that Nodo can run (`bad_model_file`), or it
                is one that changes another model (`adapters_not_supported`).
            ConflictError: If the library has a file of that name.
        """
        if "adapter" in model.layers:
            raise InvalidValueError(
                f"{model.name} changes another model by an adapter, which Nodo cannot do.",
                code="adapters_not_supported",
            )
        (digest,) = model.layers["model"]
        recipe = self._recipe(model)
        library.blobs.link(self._blob(digest), digest)
        try:
            return library.create(model.name, blob=digest, recipe=recipe)
        except InvalidValueError:
            library.blobs.remove(digest)
            raise

    def _model(self, manifest: Path) -> OllamaModel | None:
        host, namespace, model, tag = manifest.parts[-4:]
        try:
            name = str(ModelName.parse(f"{host}/{namespace}/{model}:{tag}"))
            layers = _layers(json.loads(self._text(manifest)))
            (digest,) = layers["model"]
            size_bytes = self._blob(digest).stat().st_size
        except (ApplianceError, OSError, ValueError, KeyError, TypeError):
            return None
        return OllamaModel(name, size_bytes, layers)

    def _recipe(self, model: OllamaModel) -> Recipe:
        """Return what a model is besides its file; its template is the one in the file itself.

        Ollama's own templates are rewritings of that one for its own language.
        """
        texts = {
            kind: [self._text(self._blob(digest)) for digest in model.layers.get(kind, ())]
            for kind in ("system", "params", "license", "messages")
        }
        try:
            parameters = cast("dict[str, object]", json.loads("".join(texts["params"]) or "{}"))
            messages = cast("list[dict[str, str]]", json.loads("".join(texts["messages"]) or "[]"))
            return Recipe(
                system="".join(texts["system"]) or None,
                parameters=dict(parameters),
                messages=tuple(map(turn_of, messages)),
                licenses=tuple(texts["license"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidValueError(
                f"What Ollama keeps of {model.name} cannot be read.", code="bad_model_store"
            ) from error

    def _blob(self, digest: str) -> Path:
        return self._folder / "blobs" / f"sha256-{digest}"

    def _text(self, file: Path) -> str:
        with file.open("rb") as stream:
            raw = stream.read(_LARGEST_SMALL_BYTES + 1)
        if len(raw) > _LARGEST_SMALL_BYTES:
            raise ValueError("a small file of a model store is large")
        return raw.decode()


def _layers(manifest: object) -> Mapping[str, tuple[str, ...]]:
    layers: dict[str, tuple[str, ...]] = {}
    listed = cast("dict[str, list[dict[str, str]]]", manifest)["layers"]
    for layer in listed:
        kind = layer["mediaType"].removeprefix(_LAYER)
        layers[kind] = (*layers.get(kind, ()), digest_of_text(layer["digest"]))
    return layers
