"""Measure the text engine as people feel it: several answers at once, a long prompt, a stop.

Run: python -m benchmarks.batching FILE.gguf [--threads 1] [--rounds 3] [--tokens 64]
FILE.gguf may come from benchmarks.make_random_model. The box should do nothing else meanwhile.
It starts the real engine process under its real supervisor; nothing is simulated.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from appliance.base.clock import SystemClock
from appliance.boot.engine_process import engine_process
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.model import (
    Finished,
    Piece,
    Reading,
    Sampling,
    TextRequest,
    Turn,
    Writing,
)
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import EngineStatus
from appliance.engine.text.record import EngineRecord
from appliance.engine.text.residency import Residency

_STREAMS = (1, 4, 8)
_CONTEXT_TOKENS = 2048
_LONG_PROMPT_TOKENS = 1000
_WORDS = "the box reads what people write and answers them one word after another "
_IDLE_CPU_S = 0.05


@dataclass
class Run:
    """One answer, with the times of its events (monotonic seconds)."""

    asked_s: float
    reading: Reading | None = None
    writing_s: float = 0.0
    pieces_s: list[float] = field(default_factory=list[float])
    end: Finished | None = None

    @property
    def longest_gap_s(self) -> float:
        """Return the longest time between two pieces."""
        pairs = zip(self.pieces_s, self.pieces_s[1:], strict=False)
        return max((later - earlier for earlier, later in pairs), default=0.0)


class Bench:
    """Asks the engine and takes the times."""

    def __init__(self, engine: Residency, clock: SystemClock) -> None:
        self.engine = engine
        self.clock = clock
        self._asked = 0

    def request(self, words: str, *, tokens: int) -> TextRequest:
        """Return a question of somebody new, so that nothing of it is in the cache."""
        self._asked += 1
        name = f"r{self._asked}"
        sampling = Sampling(temperature=1.0, seed=self._asked, max_tokens=tokens)
        return TextRequest(name, (Turn("user", f"{name} {words}"),), name, sampling)

    async def ask(self, words: str, *, tokens: int, run: Run | None = None) -> Run:
        """Return the answer's times; `run` is filled meanwhile."""
        noted = run or Run(self.clock.monotonic_s())
        async for event in self.engine.generate(self.request(words, tokens=tokens)):
            now_s = self.clock.monotonic_s()
            if isinstance(event, Reading):
                noted.reading = event
            elif isinstance(event, Writing):
                noted.writing_s = now_s
            elif isinstance(event, Piece):
                noted.pieces_s.append(now_s)
            elif isinstance(event, Finished):
                noted.end = event
        return noted

    async def until(self, condition: Callable[[], bool], *, within_s: float = 60) -> None:
        """Wait until `condition()` is true."""
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110  # the engine's state has no event to wait for
                await asyncio.sleep(0.005)

    def cpu_s(self) -> float:
        """Return the processor seconds of the engine's process."""
        times = psutil.Process(self.engine.process_id or 0).cpu_times()
        return times.user + times.system


@asynccontextmanager
async def _bench(model: Path, threads: int) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        parts = EngineParts(
            spec=engine_process(os.environ),
            shelf=ModelLibrary(folder=Path(folder), demo_file=model),
            record=EngineRecord(Path(folder) / "engine.json"),
            wishes=EngineWishes(_CONTEXT_TOKENS, max(_STREAMS), threads),
            clock=SystemClock(),
            available_bytes=lambda: psutil.virtual_memory().available,
            pause=asyncio.sleep,
        )
        engine = Residency(parts)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(engine.run())
            bench = Bench(engine, SystemClock())
            await bench.until(
                lambda: engine.state().status in {EngineStatus.READY, EngineStatus.FAILED},
                within_s=120,
            )
            if engine.state().status is EngineStatus.FAILED:
                running.cancel()
                raise SystemExit(engine.state().detail)
            yield bench
            running.cancel()


async def _tokens_per_s(bench: Bench, streams: int, tokens: int) -> float:
    """Return tokens written per second by all streams together, from first word to last."""
    runs = await asyncio.gather(*(bench.ask(_WORDS, tokens=tokens) for _ in range(streams)))
    ends = [run.end for run in runs if run.end is not None]
    # The engine's own times: ours would also measure how quickly we read.
    took_s = max([0.001, *(end.writing_s for end in ends)])
    return sum(end.completion_tokens for end in ends) / took_s


