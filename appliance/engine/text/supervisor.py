"""Keeps one engine process at work: starts it, watches it, and tells everybody when it ends."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from appliance.base.clock import Clock
from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
    TooManyRequestsError,
)
from appliance.base.process.child import Child, ChildGoneError, ChildSpec
from appliance.base.process.restart import Restarts, after_failure, pause_s
from appliance.engine.text.frames import Frame, generate_frame, load_frame
from appliance.engine.text.gguf_header import read_gguf_header
from appliance.engine.text.installed import InstalledModel, ModelShelf
from appliance.engine.text.load_plan import EngineWishes, LoadPlan, load_plan
from appliance.engine.text.model import Finished, Loading, TextEvent, TextRequest
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.engine.text.pulse import Vitals, hangs, vitals_of
from appliance.engine.text.record import CRASHES_UNTIL_BAD, EngineRecord
from appliance.engine.text.tickets import Ticket

log = logging.getLogger(__name__)

_MOST_REQUESTS = 64
_WATCH_EVERY_S = 0.5
_STOP_GRACE_S = 2.0
_WEIGHT_OF_NEWEST = 0.3
_BUSY_STATUSES = frozenset({
    EngineStatus.STARTING, EngineStatus.LOADING, EngineStatus.READY, EngineStatus.RESTARTING,
})  # fmt: skip


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


class LocalTextEngine:
    """The text engine of this box: a `TextEngine` whose work is done by a child process."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts
        self._tickets: dict[str, Ticket] = {}
        self._outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        self._child: Child | None = None
        self._model: InstalledModel | None = None
        self._heard_s = 0.0
        self._vitals: Vitals | None = None
        self._wakes = asyncio.Event()
        self._restarts = Restarts()
        self._state = EngineState(
            status=EngineStatus.STARTING, model=None, detail="", load_percent=0, running=0,
            waiting=0, context_tokens=0, tokens_per_s=None,
        )  # fmt: skip

    def state(self) -> EngineState:
        """Return how the engine is right now."""
        started = sum(ticket.has_started for ticket in self._tickets.values())
        return replace(self._state, running=started, waiting=len(self._tickets) - started)

    @property
    def rss_bytes(self) -> int:
        """Return the memory of the engine's process; 0 while there is none."""
        return self._child.rss_bytes() if self._child else 0

    @property
    def process_id(self) -> int | None:
        """Return the id of the engine's process, if there is one."""
        return self._child.pid if self._child else None

    async def choose(self, name: str) -> None:
        """Use another model from now on; answers that are being written end with a word.

        Raises:
            NotFoundError: If there is no such model.
            InvalidValueError: If its file is damaged or of an unknown kind.
        """
        model = self._parts.shelf.model_named(name)
        await asyncio.to_thread(read_gguf_header, model.file)
        self._parts.record.choose(model.name, model.mark)
        self._restarts = Restarts()
        self._fail_all(EngineUnavailableError(
            "The model is being changed.", code="model_changed", hint="Ask again in a moment.",
        ))  # fmt: skip
        self._wakes.set()
        if self._child is not None:
            self._child.kill()

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield stages and text as they happen; the last event is `Finished`.

        Raises:
            TooManyRequestsError: If the queue is full.
            InvalidValueError: If the question is longer than the context.
            EngineUnavailableError: If the engine stopped, hangs, or has no model.
        """
        ticket = self._admit(request)
        try:
            if self._state.status is EngineStatus.READY:
                self._submit(ticket)
            else:
                yield Loading(self._state.load_percent)
            while True:
                event = await ticket.next_event()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            del self._tickets[request.request_id]
            if not ticket.is_over:
                self._outgoing.put_nowait({"do": "cancel", "id": request.request_id})

    async def run(self) -> None:
        """Keep the engine at work until cancelled."""
        try:
            while True:
                self._wakes.clear()
                model = self._wanted_model()
                if model is None:
                    await self._wakes.wait()
                else:
                    await self._live(model)
        finally:
            self._fail_all(_stopped("Nodo is shutting down."))

    def _admit(self, request: TextRequest) -> Ticket:
        if self._state.status not in _BUSY_STATUSES:
            raise EngineUnavailableError(
                self._state.detail or "There is no model on this box.",
                code="no_model" if self._state.status is EngineStatus.NO_MODEL else "engine_failed",
                hint="An administrator can choose a model on the models page.",
            )
        if len(self._tickets) >= _MOST_REQUESTS:
            raise TooManyRequestsError(
                f"{_MOST_REQUESTS} answers are waiting already.",
                code="queue_full",
                hint="Try again in a minute.",
                retry_after_s=60,
            )
        ticket = Ticket(request)
        self._tickets[request.request_id] = ticket
        return ticket

    def _submit(self, ticket: Ticket) -> None:
        if not any(other.has_started for other in self._tickets.values()):
            # The child was idle: its silence so far tells nothing.
            self._note_sign_of_life()
        self._outgoing.put_nowait(generate_frame(ticket.request))

    def _wanted_model(self) -> InstalledModel | None:
        """Return the model to load now; None, and the state says why, if there is none."""
        shelf, record = self._parts.shelf, self._parts.record
        try:
            model = shelf.model_named(record.chosen) if record.chosen else shelf.default_model()
        except ApplianceError as error:
            self._give_up(None, EngineStatus.FAILED, error.message)
            return None
        if model is None:
            self._give_up(None, EngineStatus.NO_MODEL, "There is no model on this box.")
        elif record.is_bad(model.mark):
            self._give_up(model, EngineStatus.FAILED, _bad_model(model))
            return None
        return model

    async def _live(self, model: InstalledModel) -> None:
        """Live through one process: start, load, serve, end."""
        self._model = model
        self._set(EngineStatus.STARTING, model=model.name, detail="", load_percent=0)
        started_s = self._parts.clock.monotonic_s()
        try:
            plan = await self._plan(model)
            self._child = await Child.start(self._parts.spec)
        except ApplianceError as error:
            self._give_up(model, EngineStatus.FAILED, error.message)
            await self._wakes.wait()
            return
        try:
            reason = await self._serve(self._child, model, plan)
        finally:
            ended = await self._child.stop(grace_s=_STOP_GRACE_S)
            self._child = None
        if self._wakes.is_set() or self._state.status is EngineStatus.FAILED:
            await self._wakes.wait()
            return
        await self._after_crash(model, reason or ended.reason, started_s)

    async def _plan(self, model: InstalledModel) -> LoadPlan:
        header = await asyncio.to_thread(read_gguf_header, model.file)
        return load_plan(
            header, self._parts.wishes, available_bytes=self._parts.available_bytes()
        )

    async def _serve(self, child: Child, model: InstalledModel, plan: LoadPlan) -> str:
        """Return why the process must be given up; empty if it ended by itself."""
        self._outgoing = asyncio.Queue()
        self._note_sign_of_life()
        self._outgoing.put_nowait(load_frame(
            file=str(model.file), room_tokens=plan.room_tokens,
            context_tokens=plan.context_tokens, slot_count=plan.slot_count,
            threads=self._parts.wishes.threads,
        ))  # fmt: skip
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send_all(child))
            watching = group.create_task(self._watch(child))
            async for frame in child.messages():
                self._hear(frame, model)
            sending.cancel()
            hung = watching.done()
            watching.cancel()
        return "did not answer any more" if hung else ""

    async def _send_all(self, child: Child) -> None:
        with contextlib.suppress(ChildGoneError):
            while True:
                await child.send(await self._outgoing.get())

    async def _watch(self, child: Child) -> None:
        """End, and kill the child, once it hangs."""
        while True:
            await self._parts.pause(_WATCH_EVERY_S)
            now = await asyncio.to_thread(vitals_of, child.pid)
            has_work = self._tickets or self._state.status is not EngineStatus.READY
            if now is None or self._vitals is None or not has_work:
                self._note_sign_of_life(now)
                continue
            silent_s = self._parts.clock.monotonic_s() - self._heard_s
            if hangs(silent_s=silent_s, before=self._vitals, now=now):
                log.error("engine hangs", extra={"silent_s": round(silent_s, 1)})
                child.kill()
                return

    def _note_sign_of_life(self, vitals: Vitals | None = None) -> None:
        self._heard_s = self._parts.clock.monotonic_s()
        if vitals is None and self._child is not None:
            vitals = vitals_of(self._child.pid)
        self._vitals = vitals

    def _hear(self, frame: Frame, model: InstalledModel) -> None:
        self._heard_s = self._parts.clock.monotonic_s()
        kind = frame["is"]
        if kind == "loading":
            percent = int(str(frame["percent"]))
            self._set(EngineStatus.LOADING, load_percent=percent)
            for ticket in self._tickets.values():
                ticket.tell_loading(percent)
        elif kind == "loaded":
            self._set(
                EngineStatus.READY, load_percent=100,
                context_tokens=int(str(frame["context_tokens"])),
            )  # fmt: skip
            for ticket in self._tickets.values():
                self._submit(ticket)
        elif kind == "refused":
            self._give_up(model, EngineStatus.FAILED, str(frame["message"]))
        elif ticket := self._tickets.get(str(frame.get("id"))):
            ticket.hear(frame, model=model.name)
            if kind == "finished":
                self._note_answer(frame, model)

    def _note_answer(self, frame: Frame, model: InstalledModel) -> None:
        self._parts.record.answered(model.mark)
        tokens, seconds = float(str(frame["completion_tokens"])), float(str(frame["writing_s"]))
        if tokens > 1 and seconds > 0:
            speed = (tokens - 1) / seconds
            before = self._state.tokens_per_s or speed
            self._state = replace(
                self._state,
                tokens_per_s=round(before + _WEIGHT_OF_NEWEST * (speed - before), 1),
            )

    async def _after_crash(self, model: InstalledModel, reason: str, started_s: float) -> None:
        """Tell those whose answers were in work, and wait before the next start."""
        ran_s = self._parts.clock.monotonic_s() - started_s
        self._restarts = after_failure(self._restarts, ran_s=ran_s)
        crashes = self._parts.record.crashed(model.mark)
        log.error("engine ended", extra={"reason": reason, "crashes": crashes})
        for ticket in [t for t in self._tickets.values() if t.has_started]:
            ticket.fail(_stopped(f"The engine stopped while it wrote ({reason})."))
        if crashes >= CRASHES_UNTIL_BAD:
            return
        self._set(
            EngineStatus.RESTARTING,
            detail=f"The engine {reason}; it is being started again "
            f"(attempt {crashes + 1} of {CRASHES_UNTIL_BAD}).",
        )
        await self._parts.pause(pause_s(self._restarts))

    def _give_up(self, model: InstalledModel | None, status: EngineStatus, detail: str) -> None:
        self._set(status, model=model.name if model else None, detail=detail, load_percent=0)
        self._fail_all(EngineUnavailableError(detail, code="engine_failed"))

    def _fail_all(self, error: ApplianceError) -> None:
        for ticket in self._tickets.values():
            ticket.fail(error)

    def _set(self, status: EngineStatus, **changes: object) -> None:
        self._state = replace(self._state, status=status, **changes)  # type: ignore[arg-type]


def _stopped(message: str) -> EngineUnavailableError:
    return EngineUnavailableError(
        message, code="engine_stopped", hint="The text so far is kept. Ask again in a moment."
    )


def _bad_model(model: InstalledModel) -> str:
    return (
        f"The model {model.title} stopped the engine {CRASHES_UNTIL_BAD} times "
        "and is not loaded any more. Choose it again to give it another chance."
    )
