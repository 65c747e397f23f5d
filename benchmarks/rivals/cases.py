"""The workloads, each as figures of one opponent in one round."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.rivals.questions import Answer, Opponent, Person, Question, until

Figures = Mapping[str, float]
Case = Callable[[Opponent, int], Awaitable[Figures]]

_SHARED_TOKENS = 200
_PRIVATE_TOKENS = 100
_NEXT_TOKENS = 40
_ANSWER_TOKENS = 32
_TURNS = 5
_ARRIVE_EVERY_S = 0.05
_TYPICAL_READ, _TYPICAL_WRITTEN = 600, 150
_NEWCOMER_TOKENS = 1_500
_PEOPLE_PER_ROUND = 10
_LOOK_EVERY_S = 0.005
# Where computing has ended, a process still wakes now and then.
_IDLE_SHARE = 0.1
_WATCHED_S = 2.0
_QUIET_LOOKS = 4
_IDLE_WITHIN_S = 300
_BURN = "while True: pass"


async def asked(opponent: Opponent, question: Question) -> Answer:
    """Return the whole answer."""
    answer = Answer()
    await opponent.ask(question, answer)
    return answer


async def asked_in_turn(opponent: Opponent, questions: Sequence[Question]) -> list[Answer]:
    """Return the answers to questions that arrive shortly after each other."""

    async def after(wait_s: float, question: Question) -> Answer:
        await asyncio.sleep(wait_s)
        return await asked(opponent, question)

    return await asyncio.gather(
        *(after(place * _ARRIVE_EVERY_S, question) for place, question in enumerate(questions))
    )


def conversations(people: int) -> Case:
    """Return the case of so many people with five turns each, and an instruction that all share."""

    async def case(opponent: Opponent, round_number: int) -> Figures:
        first_number = _PEOPLE_PER_ROUND * round_number
        persons = [
            Person(first_number + place, shared_tokens=_SHARED_TOKENS) for place in range(people)
        ]
        turns: list[list[Answer]] = []
        walls_s: list[float] = []
        for turn in range(_TURNS):
            size = _NEXT_TOKENS if turn else _PRIVATE_TOKENS
            began_s = time.monotonic()
            answers = await asked_in_turn(
                opponent, [person.question(size, tokens=_ANSWER_TOKENS) for person in persons]
            )
            walls_s.append(time.monotonic() - began_s)
            for person, answer in zip(persons, answers, strict=True):
                person.hear(answer)
            turns.append(answers)
        later = [answer for answers in turns[1:] for answer in answers]
        return {
            **_first_turn(turns[0], walls_s[0]),
            "turns 2-5, tokens/s": sum(a.written_tokens for a in later) / sum(walls_s[1:]),
            "turns 2-5, first word p50 s": statistics.median(a.first_word_s for a in later),
            "turns 2-5, first word max s": max(a.first_word_s for a in later),
            "turns 2-5, longest gap s": max(a.longest_gap_s for a in later),
            "turns 2-5, not read again": _cached_share(later),
        }

    return case


def _first_turn(answers: Sequence[Answer], wall_s: float) -> Figures:
    return {
        "turn 1, tokens/s": sum(answer.written_tokens for answer in answers) / wall_s,
        "turn 1, first word p50 s": statistics.median(answer.first_word_s for answer in answers),
        "turn 1, first word max s": max(answer.first_word_s for answer in answers),
        "turn 1, longest gap s": max(answer.longest_gap_s for answer in answers),
    }


def _cached_share(answers: Sequence[Answer]) -> float:
    known = [answer for answer in answers if answer.cached_tokens is not None]
    read = sum(answer.prompt_tokens for answer in known)
    return sum(answer.cached_tokens or 0 for answer in known) / max(read, 1)


async def typical(opponent: Opponent, round_number: int) -> Figures:
    """Return what one person feels: 600 tokens read, 150 written, and one more question."""
    person = Person(_PEOPLE_PER_ROUND * round_number)
    first = await asked(opponent, person.question(_TYPICAL_READ, tokens=_TYPICAL_WRITTEN))
    person.hear(first)
    second = await asked(opponent, person.question(_NEXT_TOKENS, tokens=2))
    return {
        "total s": first.total_s,
        "first word s": first.first_word_s,
        "written tokens/s": 1 / first.token_s,
        "turn 2, first word s": second.first_word_s,
        "memory GB": opponent.rss_bytes() / 1e9,
    }


async def newcomer(opponent: Opponent, round_number: int) -> Figures:
    """Return what happens to a running answer while somebody comes with a long prompt."""
    number = _PEOPLE_PER_ROUND * round_number
    writer, reader = Person(number), Person(number + 1)
    running, arriving = Answer(), Answer()
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(opponent.ask(writer.question(50, tokens=400), running))
        await until(lambda: len(running.words_s) > 5)
        running.words_s = running.words_s[-1:]
        await opponent.ask(reader.question(_NEWCOMER_TOKENS, tokens=2), arriving)
        beside = sum(told_s < arriving.words_s[0] for told_s in running.words_s)
        writing.cancel()
    return {
        "longest gap of the other s": running.longest_gap_s,
        "newcomer's first word s": arriving.first_word_s,
        "words of the other meanwhile": beside,
    }


async def busy(opponent: Opponent, round_number: int) -> Figures:
    """Return the time of a token beside one process that computes without end, and in peace."""
    number = _PEOPLE_PER_ROUND * round_number
    quiet = await asked(opponent, Person(number).question(20, tokens=24))
    with _one_busy_process():
        loud = await asked(opponent, Person(number + 1).question(20, tokens=24))
    return {
        "token ms, quiet": 1000 * quiet.token_s,
        "token ms, busy": 1000 * loud.token_s,
        "ratio": loud.token_s / quiet.token_s,
    }


@contextmanager
def _one_busy_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", _BURN])
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def stop(opponent: Opponent, round_number: int) -> Figures:
    """Return how long the engine computes on after a person has left, in reading and in writing."""
    number = _PEOPLE_PER_ROUND * round_number
    reading = await _idle_after(opponent, Person(number).question(_NEWCOMER_TOKENS, tokens=8), 0)
    writing = await _idle_after(opponent, Person(number + 1).question(20, tokens=400), 5)
    return {"idle after reading ms": 1000 * reading, "idle after writing ms": 1000 * writing}


async def _idle_after(opponent: Opponent, question: Question, pieces: int) -> float:
    """Return the seconds from leaving to the last moment in which the processor worked."""
    answer = Answer()
    leaving = asyncio.get_running_loop().create_task(opponent.ask(question, answer))
    if pieces:
        await until(lambda: len(answer.words_s) >= pieces)
    else:
        # Deep inside a chunk of the prompt.
        await asyncio.sleep(0.35)
    leaving.cancel()
    left_s = time.monotonic()
    await asyncio.gather(leaving, return_exceptions=True)
    return await _last_work_s(opponent) - left_s


async def until_idle(opponent: Opponent) -> None:
    """Wait until nothing is computed any more: our engine measures itself at its first start."""
    async with asyncio.timeout(_IDLE_WITHIN_S):
        quiet_looks = 0
        while quiet_looks < _QUIET_LOOKS:
            before_s = opponent.cpu_s()
            await asyncio.sleep(_WATCHED_S / _QUIET_LOOKS)
            is_quiet = opponent.cpu_s() - before_s < _IDLE_SHARE * _WATCHED_S / _QUIET_LOOKS
            quiet_looks = quiet_looks + 1 if is_quiet else 0


async def _last_work_s(opponent: Opponent) -> float:
    """Return when the processor last worked, watched for two seconds."""
    looked_s, used_s = time.monotonic(), opponent.cpu_s()
    worked_s, until_s = looked_s, looked_s + _WATCHED_S
    while looked_s < until_s:
        await asyncio.sleep(_LOOK_EVERY_S)
        before_s, before_used_s = looked_s, used_s
        looked_s, used_s = time.monotonic(), opponent.cpu_s()
        if used_s - before_used_s > _IDLE_SHARE * (looked_s - before_s):
            worked_s = looked_s
    return worked_s


CASES: Mapping[str, Case] = {
    "typical": typical,
    "people-1": conversations(1),
    "people-4": conversations(4),
    "people-8": conversations(8),
    "newcomer": newcomer,
    "busy": busy,
    "stop": stop,
}
