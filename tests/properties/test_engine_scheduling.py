from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.engine.text.interrupting import (
    Interrupting,
    StepInWork,
    gives_way_to_cancel,
    gives_way_to_newcomer,
)
from appliance.engine.text.pace import Pace
from appliance.engine.text.scheduler import (
    Reader,
    Waiter,
    estimated_wait_s,
    order_of_service,
    shares_of_rows,
)
from appliance.engine.text.step_times import StepTimes, step_times_of

keys = st.sampled_from(["ana", "luis", "eva", "jon"])
queues = st.lists(keys, max_size=30).map(
    lambda owners: [Waiter(f"request-{number}", key) for number, key in enumerate(owners)]
)
turns_before = st.dictionaries(keys, st.integers(min_value=1, max_value=99))
readers = st.lists(st.integers(min_value=1, max_value=30_000), max_size=16).map(
    lambda unread: [Reader(f"request-{number}", tokens) for number, tokens in enumerate(unread)]
)


@given(waiting=queues, running=st.lists(keys, max_size=8), turns=turns_before)
def test_the_order_of_service_holds_everybody_once(
    waiting: list[Waiter], running: list[str], turns: dict[str, int]
):
    order = order_of_service(waiting, running, turns)

    assert sorted(order, key=waiting.index) == waiting


@given(waiting=queues, running=st.lists(keys, max_size=8), turns=turns_before)
def test_a_persons_own_requests_keep_their_order(
    waiting: list[Waiter], running: list[str], turns: dict[str, int]
):
    order = order_of_service(waiting, running, turns)

    for key in ("ana", "luis", "eva", "jon"):
        hers = [waiter for waiter in waiting if waiter.fairness_key == key]
        assert [waiter for waiter in order if waiter.fairness_key == key] == hers


@given(waiting=queues, running=st.lists(keys, max_size=8), turns=turns_before)
def test_nobody_is_served_while_somebody_who_has_less_waits(
    waiting: list[Waiter], running: list[str], turns: dict[str, int]
):
    served = Counter(running)
    left = Counter(waiter.fairness_key for waiter in waiting)
    for waiter in order_of_service(waiting, running, turns):
        waiting_keys = [key for key, number in left.items() if number]
        assert served[waiter.fairness_key] == min(served[key] for key in waiting_keys)
        served[waiter.fairness_key] += 1
        left[waiter.fairness_key] -= 1


@given(waiting=queues, turns=turns_before)
def test_with_nothing_running_everybody_waiting_comes_once_before_anybody_comes_twice(
    waiting: list[Waiter], turns: dict[str, int]
):
    order = [waiter.fairness_key for waiter in order_of_service(waiting, [], turns)]

    people = set(order)
    assert set(order[: len(people)]) == people


def test_who_was_served_last_comes_last():
    queue = [Waiter("1", "ana"), Waiter("2", "ana"), Waiter("3", "luis"), Waiter("4", "eva")]

    order = order_of_service(queue, [], {"ana": 5, "luis": 3})

    assert [waiter.request_id for waiter in order] == ["4", "3", "1", "2"]


@given(reading=readers, rows=st.integers(min_value=-5, max_value=600))
def test_shares_are_never_more_than_the_rows_or_than_a_prompt(reading: list[Reader], rows: int):
    shares = shares_of_rows(reading, rows)

    unread = {reader.request_id: reader.unread_tokens for reader in reading}
    assert sum(shares.values()) <= max(rows, 0)
    assert all(1 <= share <= unread[request_id] for request_id, share in shares.items())


@given(reading=readers, rows=st.integers(min_value=1, max_value=600))
def test_rows_are_all_used_while_anything_is_unread(reading: list[Reader], rows: int):
    shares = shares_of_rows(reading, rows)

    assert sum(shares.values()) == min(rows, sum(reader.unread_tokens for reader in reading))


@given(reading=readers, spare=st.integers(min_value=0, max_value=500))
def test_with_a_row_for_each_nobody_starves(reading: list[Reader], spare: int):
    shares = shares_of_rows(reading, len(reading) + spare)

    assert shares.keys() == {reader.request_id for reader in reading}


