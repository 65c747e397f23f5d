"""What the text engine of this box is made of; boot fills it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.process.child import ChildSpec
from appliance.engine.text.installed import ModelShelf
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.record import EngineRecord


@dataclass(frozen=True)
class EngineParts:
    """What the supervisor works with.

    Attributes:
        spec: How the engine's process is started.
        shelf: The models of this box.
        record: What is remembered across restarts.
        wishes: What the owner set.
        clock: For waiting times.
        available_bytes: Tells how much memory can be had now.
        pause: Waits the given seconds.
    """

    spec: ChildSpec
    shelf: ModelShelf
    record: EngineRecord
    wishes: EngineWishes
    clock: Clock
    available_bytes: Callable[[], int]
    pause: Callable[[float], Awaitable[None]]