async def _throughput(bench: Bench, rounds: int, tokens: int) -> dict[int, list[float]]:
    speeds: dict[int, list[float]] = {streams: [] for streams in _STREAMS}
    for number in range(rounds):
        # Interleaved and turned round, so that a slow minute of the box hits all alike.
        shift = number % len(_STREAMS)
        for streams in (*_STREAMS[shift:], *_STREAMS[:shift]):
            speeds[streams].append(await _tokens_per_s(bench, streams, tokens))
    return speeds


async def _long_prompt(bench: Bench) -> str:
    """Return the words of a prompt of about a thousand tokens of this model."""
    run = await bench.ask(_WORDS * 10, tokens=1)
    tokens = run.reading.prompt_tokens if run.reading else 130
    return _WORDS * max(round(10 * _LONG_PROMPT_TOKENS / tokens), 1)


async def _gap(bench: Bench, long_prompt: str, tokens: int) -> tuple[float, float, Run]:
    """Return a stream's longest gap alone and beside a long prompt, and the latter's run."""
    alone = await bench.ask(_WORDS, tokens=tokens)
    writer = Run(bench.clock.monotonic_s())
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(bench.ask(_WORDS, tokens=_CONTEXT_TOKENS // 2, run=writer))
        await bench.until(lambda: len(writer.pieces_s) > 4 or writer.end is not None)
        if writer.end is not None:
            raise SystemExit("This model ends its answers too early to measure gaps.")
        writer.pieces_s = writer.pieces_s[-1:]
        reader = await bench.ask(long_prompt, tokens=1)
        writing.cancel()
    return alone.longest_gap_s, writer.longest_gap_s, reader


async def _after_stop(bench: Bench, words: str, tokens: int, streams: int) -> tuple[float, float]:
    """Return the engine's processor seconds in the first and in the second second after a stop."""
    runs = [Run(bench.clock.monotonic_s()) for _ in range(streams)]
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(bench.ask(words, tokens=tokens, run=run)) for run in runs]
    await bench.until(lambda: all(run.reading is not None for run in runs))
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    stopped_s = bench.cpu_s()
    await asyncio.sleep(1.0)
    first_s = bench.cpu_s()
    await asyncio.sleep(1.0)
    return first_s - stopped_s, bench.cpu_s() - first_s


def _spread(values: Sequence[float], form: str = "7.1f") -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{low:{form}} {middle:{form}} {high:{form}}"


def _print_throughput(speeds: dict[int, list[float]]) -> None:
    print("\nwriting, tokens/s of all streams    min  median     max    ratio to one stream")
    for streams, values in speeds.items():
        ratios = [value / one for value, one in zip(values, speeds[1], strict=True)]
        print(
            f"  {streams} at once                   {_spread(values)}   {_spread(ratios, '6.2f')}"
        )


async def measure(model: Path, *, threads: int, rounds: int, tokens: int) -> None:
    """Print the tables."""
    async with _bench(model, threads) as bench:
        await bench.ask(_WORDS, tokens=8)
        print(f"{model.name}, {threads} threads, load average {os.getloadavg()[0]:.1f}")
        _print_throughput(await _throughput(bench, rounds, tokens))
        long_prompt = await _long_prompt(bench)
        gaps = [await _gap(bench, long_prompt, tokens) for _ in range(rounds)]
        readers = [run for _, _, run in gaps if run.reading]
        sizes = {run.reading.prompt_tokens for run in readers if run.reading}
        print("\nlongest gap of a running stream, ms     min  median     max")
        print(f"  alone                             {_spread([1000 * gap for gap, _, _ in gaps])}")
        print(
            f"  while {max(sizes)} tokens are read        {_spread([1000 * g for _, g, _ in gaps])}"
        )
        first_words = [run.writing_s - run.asked_s for _, _, run in gaps]
        print(f"  first word of that prompt, s      {_spread(first_words)}")
        for name, words, streams in (
            ("4 streams", _WORDS, 4),
            ("a long prompt", long_prompt, 1),
        ):
            first_s, second_s = await _after_stop(bench, words, _CONTEXT_TOKENS // 2, streams)
            idle = "idle" if second_s <= _IDLE_CPU_S else "NOT IDLE"
            print(f"\nstop of {name}: {first_s:.2f} processor-s in the next second, "
                  f"{second_s:.2f} in the one after: {idle}")  # fmt: skip
        print(f"\nengine memory {bench.engine.rss_bytes / 1e9:.2f} GB")


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=max((os.cpu_count() or 2) - 1, 1))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    wishes = parser.parse_args()
    asyncio.run(
        measure(wishes.model, threads=wishes.threads, rounds=wishes.rounds, tokens=wishes.tokens)
    )


if __name__ == "__main__":
    main()
