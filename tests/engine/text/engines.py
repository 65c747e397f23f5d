"""Engines for tests: the real supervisor with little children, or with the real worker."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.errors import ApplianceError
from appliance.base.process.child import ChildSpec
from appliance.boot.engine_process import engine_process
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.model import Finished, Piece, Sampling, TextEvent, TextRequest, Turn
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.record import EngineRecord
from appliance.engine.text.residency import Residency
from tests.engine.text.demo import DEMO_FILE, REPOSITORY
from tests.engine.text.tiny_gguf import TinyGguf
from tests.waiting import until

SCRIPTED = REPOSITORY / "tests" / "fakes" / "engine_children" / "scripted.py"


async def brief(seconds: float) -> None:
    """Wait as the supervisor wants, but hardly."""
    await asyncio.sleep(min(seconds, 0.02))


def scripted(how: str = "well") -> ChildSpec:
    """Return the child that does what questions say."""
    return ChildSpec("scripted engine", (sys.executable, "-S", str(SCRIPTED), how))


def scripted_parts(folder: Path, how: str = "well") -> EngineParts:
    """Return parts with a scripted child and a tiny model called `tiny`."""
    (folder / "tiny.gguf").write_bytes(TinyGguf().content())
    return EngineParts(
        spec=scripted(how),
        shelf=ModelLibrary(folder=folder, demo_file=None),
        record=EngineRecord(folder / "engine.json"),
        wishes=EngineWishes(context_tokens=512, parallel=4, threads=1),
        clock=SystemClock(),
        available_bytes=lambda: 8 << 30,
        pause=brief,
    )


def real_parts(folder: Path, *, parallel: int = 4) -> EngineParts:
    """Return parts with the real worker and the demo model."""
    return replace(
        scripted_parts(folder),
        spec=engine_process(os.environ),
        shelf=ModelLibrary(folder=folder / "none", demo_file=DEMO_FILE),
        wishes=EngineWishes(context_tokens=1024, parallel=parallel, threads=1),
    )


@asynccontextmanager
async def at_work(parts: EngineParts) -> AsyncIterator[Residency]:
    """Give an engine that runs until the block ends."""
    engine = Residency(parts)
    running = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def ready(engine: Residency) -> None:
    """Return once the model is loaded."""
    await until(lambda: engine.state().status is EngineStatus.READY, within_s=20, what="loading")


def asked(
    words: str, *, user: str = "ana", request_id: str = "r", max_tokens: int = 32
) -> TextRequest:
    return TextRequest(
        request_id, (Turn("user", words),), user, Sampling(temperature=0, max_tokens=max_tokens)
    )


@dataclass
class Heard:
    """What came of a request."""

    events: list[TextEvent] = field(default_factory=list[TextEvent])
    error: ApplianceError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Piece))

    @property
    def is_finished(self) -> bool:
        return bool(self.events) and isinstance(self.events[-1], Finished)

    def has(self, kind: type[TextEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


async def listen(engine: Residency, request: TextRequest, heard: Heard) -> Heard:
    """Read the answer to its end into `heard`."""
    try:
        async for event in engine.generate(request):
            heard.events.append(event)
    except ApplianceError as error:
        heard.error = error
    return heard


async def answered(engine: Residency, request: TextRequest) -> Heard:
    """Return all that comes of a request."""
    return await listen(engine, request, Heard())
