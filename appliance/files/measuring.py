"""What a file costs: the tokens that the model in use reads for it, else an estimate."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.base.database.database import Database
from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.port import TextEngine
from appliance.files import store
from appliance.files.finding import ready_files_of
from appliance.files.model import StoredFile, estimated_tokens


class Measuring:
    """Counts tokens with the engine's own tokeniser while there is one."""

    def __init__(self, database: Database, engine: TextEngine) -> None:
        self._database = database
        self._engine = engine

    @property
    def model(self) -> str | None:
        """Return the model in use."""
        return self._engine.state().model

    async def tokens_of(self, text: str) -> tuple[int, str | None]:
        """Return the tokens of a text, and whose they are; None if they are only estimated."""
        model = self.model
        try:
            return (await self._engine.count_tokens((text,)))[0], model
        except EngineUnavailableError:
            return estimated_tokens(text), None

    async def measured(self, owner_id: str, file_ids: Sequence[str]) -> list[StoredFile]:
        """Return the person's files in this order, with the tokens of the model in use if it can.

        Raises:
            NotFoundError: If one of them is not there.
            ConflictError: If one of them is not read, or cannot be.
        """
        files = await self._database.read(
            lambda connection: ready_files_of(connection, owner_id, file_ids)
        )
        model = self.model
        stale = [file.id for file in files if model is None or file.tokens_model != model]
        counts = await self._counted(owner_id, stale) if model and stale else {}
        if not counts or model is None:
            return files
        await self._database.write(lambda tx: store.set_tokens(tx.connection, counts, model=model))
        return [
            replace(file, tokens=counts[file.id], tokens_model=model) if file.id in counts else file
            for file in files
        ]

    async def _counted(self, owner_id: str, file_ids: Sequence[str]) -> dict[str, int]:
        texts = await self._database.read(
            lambda connection: store.texts_of(connection, owner_id, file_ids)
        )
        counts: dict[str, int] = {}
        # One by one: together they may be more than goes through at once.
        for file_id, text in texts.items():
            try:
                counts[file_id] = (await self._engine.count_tokens((text,)))[0]
            except EngineUnavailableError:
                return counts
        return counts
