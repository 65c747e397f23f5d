"""Which models there are, which one is in use, and changing it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from appliance.engine.catalogue import CatalogueEntry, recommended
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel
from appliance.engine.text.port import EngineState


class ChoosableEngine(Protocol):
    """The text engine, as far as models are concerned."""

    def state(self) -> EngineState:
        """Return how it is."""
        ...

    async def choose(self, name: str) -> None:
        """Use another model from now on."""
        ...


class CrashRecord(Protocol):
    """What is known of models that end the engine."""

    def is_bad(self, mark: str) -> bool:
        """Return whether a model has ended it too often."""
        ...


@dataclass(frozen=True)
class Offer:
    """A catalogue entry, judged for this box."""

    entry: CatalogueEntry
    fits: bool
    is_recommended: bool


class Choosing:
    """The models of this box."""

    def __init__(
        self,
        *,
        engine: ChoosableEngine,
        library: ModelLibrary,
        record: CrashRecord,
        catalogue: tuple[CatalogueEntry, ...],
        memory_total_bytes: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._library = library
        self._record = record
        self._catalogue = catalogue
        self._memory_total_bytes = memory_total_bytes

    @property
    def memory_total_bytes(self) -> int:
        """Return the memory of this box."""
        return self._memory_total_bytes()

    def engine_state(self) -> EngineState:
        """Return how the engine is."""
        return self._engine.state()

    async def list_installed(self) -> list[LibraryModel]:
        """Return the models on this box, as the folder is now."""
        return await asyncio.to_thread(self._library.list_models)

    def is_bad(self, model: LibraryModel) -> bool:
        """Return whether this model has ended the engine too often."""
        return self._record.is_bad(model.mark)

    def licence_of(self, model: LibraryModel) -> str:
        """Return the name of a model's licence: the catalogue's, else the file's; may be empty."""
        named = (entry.licence for entry in self._catalogue if entry.name == model.name)
        return next(named, None) or model.facts.license

    def list_offers(self) -> list[Offer]:
        """Return the catalogue, judged by this box's memory."""
        memory = self._memory_total_bytes()
        best = recommended(self._catalogue, memory)
        return [Offer(entry, entry.fits(memory), entry == best) for entry in self._catalogue]

    async def choose(self, name: str) -> None:
        """Use the model of that name from now on.

        Raises:
            NotFoundError: If it is not on this box.
            InvalidValueError: If its file is damaged or of a kind that the engine cannot run.
        """
        await self._engine.choose(name)
