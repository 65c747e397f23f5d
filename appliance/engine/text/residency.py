"""The models in memory: which one answers whom, who is brought in and who has to go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.engine.gguf.header import read_gguf_header
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.load_plan import load_plan
from appliance.engine.text.model import Finished, Loading, TextEvent, TextRequest
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineState, EngineStatus, Resident
from appliance.engine.text.seats import (
    FOR_EVER,
    USUAL_KEEP_ALIVE_S,
    Seat,
    Sitter,
    seat_key,
    who_leaves,
)
from appliance.engine.text.supervisor import LocalTextEngine

_SHUTTING_DOWN = "Nodo is shutting down."
_NO_MODEL = "There is no model on this box."
# No box has so much: what a model would take if memory were no matter.
_ALL_BYTES = 1 << 60


class Residency:
    """The text engine of this box, with as many models as its memory holds.

    It is a `TextEngine` and a `ModelHost`. Each model has a process of its own: if one ends, the
    others do not notice.
    """

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts
        self._changed: Callable[[], None] = _nobody
        self._seats: dict[tuple[str, bool], Seat] = {}
        self._choice: InstalledModel | None = None
        self._tasks: asyncio.TaskGroup | None = None
        # Processes that are ending: who comes in waits until their memory is free.
        self._going: set[asyncio.Task[None]] = set()
        self._is_open = asyncio.Event()
        self._stirred = asyncio.Event()
        self._absence = _absent(EngineStatus.STARTING)

    def state(self) -> EngineState:
        """Return how the chosen model is; all models' requests count as running and waiting."""
        seat = self._chosen_seat()
        states = [one.engine.state() for one in self._seats.values()]
        return replace(
            seat.engine.state() if seat else self._absence,
            running=sum(state.running for state in states),
            waiting=sum(state.waiting for state in states),
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `state` may be another one, on the event loop."""
        self._changed = changed

    @property
    def rss_bytes(self) -> int:
        """Return the memory of all models' processes."""
        return sum(seat.engine.rss_bytes for seat in self._seats.values())

    @property
    def process_id(self) -> int | None:
        """Return the id of the chosen model's process, if there is one."""
        seat = self._chosen_seat()
        return seat.engine.process_id if seat else None

    def residents(self) -> list[Resident]:
        """Return the models in memory, and those on their way there."""
        return [self._resident(seat) for seat in self._seats.values()]

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield stages and text as they happen; the last event is `Finished`.

        Raises:
            NotFoundError: If the model is not on this box.
            TooManyRequestsError: If the queue is full.
            InvalidValueError: If the question is longer than the context.
            EngineUnavailableError: If the engine stopped, hangs, or has no model.
        """
        asked_s = self._parts.clock.monotonic_s()
        load_s: float | None = None
        async with (
            self._seated(request.model, keep_alive_s=request.keep_alive_s) as seat,
            aclosing(seat.engine.generate(request)) as events,
        ):
            async for event in events:
                if load_s is None and not isinstance(event, Loading):
                    load_s = self._parts.clock.monotonic_s() - asked_s
                if isinstance(event, Finished):
                    yield replace(event, load_s=load_s or 0.0)
                    return
                yield event

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each of these texts has for the chosen model.

        Raises:
            EngineUnavailableError: If it is not loaded right now, or does not answer.
        """
        seat = self._chosen_seat()
        if seat is None:
            raise EngineUnavailableError(
                "No model is loaded that could count tokens.",
                code="engine_not_ready",
                hint="Try again in a moment.",
            )
        return await seat.engine.count_tokens(texts)

    async def load(self, model: str | None, *, keep_alive_s: float | None = None) -> Resident:
        """Bring a model into memory and return it once it can answer.

        Raises:
            NotFoundError: If it is not on this box.
            EngineUnavailableError: If it cannot be loaded.
        """
        async with self._seated(model, keep_alive_s=keep_alive_s) as seat:
            await seat.engine.ready()
            return self._resident(seat)

    async def unload(self, model: str) -> None:
        """Take a model out of memory; answers that are being written are finished first.

        Raises:
            NotFoundError: If it is not on this box.
        """
        found = await asyncio.to_thread(self._parts.shelf.model_named, model)
        leaving = [seat for seat in self._seats.values() if seat.model.mark == found.mark]
        for seat in leaving:
            seat.keep_alive_s = 0.0
        self._stirred.set()
        if leaving:
            await asyncio.wait([seat.task for seat in leaving])

    async def choose(self, name: str) -> None:
        """Use another model from now on; answers that are being written end with a word.

        Raises:
            NotFoundError: If there is no such model.
            InvalidValueError: If its file is damaged or of an unknown kind.
        """
        model = await asyncio.to_thread(self._parts.shelf.model_named, name)
        await asyncio.to_thread(read_gguf_header, model.file)
        await asyncio.to_thread(self._parts.record.choose, model.name, model.mark)
        before = self._chosen_seat()
        self._choice = model
        self._absence = _absent(EngineStatus.STARTING, model)
        if before is not None:
            before.engine.give_way(EngineUnavailableError(
                "The model is being changed.", code="model_changed",
                hint="Ask again in a moment.",
            ))  # fmt: skip
            self._dismiss(before)
        if self._tasks is not None:
            await self._bring_in(model)
        self._changed()

    async def run(self) -> None:
        """Keep models at work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await self._warm_up()
                self._is_open.set()
                while True:
                    await self._look_after()
        finally:
            self._absence = _absent(EngineStatus.FAILED, detail=_SHUTTING_DOWN)
            self._tasks = None
            self._is_open.set()

    @asynccontextmanager
    async def _seated(self, name: str | None, *, keep_alive_s: float | None) -> AsyncIterator[Seat]:
        """Give the seat of a model that may still be loading; it stays for as long as that."""
        await self._is_open.wait()
        model = await self._wanted(name)
        seat = self._seats.get(seat_key(model, is_for_embeddings=False))
        if seat is None:
            seat = await self._bring_in(model)
        seat.users += 1
        if keep_alive_s is not None:
            seat.keep_alive_s = keep_alive_s
        try:
            yield seat
        finally:
            seat.users -= 1
            seat.used_s = self._parts.clock.monotonic_s()
            self._stirred.set()

    async def _wanted(self, name: str | None) -> InstalledModel:
        if name is not None:
            return await asyncio.to_thread(self._parts.shelf.model_named, name)
        if self._tasks is not None and (self._choice is None or self._chosen_seat() is None):
            await self._settle_choice()
        if self._choice is None:
            raise EngineUnavailableError(
                self._absence.detail,
                code="no_model" if self._absence.status is EngineStatus.NO_MODEL else
                "engine_failed",
                hint="An administrator can choose a model on the models page.",
            )  # fmt: skip
        return self._choice

    async def _settle_choice(self) -> None:
        """Find out which model the owner wants, as the folder is now."""
        shelf, record = self._parts.shelf, self._parts.record
        try:
            self._choice = await asyncio.to_thread(
                lambda: shelf.model_named(record.chosen) if record.chosen else shelf.default_model()
            )
        except ApplianceError as error:
            self._choice = None
            self._absence = _absent(EngineStatus.FAILED, detail=error.message)
            return
        if self._choice is None:
            self._absence = _absent(EngineStatus.NO_MODEL, detail=_NO_MODEL)
        else:
            self._absence = _absent(EngineStatus.UNLOADED, self._choice)

    async def _warm_up(self) -> None:
        await self._settle_choice()
        if self._choice is not None:
            await self._bring_in(self._choice)
        self._changed()

    async def _bring_in(self, model: InstalledModel) -> Seat:
        """Give a model a seat; whoever must leave for it does so before it is loaded.

        Raises:
            EngineUnavailableError: If there is no room, or Nodo is shutting down.
        """
        reserved_bytes, leaving = await self._room_for(model)
        key = seat_key(model, is_for_embeddings=False)
        if key in self._seats:
            # Somebody else brought it in while its file was read.
            return self._seats[key]
        if self._tasks is None:
            raise EngineUnavailableError(_SHUTTING_DOWN, code="engine_stopped")
        for seat in leaving:
            self._dismiss(seat)
        parts = replace(self._parts, available_bytes=lambda: self._free_bytes(besides=key))
        engine = LocalTextEngine(parts, model)
        engine.watch(self._changed)
        task = self._tasks.create_task(_kept(engine, frozenset(self._going)))
        task.add_done_callback(lambda _task: self._ended(engine))
        self._seats[key] = Seat(
            model=model,
            is_for_embeddings=False,
            engine=engine,
            task=task,
            reserved_bytes=reserved_bytes,
            used_s=self._parts.clock.monotonic_s(),
        )
        return self._seats[key]

    def _ended(self, engine: LocalTextEngine) -> None:
        engine.close()
        self._stirred.set()

    async def _room_for(self, model: InstalledModel) -> tuple[int, list[Seat]]:
        """Return what a model will take, and who leaves so that it has room for a conversation.

        Whether that is enough is judged when it is loaded, with what is free then.
        """
        try:
            header = await asyncio.to_thread(read_gguf_header, model.file)
        except ApplianceError:
            # Its own process will say what is wrong with the file.
            return 0, []
        wishes = replace(self._parts.wishes, parallel=1)
        needed_bytes = load_plan(header, wishes, available_bytes=_ALL_BYTES).memory_bytes
        seats = list(self._seats.values())
        leaving = who_leaves(
            [self._sitter(number, seat) for number, seat in enumerate(seats)],
            missing_bytes=needed_bytes - self._free_bytes(),
        )
        return needed_bytes, [seats[number] for number in leaving or ()]

    def _free_bytes(self, *, besides: tuple[str, bool] | None = None) -> int:
        """Return what a model may still take; one that is there does not count against itself."""
        available_bytes = self._parts.available_bytes()
        if not self._parts.memory_bytes:
            return available_bytes
        held_bytes = sum(s.holds_bytes for key, s in self._seats.items() if key != besides)
        return min(available_bytes, self._parts.memory_bytes - held_bytes)

    async def _look_after(self) -> None:
        """Send away whose time is over, then wait until that may be so for another one."""
        self._stirred.clear()
        rests_s = [(self._rest_s(seat), seat) for seat in self._seats.values()]
        for rest_s, seat in rests_s:
            if rest_s is not None and rest_s <= 0:
                self._dismiss(seat)
        still_s = [rest_s for rest_s, _seat in rests_s if rest_s is not None and rest_s > 0]
        await self._stirred_within(min(still_s, default=None))

    def _rest_s(self, seat: Seat) -> float | None:
        """Return how long a seat may stay unused; None while nothing speaks against it."""
        if seat.users:
            return None
        if seat is not self._chosen_seat() and seat.engine.state().status is EngineStatus.FAILED:
            return 0.0
        keep_s = self._keep_alive_s(seat)
        return None if keep_s < 0 else seat.used_s + keep_s - self._parts.clock.monotonic_s()

    async def _stirred_within(self, seconds: float | None) -> None:
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(_awaited(self._stirred.wait()))]
            if seconds is not None:
                waiting.append(group.create_task(_awaited(self._parts.pause(seconds))))
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in waiting:
                one.cancel()

    def _dismiss(self, seat: Seat) -> None:
        del self._seats[seat.key]
        self._going.add(seat.task)
        seat.task.add_done_callback(self._going.discard)
        seat.task.cancel()
        if self._choice is not None:
            self._absence = _absent(EngineStatus.UNLOADED, self._choice)
        self._changed()

    def _keep_alive_s(self, seat: Seat) -> float:
        if seat.keep_alive_s is not None:
            return seat.keep_alive_s
        if self._parts.keep_alive_s is not None:
            return self._parts.keep_alive_s
        return FOR_EVER if seat is self._chosen_seat() else USUAL_KEEP_ALIVE_S

    def _chosen_seat(self) -> Seat | None:
        if self._choice is None:
            return None
        return self._seats.get(seat_key(self._choice, is_for_embeddings=False))

    def _sitter(self, number: int, seat: Seat) -> Sitter:
        return Sitter(
            number=number,
            holds_bytes=seat.holds_bytes,
            used_s=seat.used_s,
            is_in_use=seat.users > 0,
            is_kept=self._keep_alive_s(seat) < 0,
        )

    def _resident(self, seat: Seat) -> Resident:
        state = seat.engine.state()
        return Resident(
            name=seat.model.name,
            memory_bytes=seat.engine.rss_bytes,
            context_tokens=state.context_tokens,
            expires_at=self._expires_at(seat),
            is_for_embeddings=seat.is_for_embeddings,
            state=state,
        )

    def _expires_at(self, seat: Seat) -> datetime | None:
        keep_s = self._keep_alive_s(seat)
        if keep_s < 0:
            return None
        idle_s = 0.0 if seat.users else self._parts.clock.monotonic_s() - seat.used_s
        return self._parts.clock.now() + timedelta(seconds=max(keep_s - idle_s, 0.0))


async def _kept(engine: LocalTextEngine, going: frozenset[asyncio.Task[None]]) -> None:
    """Keep a model at work, once those who had its memory are gone."""
    if going:
        await asyncio.wait(going)
    await engine.run()


async def _awaited(waiting: Awaitable[object]) -> None:
    await waiting


def _absent(
    status: EngineStatus, model: InstalledModel | None = None, *, detail: str = ""
) -> EngineState:
    return EngineState(
        status=status, model=model.name if model else None, detail=detail, load_percent=0,
        running=0, waiting=0, context_tokens=0, tokens_per_s=None,
    )  # fmt: skip


def _nobody() -> None:
    """Nobody watches."""