@settings(deadline=None)
@given(reading=readers, rows=st.integers(min_value=64, max_value=600))
def test_every_prompt_is_read_to_its_end(reading: list[Reader], rows: int):
    unread = {reader.request_id: reader.unread_tokens for reader in reading}
    steps = 0
    while unread:
        left = [Reader(request_id, tokens) for request_id, tokens in unread.items()]
        for request_id, share in shares_of_rows(left, rows).items():
            unread[request_id] -= share
        unread = {request_id: tokens for request_id, tokens in unread.items() if tokens}
        steps += 1

    total = sum(reader.unread_tokens for reader in reading)
    assert steps == -(-total // rows)


@given(
    ahead=st.integers(min_value=0, max_value=64),
    parallel=st.integers(min_value=1, max_value=16),
    running=st.integers(min_value=0, max_value=16),
    answer_s=st.floats(min_value=0, max_value=1e4),
)
def test_who_waits_behind_more_people_is_never_promised_less(
    ahead: int, parallel: int, running: int, answer_s: float
):
    def wait_s(others: int) -> float | None:
        return estimated_wait_s(ahead=others, parallel=parallel, running=running, answer_s=answer_s)

    sooner, later = wait_s(ahead), wait_s(ahead + 1)
    assert sooner is not None
    assert later is not None
    assert 0 <= sooner <= later


def test_no_wait_is_promised_before_an_answer_was_seen():
    assert estimated_wait_s(ahead=3, parallel=4, running=4, answer_s=None) is None


steps = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=512),
        st.floats(min_value=0, max_value=1e6, allow_nan=False),
    ),
    max_size=20,
)


@given(
    history=steps,
    writers=st.integers(min_value=0, max_value=64),
    most=st.integers(min_value=1, max_value=512),
)
def test_a_step_always_reads_something_and_never_more_than_the_batch_takes(
    history: list[tuple[int, float]], writers: int, most: int
):
    pace = Pace(most_rows=most)
    for prompt_rows, step_s in history:
        pace = pace.after(rows=prompt_rows, prompt_rows=prompt_rows, step_s=step_s)

    rows = pace.rows(writers=writers)

    assert 1 <= rows <= max(most - writers, 1)


@given(
    row_s=st.floats(min_value=1e-5, max_value=0.04),
    writers=st.integers(min_value=0, max_value=16),
)
def test_a_step_takes_no_longer_than_its_limit_on_a_box_of_steady_speed(row_s: float, writers: int):
    pace = Pace(most_rows=512)
    for _ in range(10):
        rows = pace.rows(writers=writers)
        pace = pace.after(rows=rows, prompt_rows=rows, step_s=rows * row_s)

    rows = pace.rows(writers=writers)
    assert rows * row_s <= (0.8 if rows > 32 else 1.0) + 1e-9


def _learnt(rows: int, step_s: float) -> Pace:
    return Pace(most_rows=512).after(rows=rows, prompt_rows=rows, step_s=step_s)


def test_a_slow_box_reads_32_tokens_in_a_second_rather_than_few_in_less():
    assert _learnt(32, 0.72).rows(writers=1) == 32


def test_a_very_slow_box_still_reads_eight_tokens_a_step():
    assert _learnt(8, 80).rows(writers=1) == 8


def test_a_clock_too_coarse_to_see_a_step_gives_the_largest_chunk():
    assert _learnt(32, 0.0).rows(writers=2) == 510


def test_a_measured_box_keeps_the_limit_from_the_first_step_on():
    pace = Pace(most_rows=512, times=StepTimes(((1, 0.06), (64, 0.5), (512, 3.4))))

    assert 64 < pace.rows(writers=2) < 110
    assert pace.rows(writers=0) == 512
    assert pace.rows(writers=0, is_hurried=True) < 110


