"""What the interfaces for programs work with."""

import asyncio
from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.ids import Ids
from appliance.base.web.identity import Identity
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel
from appliance.engine.text.port import Embedder, ModelHost, TextEngine, Tokeniser
from appliance.model_api.asking import Asking, fairness_key_of


@dataclass(frozen=True)
class ModelApiParts:
    """What the interfaces for programs work with.

    Attributes:
        engine: Writes answers.
        tokeniser: Splits texts.
        embedder: Tells their meaning in numbers.
        host: Keeps models in memory.
        library: Knows the models of this box.
        clock: Measures, and dates answers.
        ids: Names requests.
    """

    engine: TextEngine
    tokeniser: Tokeniser
    embedder: Embedder
    host: ModelHost
    library: ModelLibrary
    clock: Clock
    ids: Ids

    async def model_named(self, name: str) -> LibraryModel:
        """Return a model of this box.

        Raises:
            NotFoundError: If there is none of that name (`model_not_found`).
        """
        return await asyncio.to_thread(self.library.model_named, name)

    async def asking(self, identity: Identity, name: str) -> Asking:
        """Return what is needed to ask a model in somebody's name.

        Raises:
            NotFoundError: If there is no such model (`model_not_found`).
        """
        model = await self.model_named(name)
        return Asking(self.ids.new_id(), fairness_key_of(identity), model)
