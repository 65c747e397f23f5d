"""Keeps the process of one model at work: starts it again when it ends, and tells everybody."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
)
from appliance.base.process.child import Child
from appliance.base.process.restart import Restarts, after_failure, pause_s
from appliance.engine.gguf.header import GgufHeader, check_writes, read_gguf_header
from appliance.engine.text.asking import Asking, no_answer
from appliance.engine.text.calibrating import Calibrating
from appliance.engine.text.frames import (
    Frame,
    cancel_frame,
    embedding_load_frame,
    forget_frame,
    load_frame,
)
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.load_plan import LoadPlan, embedding_plan, load_plan
from appliance.engine.text.model import Finished, Loading, TextEvent, TextRequest
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.engine.text.record import CRASHES_UNTIL_BAD
from appliance.engine.text.serving import Serving
from appliance.engine.text.tickets import Ticket, Tickets
from appliance.engine.text.tuning import Tuning

log = logging.getLogger(__name__)

_WEIGHT_OF_NEWEST = 0.3
_SHUTTING_DOWN = "Nodo is shutting down."
# What may be different in a while without anybody's doing: then the model is tried again.
_PASSING = frozenset({"not_enough_memory", "child_not_started"})
_TRY_AGAIN_S = 60.0
_RETUNE_LOOK_S, _RETUNE_GRACE_S = 0.1, 2.0
_BUSY_STATUSES = frozenset({
    EngineStatus.STARTING, EngineStatus.LOADING, EngineStatus.READY, EngineStatus.RESTARTING,
})  # fmt: skip

__all__ = ["EngineParts", "LocalTextEngine"]


class LocalTextEngine:
    """One model of this box: a `TextEngine` whose work is done by a child process.

    Attributes:
        asking: Asks that process for what is no answer: tokens, texts and vectors.
        calibrating: Knows what was measured of the model.
    """

    def __init__(
        self, parts: EngineParts, model: InstalledModel, *, is_for_embeddings: bool = False
    ) -> None:
        self._parts = parts
        self._model = model
        self._is_for_embeddings = is_for_embeddings
        self._changed: Callable[[], None] = _nobody
        self._tickets = Tickets()
        self.calibrating = Calibrating(parts, model)
        self._tuning = Tuning()
        self._is_retuned = False
        self.asking = Asking(self._order)
        self._serving: Serving | None = None
        self._settled = asyncio.Event()
        self._restarts = Restarts()
        self._refusal: ApplianceError | None = None
        self._planned_bytes = 0
        self._state = EngineState(
            status=EngineStatus.STARTING, model=model.name, detail="", load_percent=0, running=0,
            waiting=0, context_tokens=0, tokens_per_s=None,
        )  # fmt: skip

    def state(self) -> EngineState:
        """Return how the engine is right now."""
        running = len(self._tickets.started())
        waiting = len(self._tickets.open()) - running
        speed = self.calibrating.calibration.speed(repacks=self._tuning.repacks)
        return replace(self._state, running=running, waiting=waiting, speed=speed)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `state` may be another one, on the event loop."""
        self._changed = changed

    @property
    def rss_bytes(self) -> int:
        """Return the memory of the engine's process; 0 while there is none."""
        return self._serving.child.rss_bytes() if self._serving else 0

    @property
    def process_id(self) -> int | None:
        """Return the id of the engine's process, if there is one."""
        return self._serving.child.pid if self._serving else None

    @property
    def planned_bytes(self) -> int:
        """Return the memory that the model may take; 0 before that is known."""
        return self._planned_bytes

    async def ready(self) -> None:
        """Return once the model can answer.

        Raises:
            EngineUnavailableError: If it cannot be loaded; the code is the refusal's own.
        """
        while self._state.status is not EngineStatus.READY:
            if self._state.status is EngineStatus.FAILED:
                raise self._refusal or _stopped(self._state.detail)
            self._settled.clear()
            await self._settled.wait()

    def forget(self, fairness_key: str) -> None:
        """Forget what was read for one person; what runs goes on."""
        if self._state.status is EngineStatus.READY:
            self._order(forget_frame(fairness_key))

    def give_way(self, error: ApplianceError) -> None:
        """End all answers with this word; whoever calls ends `run` next."""
        self._tickets.fail_all(error)

    def close(self) -> None:
        """Tell those who still wait that nothing more will come."""
        if self._state.status is not EngineStatus.FAILED:
            self._set(EngineStatus.FAILED, detail=_SHUTTING_DOWN, load_percent=0)
        self._tickets.fail_all(_stopped(_SHUTTING_DOWN))

    async def generate(self, request: TextRequest) -> AsyncGenerator[TextEvent]:
        """Yield stages and text as they happen; the last event is `Finished`.

        Raises:
            TooManyRequestsError: If the queue is full.
            InvalidValueError: If the question is longer than the context.
            EngineUnavailableError: If the engine stopped, hangs, or has no model.
        """
        ticket = self._admit(request)
        try:
            if self._state.status is EngineStatus.READY:
                self._order(ticket.order)
            else:
                yield Loading(self._state.load_percent)
            while True:
                event = await ticket.next_event()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self._tickets.remove(ticket)
            self._changed()
            if not ticket.is_over:
                self._order(cancel_frame(ticket.order_id))

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each of these texts has for the model in use.

        Raises:
            EngineUnavailableError: If no model is loaded right now, or it does not answer.
        """
        if self._state.status is not EngineStatus.READY:
            raise no_answer()
        return await self.asking.count_tokens(texts)

    async def run(self) -> None:
        """Keep the model at work until cancelled, or until it is given up for good."""
        if self._parts.record.is_bad(self._model.mark):
            self._give_up(EngineUnavailableError(_bad_model(self._model), code="engine_failed"))
            return
        while await self._live(self._model):
            pass

    def _admit(self, request: TextRequest) -> Ticket:
        if self._state.status not in _BUSY_STATUSES:
            raise EngineUnavailableError(
                self._state.detail,
                code="engine_failed",
                hint="An administrator can choose a model on the models page.",
            )
        ticket = self._tickets.admit(request)
        self._changed()
        return ticket

    def _order(self, frame: Frame) -> None:
        if self._serving is not None:
            self._serving.order(frame)

    def _has_work(self) -> bool:
        is_idle = self._state.status is EngineStatus.READY and not self._tickets.open()
        return not is_idle or self.asking.is_waiting

    async def _live(self, model: InstalledModel) -> bool:
        """Live through one process: start, load, serve, end. Return whether to begin again."""
        self._set(EngineStatus.STARTING, detail="", load_percent=0)
        self._refusal = None
        self._is_retuned = False
        started_s = self._parts.clock.monotonic_s()
        try:
            load = await self._load_order(model)
            child = await Child.start(self._parts.spec)
        except ApplianceError as error:
            self._give_up(error)
            return await self._may_try_again(error)
        reason = await self._serve(child, model, load)
        if self._is_retuned:
            return True
        if self._refusal is not None:
            return await self._may_try_again(self._refusal)
        return await self._after_crash(model, reason, started_s)

    async def _load_order(self, model: InstalledModel) -> Frame:
        """Return the order that loads the model, with as much room as there is now."""
        header = await asyncio.to_thread(read_gguf_header, model.file)
        plan = self._embedding_plan(header) if self._is_for_embeddings else self._plan(header)
        self._planned_bytes = plan.memory_bytes
        file, threads = str(model.file), self._parts.wishes.threads
        if self._is_for_embeddings:
            return embedding_load_frame(
                file=file, plan=plan, threads=threads, is_encoder=header.only_embeds
            )
        return load_frame(file=file, plan=plan, threads=threads, tuning=self._tuning)

    def _embedding_plan(self, header: GgufHeader) -> LoadPlan:
        available_bytes = self._parts.available_bytes()
        return embedding_plan(header, self._parts.wishes, available_bytes=available_bytes)

    def _plan(self, header: GgufHeader) -> LoadPlan:
        check_writes(header)
        available_bytes = self._parts.available_bytes()
        self._tuning = self.calibrating.tuning()
        try:
            return load_plan(
                header,
                self._parts.wishes,
                available_bytes=available_bytes,
                repacks=self._tuning.repacks,
            )
        except EngineUnavailableError:
            if not self._tuning.repacks:
                raise
        # What would be quicker does not fit today: as it is in the file it may.
        self._tuning = replace(self._tuning, repacks=False, times=None)
        return load_plan(header, self._parts.wishes, available_bytes=available_bytes)

    async def _serve(self, child: Child, model: InstalledModel, load: Frame) -> str:
        """Return why the child's service is over; it has ended then, and all know it."""
        self._serving = serving = Serving(
            child, clock=self._parts.clock, pause=self._parts.pause, has_work=self._has_work
        )
        self._order(load)
        try:
            async with asyncio.TaskGroup() as group:
                trying = group.create_task(self._retune(child))
                reason = await serving.run(lambda frame: self._hear(frame, model))
                trying.cancel()
            self._tell_end(reason)
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._serving = None
            self.asking.fail_all()
            await serving.end()
        return reason

    async def _retune(self, child: Child) -> None:
        """Load the model in the other way once that was found to be quicker."""
        if self._is_for_embeddings:
            return
        if await self.calibrating.try_repacking(lambda: not self._has_work()):
            while self._has_work():
                await self._parts.pause(_RETUNE_LOOK_S)
            self._is_retuned = True
            # Orderly: what was read is kept. Who asks meanwhile is asked again of the next one.
            await child.stop(grace_s=_RETUNE_GRACE_S)

    def _tell_end(self, reason: str) -> None:
        """Tell those whose answers were in work; the others wait for the next process."""
        if self._state.status in _BUSY_STATUSES:
            self._set(EngineStatus.RESTARTING, detail=f"The engine {reason}.", load_percent=0)
        self._tickets.fail_started(_stopped(f"The engine stopped while it wrote ({reason})."))

    def _hear(self, frame: Frame, model: InstalledModel) -> None:
        kind = frame["is"]
        if kind == "loading":
            self._tell_loading(max(0, min(int(str(frame["percent"])), 100)))
        elif kind == "loaded":
            self._set(
                EngineStatus.READY,
                load_percent=100,
                context_tokens=int(str(frame["context_tokens"])),
                processor_code=str(frame.get("processor_code", "")),
            )
            for ticket in self._tickets.open():
                self._order(ticket.order)
        elif kind == "refused":
            words = f"{frame['message']} {frame['hint']}".strip()
            self._give_up(EngineUnavailableError(words, code=str(frame["code"])))
        elif kind == "measured":
            self.calibrating.hear(frame, repacks=self._tuning.repacks)
        elif kind == "told":
            self.asking.hear(frame)
        elif ticket := self._tickets.find(str(frame.get("id"))):
            self._hear_of(ticket, frame, model)

    def _hear_of(self, ticket: Ticket, frame: Frame, model: InstalledModel) -> None:
        had_started = ticket.has_started
        ticket.hear(frame, model=model.name)
        if ticket.has_started != had_started:
            self._changed()
        if frame["is"] == "finished":
            self._note_answer(frame, model)

    def _tell_loading(self, percent: int) -> None:
        self._set(EngineStatus.LOADING, load_percent=percent)
        for ticket in self._tickets.open():
            ticket.tell_loading(percent)

    def _note_answer(self, frame: Frame, model: InstalledModel) -> None:
        # Writes only after crashes, a hundred bytes.
        self._parts.record.answered(model.mark)
        tokens, seconds = float(str(frame["completion_tokens"])), float(str(frame["writing_s"]))
        if tokens > 1 and seconds > 0:
            speed = (tokens - 1) / seconds
            before = self._state.tokens_per_s or speed
            mixed = before + _WEIGHT_OF_NEWEST * (speed - before)
            self._state = replace(self._state, tokens_per_s=round(mixed, 1))

    async def _after_crash(self, model: InstalledModel, reason: str, started_s: float) -> bool:
        """Count the crash, and wait before the next start; False if there is none."""
        ran_s = self._parts.clock.monotonic_s() - started_s
        self._restarts = after_failure(self._restarts, ran_s=ran_s)
        crashes = await asyncio.to_thread(self._parts.record.crashed, model.mark)
        log.error("engine ended", extra={"reason": reason, "crashes": crashes})
        if crashes >= CRASHES_UNTIL_BAD:
            self._give_up(EngineUnavailableError(_bad_model(model), code="engine_failed"))
            return False
        self._set(
            EngineStatus.RESTARTING,
            detail=f"The engine {reason}; it is being started again "
            f"(attempt {crashes + 1} of {CRASHES_UNTIL_BAD}).",
        )
        await self._parts.pause(pause_s(self._restarts))
        return True

    async def _may_try_again(self, refusal: ApplianceError) -> bool:
        """Return False if the refusal is final; else True, after a while."""
        if refusal.code not in _PASSING:
            return False
        await self._parts.pause(_TRY_AGAIN_S)
        return True

    def _give_up(self, error: ApplianceError) -> None:
        self._refusal = error
        self._set(EngineStatus.FAILED, detail=error.message, load_percent=0)
        failed = EngineUnavailableError(error.message, code="engine_failed")
        self._tickets.fail_all(failed)

    def _set(self, status: EngineStatus, **changes: object) -> None:
        self._state = replace(self._state, status=status, **changes)  # type: ignore[arg-type]
        self._settled.set()
        self._changed()


def _nobody() -> None:
    """Nobody watches."""


def _stopped(message: str) -> EngineUnavailableError:
    return EngineUnavailableError(
        message, code="engine_stopped", hint="The text so far is kept. Ask again in a moment."
    )


def _bad_model(model: InstalledModel) -> str:
    return (
        f"The model {model.title} stopped the engine {CRASHES_UNTIL_BAD} times "
        "and is not loaded any more. Choose it again to give it another chance."
    )
