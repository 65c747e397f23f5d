"""What the owner does with models: gets them, takes them in, loads, tries and removes them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from appliance.base.errors import ConflictError, NotFoundError
from appliance.base.ids import Ids
from appliance.engine.download.downloads import Downloads
from appliance.engine.download.model import Download
from appliance.engine.library.found import FoundModel, Places, find_models
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.ollama_store import OllamaStore
from appliance.engine.text.port import ModelHost, Resident, TextEngine
from appliance.engine.text.speed import Speed, measured_speed
from appliance.model_api.licences import refuse_unread


class EngineWithModels(TextEngine, ModelHost, Protocol):
    """What answers, and keeps models in memory."""


@dataclass(frozen=True)
class Memory:
    """Of this box, right now.

    Attributes:
        total_bytes: All of it.
        available_bytes: What a program could still get.
    """

    total_bytes: int
    available_bytes: int


@dataclass(frozen=True)
class TakenIn:
    """A model that was found on this computer is being taken in.

    Attributes:
        name: What it is called here.
        download: How far it is; None if it is here already, since no bytes had to be copied.
    """

    name: str
    download: Download | None


class Keeping:
    """The models of this box, as their owner keeps them.

    Args:
        library: The models.
        downloads: Models on their way.
        engine: Answers, and holds models in memory.
        places: Where models may lie about.
        ids: Names measurements.
        memory: Tells the memory of this box.
    """

    def __init__(
        self,
        *,
        library: ModelLibrary,
        downloads: Downloads,
        engine: EngineWithModels,
        places: Places,
        ids: Ids,
        memory: Callable[[], Memory],
    ) -> None:
        self.downloads = downloads
        self.memory = memory
        self._library = library
        self._engine = engine
        self._places = places
        self._ids = ids

    async def get(self, name: str, *, accepts_licence: bool) -> Download:
        """Fetch a model, or go on with it.

        Raises:
            ConflictError: If its licence forbids work for money, and nobody has said that this
                is understood (`licence_not_accepted`).
            NotFoundError: If nobody knows where it is (`model_not_known`).
        """
        refuse_unread(self._library.catalogue, name, accepts_licence=accepts_licence)
        return await self.downloads.pull(name)

    async def list_found(self) -> list[FoundModel]:
        """Return models that lie about on this computer."""
        return await asyncio.to_thread(find_models, self._places)

    async def take_in(self, found_id: str) -> TakenIn:
        """Take in a model that was found.

        Raises:
            NotFoundError: If it is not there any more (`found_model_gone`).
            InvalidValueError: If it is none that Nodo can run (`bad_model_file`).
            ConflictError: If there is a model of that name (`model_name_taken`).
        """
        found = next((one for one in await self.list_found() if one.id == found_id), None)
        if found is None:
            raise NotFoundError("That model is not there any more.", code="found_model_gone")
        if found.file is not None:
            return TakenIn(found.file.stem, await self.downloads.take_in(found.file))
        return TakenIn(await asyncio.to_thread(self._take_over, found), None)

    def _take_over(self, found: FoundModel) -> str:
        store = OllamaStore(found.store) if found.store else None
        for model in store.list_models() if store else ():
            if store and model.name == found.name:
                return store.take_over(model, self._library).name
        raise NotFoundError("That model is not there any more.", code="found_model_gone")

    async def remove(self, name: str) -> None:
        """Remove a model; it leaves the memory first.

        Raises:
            NotFoundError: If there is none.
            ConflictError: If it is the one that answers (`model_in_use`), or one that stays.
        """
        model = await asyncio.to_thread(self._library.model_named, name)
        if model.name == self._engine.state().model:
            raise ConflictError(
                f"{model.title} is the model that answers now.",
                code="model_in_use",
                hint="Choose another one first.",
            )
        if any(resident.name == model.name for resident in self._engine.residents()):
            await self._engine.unload(model.name)
        await asyncio.to_thread(self._library.delete, name)

    async def load(self, name: str) -> Resident:
        """Bring a model into memory.

        Raises:
            NotFoundError: If there is none.
            EngineUnavailableError: If it cannot be loaded.
        """
        return await self._engine.load(name)

    async def unload(self, name: str) -> None:
        """Take a model out of memory.

        Raises:
            NotFoundError: If there is none.
        """
        model = await asyncio.to_thread(self._library.model_named, name)
        await self._engine.unload(model.name)

    def residents(self) -> list[Resident]:
        """Return the models in memory."""
        return self._engine.residents()

    async def try_out(self, name: str) -> Speed:
        """Return how quick a model is on this box.

        Raises:
            NotFoundError: If there is none.
            EngineUnavailableError: If it cannot be loaded, or is too slow to wait for.
        """
        model = await asyncio.to_thread(self._library.model_named, name)
        return await measured_speed(self._engine, self._ids.new_id(), model=model.name)
