"""Measures a model on this box once, in idle time: how it is loaded from then on."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import cast

from appliance.base.errors import ApplianceError
from appliance.base.process.child import Child
from appliance.engine.text.calibration import Calibration
from appliance.engine.text.frames import Frame, load_frame
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.serving import Serving
from appliance.engine.text.step_times import StepTimes, step_times_of
from appliance.engine.text.tuning import PrefixPlace, Tuning

log = logging.getLogger(__name__)

# A second copy of smaller models is neither dear nor worth a trial.
_LEAST_TRIED_BYTES = 200 << 20
_TRIAL_TOKENS = 1024
# The copy, the buffers, and the weights themselves, which are in memory only once.
_TRIAL_SPARE_BYTES = 512 << 20
_LOOK_EVERY_S = 0.1
_QUIET_LOOKS = 30


class Calibrating:
    """What is measured of one model, and what follows from it."""

    def __init__(self, parts: EngineParts, model: InstalledModel) -> None:
        self._parts = parts
        self._model = model

    @property
    def calibration(self) -> Calibration:
        """Return what is known."""
        known = self._parts.calibrations
        return known.of(self._model.mark) if known else Calibration()

    def tuning(self) -> Tuning:
        """Return how the model is to be loaded now."""
        known = self.calibration
        repacks = known.repacks(self._parts.wishes.repacking)
        times = known.times(repacks=repacks)
        return Tuning(
            repacks=repacks,
            measures=times is None and self._parts.calibrations is not None,
            times=times,
            prefixes=self._prefixes(),
        )

    def hear(self, frame: Frame, *, repacks: bool) -> None:
        """Keep what the process has measured of itself."""
        if self._parts.calibrations is not None:
            self._parts.calibrations.note(self._model.mark, _times_in(frame), repacks=repacks)

    async def try_repacking(self, is_idle: Callable[[], bool]) -> bool:
        """Find out whether repacked weights are quicker, once nobody has asked for seconds.

        A second process is measured beside the one at work; whoever asks meanwhile ends it, and
        it is tried again later.

        Returns:
            Whether the model is to be loaded in the other way now.
        """
        wish = self._parts.wishes.repacking
        while self._parts.calibrations is not None and self._is_worth_a_trial():
            await self._quiet(is_idle)
            if not self.calibration.is_open(wish):
                continue
            times = await self._trial(is_idle)
            if times is not None:
                self._parts.calibrations.note(self._model.mark, times, repacks=True)
                return self.calibration.repacks(wish)
        return False

    def _is_worth_a_trial(self) -> bool:
        known, wish = self.calibration, self._parts.wishes.repacking
        is_large = self._model.size_bytes >= _LEAST_TRIED_BYTES
        return is_large and (known.plain is None or known.is_open(wish)) and not known.repacked

    async def _quiet(self, is_idle: Callable[[], bool]) -> None:
        looks = 0
        while looks < _QUIET_LOOKS:
            await self._parts.pause(_LOOK_EVERY_S)
            has_memory = self._parts.available_bytes() > self._trial_bytes()
            looks = looks + 1 if is_idle() and has_memory else 0

    def _trial_bytes(self) -> int:
        return self._model.size_bytes + _TRIAL_SPARE_BYTES

    async def _trial(self, is_idle: Callable[[], bool]) -> StepTimes | None:
        """Return the times of steps with repacked weights; None if somebody asked meanwhile."""
        try:
            child = await Child.start(self._parts.spec)
        except ApplianceError as error:
            log.warning("trial not started", extra={"code": error.code})
            return None
        serving = Serving(
            child, clock=self._parts.clock, pause=self._parts.pause, has_work=lambda: True
        )
        plan = LoadPlan(_TRIAL_TOKENS, 1, 1, _TRIAL_TOKENS, self._trial_bytes())
        serving.order(
            load_frame(
                file=str(self._model.file),
                plan=plan,
                threads=self._parts.wishes.threads,
                tuning=Tuning(repacks=True, measures=True),
            )
        )
        measured: list[StepTimes] = []

        def hear(frame: Frame) -> None:
            if frame["is"] == "measured":
                measured.append(_times_in(frame))
                child.kill()

        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._end_when_asked(child, is_idle))
                await serving.run(hear)
                watching.cancel()
        finally:
            await serving.end()
        return measured[0] if measured else None

    async def _end_when_asked(self, child: Child, is_idle: Callable[[], bool]) -> None:
        while is_idle():
            await self._parts.pause(_LOOK_EVERY_S)
        child.kill()

    def _prefixes(self) -> PrefixPlace | None:
        place = self._parts.prefixes
        if place is None or not place.most_bytes:
            return None
        return PrefixPlace(place.folder, place.most_bytes, self._model.mark)


def _times_in(frame: Frame) -> StepTimes:
    return step_times_of(cast("Sequence[Sequence[object]]", frame["times"]))
