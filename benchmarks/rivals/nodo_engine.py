"""Nodo's text engine as an opponent: its real process under its real supervisor, without HTTP."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.paths import DataFolder
from appliance.boot.engine_parts import engine_parts, model_library
from appliance.boot.settings import load_settings
from appliance.engine.text.model import Finished, Piece, Sampling, TextEvent, TextRequest
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.residency import Residency
from benchmarks.rivals.processes import cpu_s_of
from benchmarks.rivals.questions import Answer, Question

_START_WITHIN_S = 180


@dataclass(frozen=True)
class Box:
    """What the engine is told of the box.

    Attributes:
        context_tokens: Longest conversation.
        parallel: Answers at the same time.
        threads: Threads of the engine.
        repack: Whether weights are repacked: `auto` measures, `on`, `off`.
    """

    context_tokens: int
    parallel: int
    threads: int
    repack: str = "off"


class NodoEngine:
    """The engine at work: an `Opponent`."""

    name = "nodo"

    def __init__(self, engine: Residency) -> None:
        self.engine = engine
        self._asked = 0

    async def ask(self, question: Question, answer: Answer) -> None:
        """Fill the answer as it comes."""
        answer.asked_s = time.monotonic()
        async for event in self.engine.generate(self.request(question)):
            _note(answer, event)

    def request(self, question: Question) -> TextRequest:
        """Return the question in the engine's words."""
        self._asked += 1
        sampling = Sampling(
            temperature=0.8, top_k=40, top_p=0.9, seed=question.seed, max_tokens=question.tokens
        )
        has_instruction = question.turns[0].role == "system"
        return TextRequest(
            f"{question.who}-{self._asked}",
            question.turns,
            question.who,
            sampling,
            shared_turns=int(has_instruction),
        )

    def rss_bytes(self) -> int:
        """Return the resident memory of the engine's process."""
        return self.engine.rss_bytes

    def cpu_s(self) -> float:
        """Return the processor seconds of the engine's process."""
        return cpu_s_of(self.engine.process_id or 0)

    async def until_ready(self) -> None:
        """Wait until the model is loaded.

        Raises:
            SystemExit: If it cannot be.
        """
        async with asyncio.timeout(_START_WITHIN_S):
            while (state := self.engine.state()).status is not EngineStatus.READY:
                if state.status is EngineStatus.FAILED:
                    raise SystemExit(state.detail)
                await asyncio.sleep(0.05)


def _note(answer: Answer, event: TextEvent) -> None:
    if isinstance(event, Piece):
        answer.words_s.append(time.monotonic())
        answer.text += event.text
    elif isinstance(event, Finished):
        answer.written_tokens = event.completion_tokens
        answer.prompt_tokens = event.prompt_tokens
        answer.cached_tokens = event.cached_tokens


@asynccontextmanager
async def running_nodo_engine(
    model: Path, box: Box, *, folder: Path | None = None
) -> AsyncIterator[NodoEngine]:
    """Give the engine with the model loaded; it is ended afterwards.

    Args:
        model: The GGUF file.
        box: What it is told of the box.
        folder: Where it keeps what outlives it; None keeps nothing.
    """
    with tempfile.TemporaryDirectory() as passing:
        engine = Residency(_parts(model, box, folder or Path(passing)))
        async with asyncio.TaskGroup() as group:
            running = group.create_task(engine.run())
            opponent = NodoEngine(engine)
            await opponent.until_ready()
            yield opponent
            running.cancel()


def _parts(model: Path, box: Box, folder: Path) -> EngineParts:
    settings = load_settings({}, settings_of(model, box), default_data_dir=folder)
    data = DataFolder(folder)
    data.models.mkdir(parents=True, exist_ok=True)
    return engine_parts(
        settings,
        data,
        library=model_library(settings, data),
        clock=SystemClock(),
        environment=os.environ,
    )


def settings_of(model: Path, box: Box) -> dict[str, str]:
    """Return the environment of a Nodo with this model."""
    return {
        "NODO_MODEL": str(model),
        "NODO_THREADS": str(box.threads),
        "NODO_CONTEXT_TOKENS": str(box.context_tokens),
        "NODO_ENGINE_PARALLEL": str(box.parallel),
        "NODO_ENGINE_REPACK": box.repack,
    }
