"""Brings models into memory and sends them away: as long as asked for, and never too many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.engine.gguf.header import GgufHeader, read_gguf_header
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.load_plan import embedding_plan, load_plan
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus, Resident
from appliance.engine.text.seats import Seat, SeatKey, Sitter, who_leaves
from appliance.engine.text.supervisor import LocalTextEngine

SHUTTING_DOWN = "Nodo is shutting down."
_FOR_EVER = -1.0
_USUAL_KEEP_ALIVE_S = 300.0
# No box has so much: what a model would take if memory were no matter.
_ALL_BYTES = 1 << 60


class Seating:
    """The models in memory. `run` keeps them at work; nobody comes in before it does."""

    def __init__(self, parts: EngineParts, *, is_chosen: Callable[[Seat], bool]) -> None:
        """Begin with an empty memory; `is_chosen` tells the owner's choice, which stays."""
        self._parts = parts
        self._is_chosen = is_chosen
        self._changed: Callable[[], None] = _nobody
        self._seats: dict[SeatKey, Seat] = {}
        self._tasks: asyncio.TaskGroup | None = None
        # Processes that are ending: who comes in waits until their memory is free.
        self._going: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever a model may be in another state."""
        self._changed = changed

    def seats(self) -> list[Seat]:
        """Return all seats."""
        return list(self._seats.values())

    def find(self, key: SeatKey) -> Seat | None:
        """Return the seat of that key, if there is one."""
        return self._seats.get(key)

    @property
    def is_open(self) -> bool:
        """Return whether models can come in."""
        return self._tasks is not None

    async def run(self, opened: Callable[[], Awaitable[None]]) -> None:
        """Keep models at work until cancelled; `opened` is awaited as soon as they may come in."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await opened()
                while True:
                    await self._look_after()
        finally:
            self._tasks = None

    @asynccontextmanager
    async def seated(
        self, model: InstalledModel, *, keep_alive_s: float | None, is_for_embeddings: bool = False
    ) -> AsyncIterator[Seat]:
        """Give the seat of a model that may still be loading; it stays for as long as that.

        Raises:
            EngineUnavailableError: If there is no room, or Nodo is shutting down.
        """
        seat = await self.bring_in(model, is_for_embeddings=is_for_embeddings)
        seat.users += 1
        if keep_alive_s is not None:
            seat.keep_alive_s = keep_alive_s
        try:
            yield seat
        finally:
            seat.users -= 1
            seat.used_s = self._parts.clock.monotonic_s()
            self._stirred.set()

    async def bring_in(self, model: InstalledModel, *, is_for_embeddings: bool = False) -> Seat:
        """Return the model's seat; whoever must leave for it does so before it is loaded.

        Raises:
            EngineUnavailableError: If Nodo is shutting down.
        """
        key = SeatKey(model.mark, is_for_embeddings)
        if key not in self._seats:
            header = await _header_of(model)
            # Somebody else may have brought it in while its file was read.
            if key not in self._seats:
                self._seats[key] = self._seat(key, model, header)
                self._changed()
        return self._seats[key]

    async def send_away(self, mark: str) -> None:
        """Unload a model, as soon as nobody uses it; returns when its memory is free."""
        leaving = [seat for key, seat in self._seats.items() if key.mark == mark]
        for seat in leaving:
            seat.is_leaving = True
        self._stirred.set()
        if leaving:
            await asyncio.wait([seat.task for seat in leaving])

    def dismiss(self, seat: Seat) -> None:
        """Unload a model at once."""
        del self._seats[seat.key]
        self._going.add(seat.task)
        seat.task.add_done_callback(self._going.discard)
        seat.task.cancel()
        self._changed()

    def resident(self, seat: Seat) -> Resident:
        """Return what is told of a seat."""
        state = seat.engine.state()
        return Resident(
            name=seat.model.name,
            memory_bytes=seat.engine.rss_bytes,
            context_tokens=state.context_tokens,
            expires_at=self._expires_at(seat),
            is_for_embeddings=seat.key.is_for_embeddings,
            state=state,
        )

    def _seat(self, key: SeatKey, model: InstalledModel, header: GgufHeader | None) -> Seat:
        if self._tasks is None:
            raise EngineUnavailableError(SHUTTING_DOWN, code="engine_stopped")
        needed_bytes = self._make_room(header, is_for_embeddings=key.is_for_embeddings)
        parts = replace(self._parts, available_bytes=lambda: self._free_bytes(besides=key))
        engine = LocalTextEngine(parts, model, is_for_embeddings=key.is_for_embeddings)
        engine.watch(self._engine_changed)
        task = self._tasks.create_task(_kept(engine, frozenset(self._going)))
        # Also when it was never begun: nobody may wait for a model that will not come.
        task.add_done_callback(lambda _task: engine.close())
        return Seat(key, model, engine, task, needed_bytes, self._parts.clock.monotonic_s())

    def _make_room(self, header: GgufHeader | None, *, is_for_embeddings: bool) -> int:
        """Return what a model will take; who must leave so that it has a whole context, leaves.

        Whether that is enough is judged when it is loaded, with what is free then.
        """
        if header is None:
            return 0
        wishes = replace(self._parts.wishes, parallel=1)
        plan = embedding_plan if is_for_embeddings else load_plan
        needed_bytes = plan(header, wishes, available_bytes=_ALL_BYTES).memory_bytes
        seats = self.seats()
        sitters = [self._sitter(number, seat) for number, seat in enumerate(seats)]
        leaving = who_leaves(sitters, missing_bytes=needed_bytes - self._free_bytes())
        for number in leaving or ():
            self.dismiss(seats[number])
        return needed_bytes

    def _free_bytes(self, *, besides: SeatKey | None = None) -> int:
        """Return what a model may still take; one that is there does not count against itself."""
        available_bytes = self._parts.available_bytes()
        if not self._parts.memory_bytes:
            return available_bytes
        held_bytes = sum(s.holds_bytes for key, s in self._seats.items() if key != besides)
        return min(available_bytes, self._parts.memory_bytes - held_bytes)

    def _engine_changed(self) -> None:
        self._stirred.set()
        self._changed()

    async def _look_after(self) -> None:
        """Send away whose time is over, then wait until that may be so for another one."""
        self._stirred.clear()
        rests_s = [(self._rest_s(seat), seat) for seat in self.seats()]
        for rest_s, seat in rests_s:
            if rest_s is not None and rest_s <= 0:
                self.dismiss(seat)
        still_s = [rest_s for rest_s, _seat in rests_s if rest_s is not None and rest_s > 0]
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(_awaited(self._stirred.wait()))]
            if still_s:
                waiting.append(group.create_task(_awaited(self._parts.pause(min(still_s)))))
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in waiting:
                one.cancel()

    def _rest_s(self, seat: Seat) -> float | None:
        """Return how long a seat may stay unused; None while nothing speaks against it."""
        if seat.users:
            return None
        has_failed = seat.engine.state().status is EngineStatus.FAILED
        if has_failed and not self._is_chosen(seat):
            return 0.0
        keep_s = self._keep_alive_s(seat)
        return None if keep_s < 0 else seat.used_s + keep_s - self._parts.clock.monotonic_s()

    def _keep_alive_s(self, seat: Seat) -> float:
        if seat.is_leaving:
            return 0.0
        if seat.keep_alive_s is not None:
            return seat.keep_alive_s
        if self._parts.keep_alive_s is not None:
            return self._parts.keep_alive_s
        return _FOR_EVER if self._is_chosen(seat) else _USUAL_KEEP_ALIVE_S

    def _sitter(self, number: int, seat: Seat) -> Sitter:
        return Sitter(
            number=number,
            holds_bytes=seat.holds_bytes,
            used_s=seat.used_s,
            is_in_use=seat.users > 0,
            is_kept=self._keep_alive_s(seat) < 0,
        )

    def _expires_at(self, seat: Seat) -> datetime | None:
        keep_s = self._keep_alive_s(seat)
        if keep_s < 0:
            return None
        idle_s = 0.0 if seat.users else self._parts.clock.monotonic_s() - seat.used_s
        return self._parts.clock.now() + timedelta(seconds=max(keep_s - idle_s, 0.0))


async def _header_of(model: InstalledModel) -> GgufHeader | None:
    """Return the header; None if its own process will have to say what is wrong with it."""
    try:
        return await asyncio.to_thread(read_gguf_header, model.file)
    except ApplianceError:
        return None


async def _kept(engine: LocalTextEngine, going: frozenset[asyncio.Task[None]]) -> None:
    """Keep a model at work, once those who had its memory are gone."""
    if going:
        await asyncio.wait(going)
    await engine.run()


async def _awaited(waiting: Awaitable[object]) -> None:
    await waiting


def _nobody() -> None:
    """Nobody watches."""
