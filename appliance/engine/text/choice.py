"""Which model the owner chose, and what is to be said while it is not in memory."""

import asyncio

from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.parts import Shelf
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.engine.text.record import EngineRecord


class Choice:
    """The owner's choice.

    Attributes:
        model: Which one; None while it is not known, or if there is none.
        absence: How the engine is while that model is not in memory.
    """

    def __init__(self, shelf: Shelf, record: EngineRecord) -> None:
        self._shelf = shelf
        self._record = record
        self.model: InstalledModel | None = None
        self.absence = _state(EngineStatus.STARTING, None)
        self._changes = 0

    async def settle(self) -> None:
        """Find out which model the owner wants, as the folder is now."""
        changes = self._changes
        model, problem = None, ""
        try:
            model = await asyncio.to_thread(self._wanted)
        except ApplianceError as error:
            problem = error.message
        # What was chosen while we looked is newer than what we found.
        if self._changes != changes:
            return
        self.model = model
        if model is not None:
            self.absence = _state(EngineStatus.UNLOADED, model)
        elif problem:
            self.absence = _state(EngineStatus.FAILED, None, problem)
        else:
            self.absence = _state(EngineStatus.NO_MODEL, None, "There is no model on this box.")

    async def change(self, name: str) -> None:
        """Note another choice.

        Raises:
            NotFoundError: If there is no such model.
        """
        model = await asyncio.to_thread(self._shelf.model_named, name)
        await asyncio.to_thread(self._record.choose, model.name, model.mark)
        self._changes += 1
        self.model = model
        self.absence = _state(EngineStatus.STARTING, model)

    def close(self, detail: str) -> None:
        """Say from now on that there will be no answers any more."""
        self.absence = _state(EngineStatus.FAILED, self.model, detail)

    def refusal(self) -> EngineUnavailableError:
        """Return why nobody can answer while there is no model."""
        is_empty = self.absence.status is EngineStatus.NO_MODEL
        return EngineUnavailableError(
            self.absence.detail,
            code="no_model" if is_empty else "engine_failed",
            hint="An administrator can choose a model on the models page.",
        )

    def _wanted(self) -> InstalledModel | None:
        name = self._record.chosen
        return self._shelf.model_named(name) if name else self._shelf.default_model()


def _state(status: EngineStatus, model: InstalledModel | None, detail: str = "") -> EngineState:
    return EngineState(
        status=status, model=model.name if model else None, detail=detail, load_percent=0,
        running=0, waiting=0, context_tokens=0, tokens_per_s=None,
    )  # fmt: skip