def test_a_box_that_is_slowed_down_reads_less_in_a_step():
    pace = Pace(most_rows=512, times=StepTimes(((1, 0.06), (512, 3.4))))
    usual = pace.rows(writers=1)
    for _ in range(20):
        pace = pace.after(rows=100, prompt_rows=99, step_s=2 * pace.times.at(100))  # type: ignore[union-attr]

    assert usual * 0.4 < pace.rows(writers=1) < usual * 0.6


def test_figures_of_a_box_that_was_not_quiet_are_found_out():
    pace = Pace(most_rows=512, times=StepTimes(((1, 0.6), (512, 34.0))))
    for _ in range(12):
        pace = pace.after(rows=100, prompt_rows=99, step_s=0.7)

    assert pace.is_misjudged
    assert not replace(pace, slowness=1.0).is_misjudged


@given(
    seconds=st.lists(st.floats(min_value=0, max_value=100), min_size=1, max_size=10),
    rows=st.integers(min_value=1, max_value=600),
    limit_s=st.floats(min_value=0, max_value=200),
)
def test_times_never_shrink_with_more_rows_and_the_most_rows_keep_the_limit(
    seconds: list[float], rows: int, limit_s: float
):
    times = step_times_of(list(zip((1, 2, 4, 8, 16, 32, 64, 128, 256, 512), seconds, strict=False)))

    assert 0 <= times.at(rows) <= times.at(rows + 1) + 1e-9
    most = times.most_rows(limit_s, up_to=600)
    assert most == 0 or times.at(most) <= limit_s
    assert most == 600 or times.at(most + 1) > limit_s


@pytest.mark.parametrize(
    "points", [[], [(0, 1.0)], [(1, -1.0)], [(1, float("nan"))], [("x", 1)], [(10**9, 1)]]
)
def test_nonsense_is_no_measurement(points: list[tuple[object, object]]):
    with pytest.raises(ValueError, match=r"no times|a step of|invalid literal"):
        step_times_of(points)


def test_a_typical_turn_is_read_in_chunks_and_written_word_by_word():
    times = StepTimes(((1, 0.1), (512, 4.0)))

    turn_s = times.turn_s(read_tokens=1024, written_tokens=10, chunk_rows=512)

    assert turn_s == pytest.approx(9.0)


def _step(*, rows: dict[str, int], ends_s: float | None = None, patient: bool = False):
    return StepInWork(rows=rows, started_s=9.0, ends_s=ends_s, is_patient=patient)


def test_a_step_that_is_mostly_for_who_has_gone_gives_way():
    step = _step(rows={"a": 300, "b": 1})

    assert gives_way_to_cancel(step, "a")
    assert not gives_way_to_cancel(step, "b")
    assert not gives_way_to_cancel(step, "nobody")


def test_a_newcomer_does_not_wait_for_a_long_step_or_for_work_that_can_wait():
    assert gives_way_to_newcomer(_step(rows={"a": 512}, ends_s=12.0), 10.0)
    assert not gives_way_to_newcomer(_step(rows={"a": 512}, ends_s=10.3), 10.0)
    # A second of work is not thrown away to save less than that.
    assert not gives_way_to_newcomer(_step(rows={"a": 512}, ends_s=10.8), 10.0)
    assert not gives_way_to_newcomer(_step(rows={"a": 512}), 10.0)
    assert gives_way_to_newcomer(_step(rows={"a": 512}, patient=True), 10.0)


def test_an_order_is_never_missed_between_two_steps():
    interrupted: list[str] = []
    waiting = ["an order"]
    interrupting = Interrupting(
        lambda: interrupted.append("now"), now_s=lambda: 0.0, has_news=lambda: bool(waiting)
    )

    # It came before the step: the step is not even begun. Then it comes during one.
    assert not interrupting.begins(_step(rows={"a": 9}))
    waiting.clear()
    assert interrupting.begins(_step(rows={"a": 9}))
    interrupting.heed({"do": "cancel", "id": "a"})
    interrupting.ends()
    interrupting.heed({"do": "cancel", "id": "a"})

    assert interrupted == ["now"]
