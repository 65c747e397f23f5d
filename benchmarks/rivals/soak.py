"""Mixed load for a long time: memory stays flat, no sequence is lost, nobody reads another's words.

Run: python -m benchmarks.rivals.soak FILE.gguf [--minutes 20] [--people 8] [--threads 2] [--seed 1]
Each person may write a few words only, which nobody else may (their logits are raised): a word of
somebody else in an answer is a word that went astray. People ask long and short questions, go on,
begin anew, and leave in the middle. It ends with status 1 if something is wrong.
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.engine.text.model import Finished, Piece, TextRequest
from benchmarks.made_up_words import words
from benchmarks.rivals.nodo_engine import Box, NodoEngine, running_nodo_engine
from benchmarks.rivals.questions import Answer, Person, until

_CONTEXT_TOKENS = 2048
_PARALLEL = 4
_OWN_WORDS = 40
# Where the words that are written begin; those of the prompts are others.
_CANARIES_START = 120_500
_RAISED_BY = 100.0
_LOOK_EVERY_S = 5.0
# Pages of the model's file come and go; a leaked sequence of this size would be 30 MB each.
_FLAT_BYTES = 64 << 20


@dataclass
class Log:
    """What was seen.

    Attributes:
        ends: How often answers ended how.
        astray: Words that were not the asker's.
        rss_bytes: Memory, at even times.
    """

    ends: Counter[str] = field(default_factory=Counter[str])
    astray: list[str] = field(default_factory=list[str])
    rss_bytes: list[int] = field(default_factory=list[int])


class Guest:
    """Somebody who may write a few words of their own."""

    def __init__(self, nodo: NodoEngine, number: int, log: Log, chance: random.Random) -> None:
        self._nodo = nodo
        self._number = number
        self._log = log
        self._chance = chance
        self._own = words(_OWN_WORDS, start=_CANARIES_START + number * _OWN_WORDS)
        self._bias: tuple[tuple[int, float], ...] = ()
        self._talks = 0

    async def prepare(self) -> None:
        """Find the tokens of the own words."""
        tokens = await self._nodo.engine.tokens_of(self._own)
        self._bias = tuple((token, _RAISED_BY) for token in tokens)

    async def stay(self, until_s: float) -> None:
        """Talk until it is late."""
        while time.monotonic() < until_s:
            self._talks += 1
            person = Person(self._number, shared_tokens=200)
            for _ in range(self._chance.randint(1, 4)):
                if not await self._talk(person) or time.monotonic() > until_s:
                    break

    async def _talk(self, person: Person) -> bool:
        """Return whether the whole answer was heard."""
        size = self._chance.choice((5, 20, 20, 60, 300))
        question = person.question(size, tokens=self._chance.choice((4, 16, 48)))
        request = self._nodo.request(question)
        sampling = replace(request.sampling, logit_bias=self._bias, temperature=1.0)
        answer = Answer()
        leaves_after = self._chance.choice((0, 3, None, None, None))
        is_whole = await self._hear(replace(request, sampling=sampling), answer, leaves_after)
        self._log.astray += sorted(set(answer.text.split()) - set(self._own.split()))
        person.hear(answer)
        return is_whole

    async def _hear(self, request: TextRequest, answer: Answer, leaves_after: int | None) -> bool:
        events = self._nodo.engine.generate(request)
        try:
            async for event in events:
                if isinstance(event, Piece):
                    answer.text += event.text
                    answer.words_s.append(time.monotonic())
                if isinstance(event, Finished):
                    self._log.ends[event.reason.value] += 1
                    return True
                if leaves_after is not None and len(answer.words_s) >= leaves_after:
                    self._log.ends["left"] += 1
                    return False
        finally:
            await events.aclose()
        return False


async def _look(nodo: NodoEngine, log: Log) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        log.rss_bytes.append(nodo.rss_bytes())


async def _all_seats_are_free(nodo: NodoEngine) -> bool:
    """Return whether as many long answers as at the beginning can be written at once."""
    answers = [Answer() for _ in range(_PARALLEL)]
    long = _CONTEXT_TOKENS - 200
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(nodo.ask(Person(50 + place).question(20, tokens=long), answer))
            for place, answer in enumerate(answers)
        ]
        try:
            await until(lambda: all(answer.words_s for answer in answers), within_s=60)
        except TimeoutError:
            return False
        finally:
            for task in tasks:
                task.cancel()
    return True


def _growth_bytes(log: Log) -> float:
    """Return how much more memory the last third took than the second."""
    third = max(len(log.rss_bytes) // 3, 1)
    middle, last = log.rss_bytes[third : 2 * third], log.rss_bytes[-third:]
    return statistics.median(last) - statistics.median(middle or last)


async def soak(model: Path, *, minutes: float, people: int, threads: int, seed: int) -> bool:
    """Print what was seen; return whether all is well."""
    log, chance = Log(), random.Random(seed)
    async with running_nodo_engine(model, Box(_CONTEXT_TOKENS, _PARALLEL, threads)) as nodo:
        guests = [Guest(nodo, number, log, chance) for number in range(people)]
        for guest in guests:
            await guest.prepare()
        watching = asyncio.get_running_loop().create_task(_look(nodo, log))
        until_s = time.monotonic() + 60 * minutes
        await asyncio.gather(*(guest.stay(until_s) for guest in guests))
        watching.cancel()
        state = nodo.engine.state()
        is_free = await _all_seats_are_free(nodo)
    growth_bytes = _growth_bytes(log)
    print(f"answers: {dict(log.ends)}; running {state.running}, waiting {state.waiting} at the end")
    print(f"words gone astray: {log.astray[:10] or 'none'}")
    print(
        f"memory: {log.rss_bytes[-1] / 1e6:.0f} MB, {growth_bytes / 1e6:+.1f} MB in the last third"
    )
    print(f"all seats free at the end: {is_free}")
    is_idle = state.running == state.waiting == 0
    return is_idle and is_free and not log.astray and growth_bytes < _FLAT_BYTES


def main() -> None:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=lambda text: Path(text).resolve())
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    is_well = asyncio.run(
        soak(
            wishes.model,
            minutes=wishes.minutes,
            people=wishes.people,
            threads=wishes.threads,
            seed=wishes.seed,
        )
    )
    raise SystemExit(0 if is_well else 1)


if __name__ == "__main__":
    main()
