"""What was measured of models on this box, kept across restarts, and what follows from it."""

import json
import logging
import os
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from appliance.engine.text.port import Speed
from appliance.engine.text.step_times import StepTimes, step_times_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

# A typical turn of one person, by whose total time the two ways of keeping weights are compared.
TYPICAL_READ_TOKENS, TYPICAL_WRITTEN_TOKENS = 600, 150
_CHUNK_ROWS = 256
# What is hardly quicker is not worth a second copy of the weights in memory.
_WORTHWHILE_SHARE = 0.97


class Repacking(StrEnum):
    """Whether weights are repacked: as measured on this box, always, or never."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True)
class Calibration:
    """What is known of one model on this box.

    Attributes:
        plain: Times of steps with the weights as they are in the file.
        repacked: Times with repacked weights.
    """

    plain: StepTimes | None = None
    repacked: StepTimes | None = None

    def times(self, *, repacks: bool) -> StepTimes | None:
        """Return the times of one way to keep the weights, if they were measured."""
        return self.repacked if repacks else self.plain

    def repacks(self, wish: Repacking) -> bool:
        """Return whether the weights are to be repacked."""
        if wish is not Repacking.AUTO or self.plain is None or self.repacked is None:
            return wish is Repacking.ON
        return typical_turn_s(self.repacked) < _WORTHWHILE_SHARE * typical_turn_s(self.plain)

    def speed(self, *, repacks: bool) -> Speed | None:
        """Return what people may want to know of it; None if nothing was measured."""
        if self.plain is None and self.repacked is None:
            return None
        times = self.times(repacks=repacks)
        return Speed(
            repacks=repacks,
            turn_s=_turn_s(self.plain),
            turn_repacked_s=_turn_s(self.repacked),
            step_s=times.measured if times else (),
        )

    def is_open(self, wish: Repacking) -> bool:
        """Return whether repacking is still to be tried."""
        return wish is Repacking.AUTO and self.plain is not None and self.repacked is None


def _turn_s(times: StepTimes | None) -> float | None:
    return round(typical_turn_s(times), 3) if times else None


def typical_turn_s(times: StepTimes) -> float:
    """Return how long a typical turn takes: 600 tokens read, 150 written."""
    return times.turn_s(
        read_tokens=TYPICAL_READ_TOKENS,
        written_tokens=TYPICAL_WRITTEN_TOKENS,
        chunk_rows=_CHUNK_ROWS,
    )


class Calibrations:
    """A small file beside the models; lost or damaged, it is measured anew."""

    def __init__(self, file: Path, *, box: str) -> None:
        """Read the file.

        Args:
            file: Where it lies.
            box: Names this box, its threads and its llama.cpp: what was measured elsewhere or
                with others does not count.
        """
        self._file = file
        self._box = box
        # Several models may be measured at the same time.
        self._lock = threading.Lock()
        self._known = _read(file)

    def of(self, mark: str) -> Calibration:
        """Return what is known of the model with this mark."""
        return self._known.get(self._key(mark), Calibration())

    def note(self, mark: str, times: StepTimes, *, repacks: bool) -> None:
        """Keep what was measured; plain weights measured anew leave repacking to be tried anew."""
        with self._lock:
            before = self.of(mark)
            self._known[self._key(mark)] = Calibration(
                plain=before.plain if repacks else times,
                repacked=times if repacks else None,
            )
            self._write()

    def _key(self, mark: str) -> str:
        return f"{mark}|{self._box}"

    def _write(self) -> None:
        content = {
            key: {name: times.measured for name, times in _named(known) if times is not None}
            for key, known in self._known.items()
        }
        partial = self._file.with_suffix(".part")
        try:
            with partial.open("w", encoding="utf-8") as stream:
                json.dump(content, stream)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self._file)
        except OSError as error:
            # A full disk must not stop the engine; it is measured again after the next start.
            log.warning("calibration not saved", extra={"reason": error.strerror})


def _named(known: Calibration) -> list[tuple[str, StepTimes | None]]:
    return [("plain", known.plain), ("repacked", known.repacked)]


def _read(file: Path) -> dict[str, Calibration]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        log.warning("calibration could not be read; it is measured anew")
        return {}
    if not isinstance(content, dict):
        return {}
    entries = cast("dict[str, object]", content)
    return {key: _calibration(values) for key, values in entries.items()}


def _calibration(values: object) -> Calibration:
    if not isinstance(values, dict):
        return Calibration()
    said = cast("Mapping[str, object]", values)
    return Calibration(_times(said.get("plain")), _times(said.get("repacked")))


def _times(points: object) -> StepTimes | None:
    try:
        return step_times_of(cast("Sequence[Sequence[object]]", points))
    except (TypeError, ValueError):
        return None
