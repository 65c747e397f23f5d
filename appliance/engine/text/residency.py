"""The text engine of this box: every model that is asked for, as its memory allows."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.base.loop_calls import LoopCalls
from appliance.engine.gguf.header import check_writes, read_gguf_header
from appliance.engine.text.asking import no_answer
from appliance.engine.text.choice import Choice
from appliance.engine.text.figures import Figures
from appliance.engine.text.installed import InstalledModel
from appliance.engine.text.model import (
    EmbeddingRequest,
    Embeddings,
    Finished,
    Loading,
    TextEvent,
    TextRequest,
    Urgency,
)
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineState, Resident
from appliance.engine.text.prefix_shelf import forget_prefixes
from appliance.engine.text.seating import SHUTTING_DOWN, Seating
from appliance.engine.text.seats import Seat, SeatKey


class Residency:  # noqa: PLR0904  # four ports in one: boot gives the same object to everybody
    """The models of this box at work: TextEngine, Tokeniser, Embedder and ModelHost in one.

    Each model has a process of its own, and another one to embed: if one ends, the others do
    not notice.

    Attributes:
        figures: What answers have cost since the start.
    """

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts
        self._choice = Choice(parts.shelf, parts.record)
        self._seating = Seating(parts, is_chosen=lambda seat: seat is self._chosen_seat())
        self._changed: Callable[[], None] = _nobody
        self._is_ready = asyncio.Event()
        self.figures = Figures(parts.clock)
        self._loop_calls = LoopCalls()

    def state(self) -> EngineState:
        """Return how the chosen model is; all models' requests count as running and waiting."""
        seat = self._chosen_seat()
        states = [one.engine.state() for one in self._seating.seats()]
        return replace(
            seat.engine.state() if seat else self._choice.absence,
            running=sum(state.running for state in states),
            waiting=sum(state.waiting for state in states),
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `state` may be another one, on the event loop."""
        self._changed = changed
        self._seating.watch(changed)

    @property
    def rss_bytes(self) -> int:
        """Return the memory of all models' processes."""
        return sum(seat.engine.rss_bytes for seat in self._seating.seats())

    @property
    def process_id(self) -> int | None:
        """Return the id of the chosen model's process, if there is one."""
        seat = self._chosen_seat()
        return seat.engine.process_id if seat else None

    def forget(self, fairness_key: str) -> None:
        """Forget what was read for one person, on disk too; any thread may ask for it."""
        if self._parts.prefixes is not None:
            forget_prefixes(self._parts.prefixes.folder, fairness_key)
        self._loop_calls.call(self._forget, fairness_key)

    def _forget(self, fairness_key: str) -> None:
        for seat in self._seating.seats():
            seat.engine.forget(fairness_key)

    def residents(self) -> list[Resident]:
        """Return the models in memory, and those on their way there."""
        return [self._seating.resident(seat) for seat in self._seating.seats()]

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield stages and text as they happen; the last event is `Finished`.

        Raises:
            NotFoundError: If the model is not on this box.
            TooManyRequestsError: If the queue is full.
            InvalidValueError: If the question is longer than the context.
            EngineUnavailableError: If the engine stopped, hangs, or has no model.
        """
        asked_s = self._parts.clock.monotonic_s()
        try:
            async with aclosing(self._answer(request, asked_s)) as events:
                async for event in events:
                    if isinstance(event, Finished) and not request.only_reads:
                        took_s = self._parts.clock.monotonic_s() - asked_s
                        self.figures.answered(event, took_s=took_s)
                    yield event
        except ApplianceError as error:
            self.figures.failed(error.code)
            raise

    async def _answer(self, request: TextRequest, asked_s: float) -> AsyncGenerator[TextEvent]:
        load_s: float | None = None
        model = await self._wanted(request.model)
        async with (
            self._seating.seated(model, keep_alive_s=request.keep_alive_s) as seat,
            aclosing(seat.engine.generate(request)) as events,
        ):
            async for event in events:
                if load_s is None and not isinstance(event, Loading):
                    load_s = self._parts.clock.monotonic_s() - asked_s
                if isinstance(event, Finished):
                    yield replace(event, model=model.name, load_s=load_s or 0.0)
                    return
                yield event

    async def prepare(self, request: TextRequest) -> None:
        """Read a prompt in idle time and keep it, on disk too; return when it is read.

        Raises:
            NotFoundError: If the model is not on this box.
            InvalidValueError: If the prompt is longer than the context.
            EngineUnavailableError: If the engine stopped, or has no model.
        """
        patient = replace(request, urgency=Urgency.BACKGROUND, only_reads=True)
        async for _event in self.generate(patient):
            pass

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each of these texts has for the chosen model.

        Raises:
            EngineUnavailableError: If it is not loaded right now, or does not answer.
        """
        seat = self._chosen_seat()
        if seat is None:
            raise no_answer()
        return await seat.engine.count_tokens(texts)

    async def tokens_of(self, text: str, *, model: str | None = None) -> list[int]:
        """Return the tokens of a text, without special ones.

        Raises:
            NotFoundError: If the model is not on this box.
            EngineUnavailableError: If it cannot be loaded, or does not answer.
        """
        async with self._at_hand(model) as seat:
            return await seat.engine.asking.tokens_of(text)

    async def text_of(self, tokens: Sequence[int], *, model: str | None = None) -> str:
        """Return the text of tokens, special ones included.

        Raises:
            NotFoundError: If the model is not on this box.
            InvalidValueError: If it has no such token (`unknown_token`).
            EngineUnavailableError: If it cannot be loaded, or does not answer.
        """
        async with self._at_hand(model) as seat:
            return await seat.engine.asking.text_of(tokens)

    async def prompt_tokens_of(self, request: TextRequest) -> int:
        """Return how many tokens a request's whole prompt has, turned into the model's form.

        Raises:
            NotFoundError: If the model is not on this box.
            InvalidValueError: If there is no question, or more text than can be read at all.
            EngineUnavailableError: If the model cannot be loaded, or does not answer.
        """
        async with self._ready(request.model) as seat:
            return await seat.engine.asking.prompt_tokens_of(request)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return a vector of length 1 for each text.

        Raises:
            NotFoundError: If the model is not on this box.
            InvalidValueError: If a text is too long (`text_too_long`).
            TooManyRequestsError: If the queue is full.
            EngineUnavailableError: If the model cannot be loaded, or its process ends.
        """
        asked_s = self._parts.clock.monotonic_s()
        async with self._ready(
            request.model, keep_alive_s=request.keep_alive_s, is_for_embeddings=True
        ) as seat:
            ready_s = self._parts.clock.monotonic_s()
            vectors, tokens = await seat.engine.asking.embed(
                request.texts, truncates=request.truncates
            )
            self.figures.embedded(texts=len(vectors), tokens=tokens)
            return Embeddings(
                vectors=vectors,
                model=seat.model.name,
                prompt_tokens=tokens,
                load_s=ready_s - asked_s,
                took_s=self._parts.clock.monotonic_s() - asked_s,
            )

    async def load(self, model: str | None, *, keep_alive_s: float | None = None) -> Resident:
        """Bring a model into memory and return it once it can answer.

        Raises:
            NotFoundError: If it is not on this box.
            EngineUnavailableError: If it cannot be loaded.
        """
        async with self._at_hand(model, keep_alive_s=keep_alive_s) as seat:
            return self._seating.resident(seat)

    async def unload(self, model: str) -> None:
        """Take a model out of memory; answers that are being written are finished first.

        Raises:
            NotFoundError: If it is not on this box.
        """
        found = await asyncio.to_thread(self._parts.shelf.model_named, model)
        await self._seating.send_away(found.mark)

    async def choose(self, name: str) -> None:
        """Use another model from now on; answers that are being written end with a word.

        Raises:
            NotFoundError: If there is no such model.
            InvalidValueError: If its file is damaged or of an unknown kind.
        """
        model = await asyncio.to_thread(self._parts.shelf.model_named, name)
        check_writes(await asyncio.to_thread(read_gguf_header, model.file))
        before = self._chosen_seat()
        await self._choice.change(name)
        if before is not None and self._seating.find(before.key) is before:
            before.engine.give_way(EngineUnavailableError(
                "The model is being changed.", code="model_changed",
                hint="Ask again in a moment.",
            ))  # fmt: skip
            self._seating.dismiss(before)
        if self._seating.is_open:
            await self._seating.bring_in(model)
        self._changed()

    async def run(self) -> None:
        """Keep models at work until cancelled."""
        self._loop_calls.attach()
        try:
            await self._seating.run(self._warm_up)
        finally:
            self._choice.close(SHUTTING_DOWN)
            self._is_ready.set()

    async def _warm_up(self) -> None:
        await self._choice.settle()
        if self._choice.model is not None:
            await self._seating.bring_in(self._choice.model)
        self._is_ready.set()
        self._changed()

    @asynccontextmanager
    async def _at_hand(
        self, name: str | None, *, keep_alive_s: float | None = None
    ) -> AsyncIterator[Seat]:
        """Give the seat of a model for what it was made for: an encoder's is for vectors."""
        model = await self._wanted(name)
        is_encoder = False
        if self._seating.find(SeatKey(model.mark, is_for_embeddings=False)) is None:
            is_encoder = (await asyncio.to_thread(read_gguf_header, model.file)).only_embeds
        async with self._ready(
            name, keep_alive_s=keep_alive_s, is_for_embeddings=is_encoder
        ) as seat:
            yield seat

    @asynccontextmanager
    async def _ready(
        self,
        name: str | None,
        *,
        keep_alive_s: float | None = None,
        is_for_embeddings: bool = False,
    ) -> AsyncIterator[Seat]:
        """Give the seat of a model once it can answer."""
        model = await self._wanted(name)
        async with self._seating.seated(
            model, keep_alive_s=keep_alive_s, is_for_embeddings=is_for_embeddings
        ) as seat:
            await seat.engine.ready()
            yield seat

    async def _wanted(self, name: str | None) -> InstalledModel:
        await self._is_ready.wait()
        if name is not None:
            return await asyncio.to_thread(self._parts.shelf.model_named, name)
        if self._seating.is_open and self._chosen_seat() is None:
            await self._choice.settle()
        if self._choice.model is None:
            raise self._choice.refusal()
        return self._choice.model

    def _chosen_seat(self) -> Seat | None:
        chosen = self._choice.model
        return self._seating.find(SeatKey(chosen.mark, is_for_embeddings=False)) if chosen else None


def _nobody() -> None:
    """Nobody watches."""
