"""A library of models that have no files: the test says what each can be asked for."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from appliance.base.errors import NotFoundError
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import Capability, FileFacts, FillIn, LibraryModel, Recipe
from tests.fakes.text_engine import MODEL

WRITES = frozenset({Capability.COMPLETION, Capability.TOOLS})
EVERYTHING = frozenset(Capability)


def library_model(
    name: str = MODEL,
    *,
    can: Collection[Capability] = WRITES,
    recipe: Recipe | None = None,
    parameters: Mapping[str, object] | None = None,
) -> LibraryModel:
    """Return a model of 3.1 thousand million parameters that can do this."""
    facts = FileFacts(
        title=name,
        architecture="qwen2",
        parameter_count=3_100_000_000,
        quantization_level="Q4_K_M",
        context_tokens=32_768,
        embedding_length=2048,
        capabilities=tuple(one for one in Capability if one in can),
        template="{{ messages }}",
        license="Apache-2.0",
        fill_in=FillIn("<PRE>", "<SUF>", "<MID>") if Capability.INSERT in can else None,
    )
    return LibraryModel(
        name=name,
        title=name,
        file=Path("/nowhere") / f"{name}.gguf",
        size_bytes=1_929_903_264,
        modified_at=datetime(2026, 5, 4, 12, tzinfo=UTC),
        mark="mark",
        digest="a" * 64,
        is_demo=False,
        facts=facts,
        recipe=recipe or Recipe(parameters=dict(parameters or {})),
    )


class KnownLibrary:
    """Knows these models, by name in any case, with or without the tag `latest`."""

    def __init__(self, *models: LibraryModel) -> None:
        self.catalogue = ()
        self._models = models or (library_model(),)

    def list_models(self) -> list[LibraryModel]:
        """Return all of them."""
        return list(self._models)

    def model_named(self, name: str) -> LibraryModel:
        """Return the model of that name.

        Raises:
            NotFoundError: If there is none.
        """
        wanted = name.casefold().removesuffix(":latest")
        for model in self._models:
            if model.name.casefold() == wanted:
                return model
        raise NotFoundError(f"There is no model {name!r} on this box.", code="model_not_found")


def known_library(*models: LibraryModel) -> ModelLibrary:
    """Return such a library, for parts that ask it names only."""
    return cast("ModelLibrary", KnownLibrary(*models))
