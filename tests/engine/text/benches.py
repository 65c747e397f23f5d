"""A batch loop on the demo model for tests, with a recorder around llama.cpp."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from appliance.engine.text.frames import Frame, Order
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model import Sampling, TextRequest, Turn
from appliance.engine.text.sequences import Sequences
from appliance.engine.text.template import ChatTemplate
from tests.engine.text.demo import DEMO_FILE, why_not_real
from tests.fakes.clock import DEFAULT_START, ManualClock

if why_not_real():
    pytest.skip(why_not_real(), allow_module_level=True)

from appliance.engine.text.answering import Answering, Conditions
from appliance.engine.text.llama import Llama, Row

PLAN = LoadPlan(
    context_tokens=1024, parallel=4, slot_count=8, room_tokens=4096, memory_bytes=200 << 20
)
# Text that stays away from the model's habits: it is read, not answered.
FILLER = "uno dos tres cuatro cinco seis siete ocho nueve diez "


class RecordingLlama(Llama):
    """The real one, noting the rows of each step; each row takes a set time on the clock."""

    clock = ManualClock()
    row_s = 0.001

    def decode(self, rows: Sequence[Row]) -> None:
        if self.disturbances:
            self.disturbances.pop(0)()
        super().decode(rows)
        self.steps.append(list(rows))
        self.clock.advance(0.002 + self.row_s * len(rows))

    @property
    def disturbances(self) -> list[Callable[[], None]]:
        """Return what happens at the beginning of the next steps, one a step."""
        return self.__dict__.setdefault("_disturbances", [])

    @property
    def steps(self) -> list[list[Row]]:
        return self.__dict__.setdefault("_steps", [])


@pytest.fixture(scope="module")
def llama() -> RecordingLlama:
    return RecordingLlama(
        DEMO_FILE, plan=PLAN, batch_rows=512, threads=1, on_progress=lambda _share: None
    )


@dataclass
class Bench:
    """One batch loop and what it told."""

    llama: RecordingLlama
    answering: Answering
    told: list[Frame] = field(default_factory=list[Frame])

    def ask(
        self,
        words: str,
        *,
        name: str = "a",
        user: str = "ana",
        before: tuple[Turn, ...] = (),
        sampling: Sampling | None = None,
    ) -> None:
        wish = sampling or Sampling(temperature=0, max_tokens=24)
        turns = (*before, Turn("user", words))
        self.answering.add(Order(TextRequest(name, turns, user, wish), 0))

    def ask_for(self, request: TextRequest) -> None:
        self.answering.add(Order(request, 0))

    def finish(self, *, most_steps: int = 3000) -> None:
        for _ in range(most_steps):
            if not self.answering.step():
                return
        raise AssertionError(f"not done after {most_steps} steps")

    def of(self, name: str, kind: str) -> list[Frame]:
        return [frame for frame in self.told if frame.get("id") == name and frame["is"] == kind]

    def text(self, name: str = "a") -> str:
        return "".join(str(frame["text"]) for frame in self.of(name, "piece"))

    def end(self, name: str = "a") -> Frame:
        [end] = self.of(name, "finished")
        return end

    def until(self, condition: Callable[[], object]) -> None:
        for _ in range(3000):
            if condition():
                return
            self.answering.step()
        raise AssertionError("it did not become true in 3000 steps")

    def wrote(self, name: str) -> bool:
        return bool(self.of(name, "piece"))


@pytest.fixture
def bench(llama: RecordingLlama) -> Iterator[Bench]:
    yield from bench_of(llama, PLAN)


@pytest.fixture
def narrow(llama: RecordingLlama) -> Iterator[Bench]:
    """Give a loop that writes only one answer at a time."""
    yield from bench_of(llama, replace(PLAN, parallel=1))


def bench_of(
    llama: RecordingLlama,
    plan: LoadPlan,
    *,
    conditions: Conditions | None = None,
    has_news: Callable[[], bool] = lambda: False,
) -> Iterator[Bench]:
    """Give a loop over an empty cache."""
    for slot in range(PLAN.slot_count):
        llama.forget(slot, 0)
    llama.steps.clear()
    told: list[Frame] = []
    answering = Answering(
        llama,
        ChatTemplate(llama.template, now=lambda: DEFAULT_START, special=llama.special_text()),
        sequences=Sequences(
            slot_count=plan.slot_count, room_tokens=plan.room_tokens, parallel=plan.parallel
        ),
        conditions=conditions or Conditions(context_tokens=plan.context_tokens, batch_rows=512),
        clock=llama.clock,
        draw_seed=lambda: 7,
        tell=told.append,
        has_news=has_news,
    )
    bench = Bench(llama, answering, told)
    yield bench
    for name in {str(frame.get("id")) for frame in told}:
        answering.cancel(name)
