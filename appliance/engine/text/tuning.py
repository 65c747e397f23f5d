"""What this box knows of a model when it is loaded, and where it may keep more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from appliance.engine.text.step_times import StepTimes, step_times_of


@dataclass(frozen=True)
class PrefixPlace:
    """Where beginnings of prompts are kept on disk.

    Attributes:
        folder: Only of these files.
        most_bytes: What they may take together.
        mark: Of the model: files of another one are never loaded.
    """

    folder: Path
    most_bytes: int
    mark: str


@dataclass(frozen=True)
class Tuning:
    """How a model is loaded beside its size.

    Attributes:
        repacks: Whether llama.cpp makes a second copy of the weights, which writes quicker and
            reads slower.
        measures: Whether steps are measured in idle time.
        times: How long they take, if that is known.
        prefixes: Where beginnings of prompts are kept; None keeps none.
    """

    repacks: bool = False
    measures: bool = False
    times: StepTimes | None = None
    prefixes: PrefixPlace | None = None


def tuning_values(tuning: Tuning) -> dict[str, object]:
    """Return it as JSON values, for the way to the engine's process."""
    place = tuning.prefixes
    return {
        "repacks": tuning.repacks,
        "measures": tuning.measures,
        "times": tuning.times.measured if tuning.times else None,
        "prefixes": None
        if place is None
        else {"folder": str(place.folder), "most_bytes": place.most_bytes, "mark": place.mark},
    }


def tuning_of(values: Mapping[str, object]) -> Tuning:
    """Return what these values say; the sender is our own supervisor."""
    times, place = values["times"], cast("Mapping[str, object] | None", values["prefixes"])
    return Tuning(
        repacks=bool(values["repacks"]),
        measures=bool(values["measures"]),
        times=step_times_of(cast("Sequence[Sequence[object]]", times)) if times else None,
        prefixes=None
        if place is None
        else PrefixPlace(
            Path(str(place["folder"])), int(cast("int", place["most_bytes"])), str(place["mark"])
        ),
    )
