"""What the text engine of this box is made of; boot fills it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.process.child import ChildSpec
from appliance.engine.text.calibration import Calibrations
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.record import EngineRecord
from appliance.engine.text.tuning import PrefixPlace


class Shelf(Protocol):
    """Where the models of this box are found; asked in threads."""

    def model_named(self, name: str) -> InstalledModel:
        """Return the model of that name.

        Raises:
            NotFoundError: If there is none (`model_not_found`).
        """
        ...

    def default_model(self) -> InstalledModel | None:
        """Return the model for a box whose owner has chosen none."""
        ...


@dataclass(frozen=True)
class EngineParts:
    """What models at work are kept by.

    Attributes:
        spec: How the engine's process is started.
        shelf: The models of this box.
        record: What is remembered across restarts.
        wishes: What the owner set.
        clock: For waiting times.
        available_bytes: Tells how much memory can be had now.
        pause: Waits the given seconds.
        memory_bytes: What all models together may take; 0 is all that can be had.
        keep_alive_s: How long a model stays in memory after its last answer; negative is for
            ever, None for ever for the one that the owner chose and five minutes for others.
        calibrations: What was measured of models on this box; None measures nothing.
        prefixes: Where beginnings of prompts are kept on disk; None keeps none.
    """

    spec: ChildSpec
    shelf: Shelf
    record: EngineRecord
    wishes: EngineWishes
    clock: Clock
    available_bytes: Callable[[], int]
    pause: Callable[[float], Awaitable[None]]
    memory_bytes: int = 0
    keep_alive_s: float | None = None
    calibrations: Calibrations | None = None
    prefixes: PrefixPlace | None = None
