"""A text engine that writes what the test says, when the test says so."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from appliance.base.errors import (
    EngineUnavailableError,
    InvalidValueError,
    TooManyRequestsError,
)
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Piece,
    Queued,
    Reading,
    TextEvent,
    TextRequest,
    Writing,
)
from appliance.engine.text.port import EngineState, EngineStatus

MODEL = "scripted"
FINISHED = Finished(
    reason=FinishReason.STOP,
    model=MODEL,
    prompt_tokens=12,
    completion_tokens=3,
    queued_s=0.0,
    reading_s=0.5,
    writing_s=1.0,
)


class Gate:
    """A step at which the engine waits until the test lets it go on."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self.reached = 0

    def open(self) -> None:
        """Let everybody through, now and later."""
        self._opened.set()

    async def pass_through(self) -> None:
        """Wait until the gate is open."""
        self.reached += 1
        await self._opened.wait()


@dataclass(frozen=True)
class Pause:
    """A step that takes time, for engines in processes of their own."""

    seconds: float


Step = TextEvent | Gate | Pause | Exception


def script(*pieces: str) -> list[Step]:
    """Return the usual course of an answer with these pieces of text."""
    return [
        Queued(ahead=0, eta_s=None),
        Reading(percent=100, prompt_tokens=12, dropped_turns=0),
        Writing(),
        *(Piece(piece) for piece in pieces),
        replace(FINISHED, completion_tokens=len(pieces)),
    ]


class ScriptedEngine:
    """Plays one script per request, the last one again and again.

    Without scripts it talks like a model that never has enough: a word per step, up to
    `max_tokens`, with words for tokens and the port's own refusals.
    """

    def __init__(
        self,
        *scripts: Sequence[Step],
        context_tokens: int = 1000,
        at_once: int = 2,
        places: int = 8,
    ) -> None:
        self.requests: list[TextRequest] = []
        self.cut_short: list[str] = []
        self.counts = True
        self._scripts = list(scripts)
        self._context_tokens = context_tokens
        self._slots = asyncio.Semaphore(at_once)
        self._places = places
        self._running = 0
        self._waiting = 0

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield the events of the next script, or of an endless talk."""
        self.requests.append(request)
        steps = self._next_script()
        is_whole = False
        try:
            if steps is None:
                async for event in self._talk(request):
                    is_whole = isinstance(event, Finished)
                    yield event
                return
            self._running += 1
            for step in steps:
                event = await _played(step)
                if event is not None:
                    is_whole = isinstance(event, Finished)
                    yield event
        finally:
            if steps is not None:
                self._running -= 1
            if not is_whole:
                self.cut_short.append(request.request_id)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the words of each text, unless `counts` is off."""
        await asyncio.sleep(0)
        if not self.counts:
            raise EngineUnavailableError("No model is loaded.", code="engine_not_ready")
        return [len(text.split()) for text in texts]

    def state(self) -> EngineState:
        """Return how busy the engine is."""
        return EngineState(
            status=EngineStatus.READY,
            model=MODEL,
            detail="",
            load_percent=100,
            running=self._running,
            waiting=self._waiting,
            context_tokens=self._context_tokens,
            tokens_per_s=None,
        )

    def _next_script(self) -> Sequence[Step] | None:
        if not self._scripts:
            return None
        return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    async def _talk(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        prompt_tokens, dropped_turns = self._fitted(request)
        written = len(request.turns[-1].content.split()) if request.continues else 0
        if self._waiting >= self._places:
            raise TooManyRequestsError("The queue is full.", code="queue_full")
        self._waiting += 1
        try:
            yield Queued(ahead=self._waiting - 1, eta_s=None)
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        self._running += 1
        try:
            for percent in (0, 50, 100):
                await asyncio.sleep(0)
                yield Reading(percent, prompt_tokens, dropped_turns)
            yield Writing()
            for number in range(request.sampling.max_tokens):
                await asyncio.sleep(0.001)
                yield Piece(f"word{written + number} ")
            yield replace(
                FINISHED,
                reason=FinishReason.LENGTH,
                prompt_tokens=prompt_tokens,
                completion_tokens=request.sampling.max_tokens,
            )
        finally:
            self._running -= 1
            self._slots.release()

    def _fitted(self, request: TextRequest) -> tuple[int, int]:
        if request.continues and request.turns[-1].role != "assistant":
            raise InvalidValueError("There is no answer to go on with.", code="no_question")
        sizes = [len(turn.content.split()) for turn in request.turns]
        if sum(sizes[-2:] if request.continues else sizes[-1:]) > self._context_tokens:
            code = "answer_too_long" if request.continues else "question_too_long"
            raise InvalidValueError("That is longer than the model can read.", code=code)
        dropped = 0
        while sum(sizes) > self._context_tokens:
            sizes.pop(0)
            dropped += 1
        return sum(sizes), dropped


async def _played(step: Step) -> TextEvent | None:
    if isinstance(step, Exception):
        raise step
    if isinstance(step, Gate):
        await step.pass_through()
        return None
    if isinstance(step, Pause):
        await asyncio.sleep(step.seconds)
        return None
    # A real engine's events come from another process: others run meanwhile.
    await asyncio.sleep(0)
    return step
