from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from appliance.engine.text.figures import Figures
from appliance.engine.text.model import Finished, FinishReason
from appliance.engine.text.port import EngineState, Resident
from appliance.operations.metering import Day, Hour, Metering
from appliance.operations.prometheus import Sample, counter, exposition, gauge, histogram
from tests.fakes.clock import ManualClock
from tests.fakes.model_host import ScriptedHost
from tests.fakes.text_engine import FINISHED, ScriptedEngine

END = replace(
    FINISHED, prompt_tokens=100, cached_tokens=60, completion_tokens=20, drafted_tokens=8,
    accepted_tokens=5, queued_s=0.5, reading_s=1.0, writing_s=2.0, load_s=0.25,
)  # fmt: skip


@dataclass
class Counts:
    hits: int = 3
    misses: int = 1


class Engine:
    """An engine whose figures the test writes."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.figures = Figures(self.clock)
        self.host = ScriptedHost("qwen")

    def answered(self, end: Finished = END, *, took_s: float = 4.0) -> None:
        self.figures.answered(end, took_s=took_s)

    def state(self) -> EngineState:
        return replace(ScriptedEngine().state(), running=2, waiting=1, tokens_per_s=12.5)

    def residents(self) -> list[Resident]:
        return self.host.residents()


def told(engine: Engine) -> dict[str, float]:
    """Return what Prometheus reads, by name and labels."""
    page = exposition(Metering(engine, Counts()).figures())
    return {
        "|".join([sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))]): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_a_box_that_has_answered_nothing_has_figures_of_nothing():
    figures = told(Engine())

    assert figures["nodo_completion_tokens_total"] == 0
    assert figures["nodo_first_word_seconds_count"] == 0
    assert "nodo_response_time_ms" not in figures


async def test_prometheus_reads_what_answers_have_cost():
    engine = Engine()
    await engine.host.load("qwen")
    engine.answered()
    engine.answered(replace(END, reason=FinishReason.LENGTH), took_s=12.0)
    engine.figures.failed("queue_full")
    engine.figures.embedded(texts=4, tokens=40)

    figures = told(engine)

    assert {name: figures[name] for name in figures if "_bucket" not in name} == {
        "nodo_answers_total|reason=stop": 1,
        "nodo_answers_total|reason=length": 1,
        "nodo_failed_requests_total|code=queue_full": 1,
        "nodo_prompt_tokens_total": 200,
        "nodo_prompt_cached_tokens_total": 120,
        "nodo_completion_tokens_total": 40,
        "nodo_draft_tokens_total": 16,
        "nodo_draft_accepted_tokens_total": 10,
        "nodo_embedding_tokens_total": 40,
        "nodo_embedded_texts_total": 4,
        "nodo_queued_seconds_total": 1,
        "nodo_reading_seconds_total": 2,
        "nodo_writing_seconds_total": 4,
        "nodo_loading_seconds_total": 0.5,
        "nodo_first_word_seconds_sum": 12,
        "nodo_first_word_seconds_count": 2,
        "nodo_response_time_ms": 8000,
        "nodo_requests_running": 2,
        "nodo_requests_waiting": 1,
        "nodo_tokens_per_second": 12.5,
        "nodo_model_memory_bytes|model=qwen|purpose=text": 100_000_000,
        "nodo_answer_cache_requests_total|outcome=hit": 3,
        "nodo_answer_cache_requests_total|outcome=miss": 1,
    }


def test_times_to_the_first_word_are_counted_in_classes():
    engine = Engine()
    for took_s in (2.1, 2.5, 3.0, 300.0):
        engine.answered(took_s=took_s)

    figures = told(engine)

    counts = [
        figures[f"nodo_first_word_seconds_bucket|le={le}"] for le in ("0.25", "0.5", "1", "+Inf")
    ]
    assert counts == [1, 2, 3, 4]


def test_answers_of_more_than_a_day_ago_are_forgotten():
    engine = Engine()
    engine.answered(took_s=100.0)
    engine.clock.advance(23.5 * 3600)
    engine.answered(took_s=1.0)
    engine.answered(took_s=3.0)
    engine.clock.advance(3600)

    assert Metering(engine, Counts()).day() == Day(
        answers=2,
        average_ms=2000.0,
        hours=(Hour(datetime(2026, 3, 3, 8, tzinfo=UTC), 2, 2000.0),),
    )


def test_what_is_asked_for_within_a_day_stays_small():
    engine = Engine()
    for _ in range(100):
        engine.answered()
        engine.clock.advance(3600)

    assert len(engine.figures.last_day()) == 23


@given(
    name=st.text(max_size=20).filter(lambda text: "\r" not in text),
    value=st.floats(allow_nan=False, allow_infinity=False, width=32),
)
def test_any_name_of_a_model_comes_through(name: str, value: float):
    page = exposition([gauge("some_figure", "Any\nhelp \\ at all.", Sample(value, {"of": name}))])

    [family] = list(text_string_to_metric_families(page))
    [sample] = family.samples
    assert sample.labels == {"of": name}
    assert sample.value == pytest.approx(value, rel=1e-6)


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4))
def test_a_distribution_ends_with_all_that_there_is(counts: list[int]):
    figure = histogram("some_s", "Some.", bounds=(0.1, 1.0, 10.0), counts=counts, total=5.0)

    buckets = [one.value for one in figure.samples if one.suffix == "_bucket"]
    assert buckets == sorted(buckets)
    assert buckets[-1] == figure.samples[-1].value == sum(counts)


def test_a_counter_without_values_is_still_described():
    assert exposition([counter("x_total", "Nothing yet.")]) == (
        "# HELP x_total Nothing yet.\n# TYPE x_total counter\n"
    )
