"""What guesses and forced tokens win when an answer has a form and repeats what stood before.

    python -m benchmarks.extraction MODEL.gguf [--threads 2] [--rounds 3]

Prints, for each case, tokens per second with and without guesses, the share of guesses that were
right, and whether the answers at temperature 0 are the same. How long steps take is measured first,
as the engine does in idle time; guesses are made only where that says they pay.

A model of random weights cannot extract anything: at temperature 0 it soon repeats itself, which
stands for quoting; how often guesses are right is printed, so the ratio can be judged. Sampled
hot, it never repeats: that case shows what guessing costs where there is nothing to guess.
"""

import argparse
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.engine.text.answering import Answering, Conditions
from appliance.engine.text.frames import Frame, Order
from appliance.engine.text.llama import Llama
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model import GrammarOutput, JsonOutput, Sampling, TextRequest, Turn
from appliance.engine.text.sequences import Sequences
from appliance.engine.text.step_times import StepTimes, step_times_of
from appliance.engine.text.template import ChatTemplate

PLAN = LoadPlan(
    context_tokens=2048, parallel=4, slot_count=8, room_tokens=8192, memory_bytes=1 << 30
)
RECORDS = [
    f"Invoice {1000 + n} of {n % 28 + 1} March: {n * 7 % 90 + 10} hours of work at 40 euros."
    for n in range(12)
]
FREE_TEXT = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 0, "maximum": 9999},
        "state": {"enum": ["open", "paid", "late"]},
        "quote": {"type": "string", "minLength": 150, "maxLength": 300},
    },
    "required": ["number", "state", "quote"],
}
QUOTED_LINES = {
    "type": "array",
    "items": {"enum": list(RECORDS)},
    "minItems": 3,
    "maxItems": 3,
}
QUESTION = TextRequest(
    "q",
    (Turn("user", "Extract:\n" + "\n".join(RECORDS)),),
    "ana",
    Sampling(temperature=0, max_tokens=160),
)
CASES: Mapping[str, TextRequest] = {
    "free text within a schema": replace(QUESTION, output=JsonOutput(FREE_TEXT)),
    "lines of the document as enum": replace(QUESTION, output=JsonOutput(QUOTED_LINES)),
    "random letters, nothing to guess": replace(
        QUESTION,
        output=GrammarOutput("root ::= [a-z ]{300}"),
        sampling=Sampling(temperature=2.0, top_k=0, top_p=1.0, seed=1, max_tokens=80),
    ),
}


@dataclass(frozen=True)
class Run:
    """One answer.

    Attributes:
        text: Of the answer.
        end: What was told at its end.
    """

    text: str
    end: Frame

    @property
    def tokens_per_s(self) -> float:
        """Return how fast it was written, its first token aside."""
        return (self._count("completion_tokens") - 1) / max(float(str(self.end["writing_s"])), 1e-9)

    @property
    def guesses(self) -> str:
        """Return how many guesses were made, and how many were right."""
        return f"{self._count('accepted_tokens')} of {self._count('drafted_tokens')}"

    def _count(self, key: str) -> int:
        return int(str(self.end[key]))


class Bench:
    """One model with a batch loop that guesses, and one that does not."""

    def __init__(self, file: Path, threads: int) -> None:
        self._llama = Llama(
            file, plan=PLAN, batch_rows=512, threads=threads, on_progress=lambda _share: None
        )
        self._told: list[Frame] = []
        self.times = self._measured()

    def run(self, request: TextRequest, *, guesses: bool) -> Run:
        """Return one answer."""
        for slot in range(PLAN.slot_count):
            self._llama.forget(slot, 0)
        loop = self._loop(self.times if guesses else None)
        self._told.clear()
        loop.add(Order(request, 0))
        while loop.step():
            pass
        text = "".join(str(frame["text"]) for frame in self._told if frame["is"] == "piece")
        [end] = [frame for frame in self._told if frame["is"] == "finished"]
        return Run(text, end)

    def _loop(self, times: StepTimes | None, *, measures: bool = False) -> Answering:
        return Answering(
            self._llama,
            ChatTemplate(
                self._llama.template,
                now=lambda: datetime(2026, 3, 2, tzinfo=UTC),
                special=self._llama.special_text(),
            ),
            sequences=Sequences(
                slot_count=PLAN.slot_count, room_tokens=PLAN.room_tokens, parallel=PLAN.parallel
            ),
            conditions=Conditions(
                context_tokens=PLAN.context_tokens, batch_rows=512, times=times, measures=measures
            ),
            clock=SystemClock(),
            draw_seed=lambda: 7,
            tell=self._told.append,
        )

    def _measured(self) -> StepTimes:
        loop = self._loop(None, measures=True)
        while loop.step():
            pass
        [frame] = [frame for frame in self._told if frame["is"] == "measured"]
        return step_times_of(frame["times"])  # type: ignore[arg-type]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    wishes = parser.parse_args()
    bench = Bench(wishes.model, wishes.threads)
    print("seconds by rows:", [(rows, round(s, 4)) for rows, s in bench.times.measured])
    for name, request in CASES.items():
        _compare(bench, name, request, wishes.rounds)


def _compare(bench: Bench, name: str, request: TextRequest, rounds: int) -> None:
    """Run a case with and without guesses in turn, and print the medians."""
    pairs = [
        (bench.run(request, guesses=False), bench.run(request, guesses=True)) for _ in range(rounds)
    ]
    plain = statistics.median(without.tokens_per_s for without, _with in pairs)
    guessed = statistics.median(with_.tokens_per_s for _without, with_ in pairs)
    are_same = all(without.text == with_.text for without, with_ in pairs)
    last = pairs[-1][1]
    print(
        f"{name}: {plain:.1f} tokens/s, with guesses {guessed:.1f} ({guessed / plain:.2f}x); "
        f"right: {last.guesses}; answers are {'the same' if are_same else 'DIFFERENT'}"
    )


if __name__ == "__main__":
    main()
