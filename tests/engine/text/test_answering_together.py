"""Who goes first, what is shared, and what a step leaves behind that was thrown away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from appliance.engine.text.frames import Frame
from appliance.engine.text.model import Sampling, TextRequest, Turn, Urgency, WhenTooLong
from appliance.engine.text.step_times import StepTimes
from appliance.engine.text.tuning import PrefixPlace
from tests.engine.text.demo import why_not_real

if why_not_real():
    pytest.skip(why_not_real(), allow_module_level=True)

from appliance.engine.text.answering import Conditions
from appliance.engine.text.llama import NoRoomError
from tests.engine.text.benches import (
    FILLER,
    PLAN,
    Bench,
    RecordingLlama,
    bench,
    bench_of,
    llama,
    narrow,
)

__all__ = ["bench", "llama", "narrow"]

INSTRUCTION = Turn("system", FILLER * 8)
SHORT = Sampling(temperature=0, max_tokens=16)


def request(name: str, words: str, *, user: str = "ana", sampling: Sampling = SHORT) -> TextRequest:
    return TextRequest(
        name, (INSTRUCTION, Turn("user", words)), user, sampling, shared_turns=1
    )  # fmt: skip


def in_background(one: TextRequest) -> TextRequest:
    return replace(one, urgency=Urgency.BACKGROUND)


def cached(bench: Bench, name: str) -> int:
    return int(str(bench.end(name)["cached_tokens"]))


def test_the_box_s_own_instruction_is_read_once_for_all_people(bench: Bench):
    bench.ask_for(request("hers", "Hola, ¿quién eres?"))
    bench.finish()
    bench.ask_for(request("his", "Hola, ¿qué haces?", user="luis"))
    bench.ask_for(replace(request("theirs", "Hola", user="eva"), shared_turns=0))
    bench.finish()

    instruction = len(bench.llama.tokens_of(INSTRUCTION.content, special=False))
    assert cached(bench, "hers") == cached(bench, "theirs") == 0
    # The instruction, and the few tokens of the template before a person's words.
    assert instruction <= cached(bench, "his") <= instruction + 12


def test_work_that_can_wait_waits_for_people_and_then_goes_on_where_it_was(bench: Bench):
    wish = Sampling(temperature=0, max_tokens=40)
    work = in_background(request("work", "Dame tres colores.", sampling=wish))
    bench.ask_for(replace(work, request_id="alone", fairness_key="eva"))
    bench.finish()
    bench.ask_for(work)
    bench.until(lambda: len(bench.of("work", "piece")) > 3)
    before = len(bench.of("work", "piece"))

    bench.ask_for(request("person", "Hola", user="luis"))
    bench.until(lambda: bench.of("person", "finished"))
    after = len(bench.of("work", "piece"))
    bench.finish()

    assert after == before
    assert bench.text("work")[:8] == bench.text("alone")[:8]
    assert bench.end("work")["completion_tokens"] == bench.end("alone")["completion_tokens"]


def test_work_that_can_wait_leaves_its_place_to_a_person_who_has_none(narrow: Bench):
    narrow.ask_for(in_background(request("work", FILLER * 4)))
    narrow.until(lambda: narrow.wrote("work"))

    narrow.ask_for(request("person", "Hola", user="luis"))
    narrow.finish()

    ends = [str(frame["id"]) for frame in narrow.told if frame["is"] == "finished"]
    assert ends == ["person", "work"]
    assert narrow.end("work")["completion_tokens"] == narrow.end("work")["completion_tokens"] != 0


def test_a_step_that_was_thrown_away_changes_no_word(bench: Bench):
    for number in range(2):
        bench.ask_for(request(f"alone{number}", f"Dame {number} colores.", user=f"a{number}"))
    bench.finish()
    for number in range(2):
        bench.ask_for(request(f"r{number}", f"Dame {number} colores.", user=f"b{number}"))
    for _ in range(12):
        bench.llama.disturbances.extend([bench.llama.switch.interrupt, lambda: None])

    bench.finish()

    for number in range(2):
        assert bench.text(f"r{number}")[:8] == bench.text(f"alone{number}")[:8] != ""
        end, alone = bench.end(f"r{number}"), bench.end(f"alone{number}")
        assert end["completion_tokens"] == alone["completion_tokens"]


def test_a_full_cache_ends_no_answer(bench: Bench):
    def full() -> None:
        raise NoRoomError

    for number in range(3):
        bench.ask_for(request(f"r{number}", "Dame tres colores.", user=f"u{number}"))
    bench.until(lambda: bench.wrote("r0"))
    bench.llama.disturbances.extend([full, lambda: None] * 6)

    bench.finish()

    texts = {bench.text(f"r{number}")[:8] for number in range(3)}
    assert len(texts) == 1
    assert not [frame for frame in bench.told if frame["is"] == "error"]


def test_news_that_come_between_two_steps_are_heard_before_the_next_one(llama: RecordingLlama):
    news: list[str] = []
    for loop in bench_of(llama, PLAN, has_news=lambda: bool(news)):
        loop.ask_for(request("r", FILLER * 20))
        loop.answering.step()
        steps = len(llama.steps)
        news.append("somebody")

        assert loop.answering.step()
        assert len(llama.steps) == steps

        news.clear()
        loop.finish()
        assert loop.end("r")


def test_a_step_for_somebody_who_has_gone_is_interrupted_and_one_for_others_is_not(
    bench: Bench,
):
    interrupted: list[bool] = []

    def gone(name: str) -> None:
        bench.answering.heed({"do": "cancel", "id": name})
        interrupted.append(bench.llama.switch.is_thrown)

    bench.ask_for(request("a", FILLER * 10))
    bench.llama.disturbances.extend([lambda: gone("b"), lambda: gone("a")])
    bench.finish()

    assert interrupted == [False, True]


def test_a_prompt_that_is_only_read_writes_nothing_and_is_there_for_the_question(bench: Bench):
    document = replace(request("r", FILLER * 20), only_reads=True)
    bench.ask_for(in_background(replace(document, request_id="prepared")))
    bench.finish()
    bench.ask_for(request("question", FILLER * 20 + "¿Qué dice?"))
    bench.finish()

    assert bench.end("prepared")["completion_tokens"] == 0
    assert not bench.of("prepared", "piece")
    assert cached(bench, "question") > 150


@pytest.mark.parametrize(
    ("how", "code"),
    [(WhenTooLong.REFUSE, "question_too_long"), (WhenTooLong.CUT_THE_MIDDLE, "")],
)
def test_a_prompt_that_does_not_fit_is_refused_or_cut_as_asked(
    bench: Bench, how: WhenTooLong, code: str
):
    bench.ask_for(replace(request("r", FILLER * 30), context_tokens=128, when_too_long=how))
    bench.finish()

    errors = [str(frame["code"]) for frame in bench.of("r", "error")]
    if code:
        assert errors == [code]
        return
    end = bench.end("r")
    assert errors == []
    assert int(str(end["cut_tokens"])) > 100
    assert 50 < int(str(end["prompt_tokens"])) < 70


@pytest.mark.parametrize("tokens_before", [900, 1100, 5000])
def test_what_comes_before_is_cut_as_well_and_nobody_waits_for_room_that_never_comes(
    bench: Bench, tokens_before: int
):
    before = tuple(bench.llama.tokens_of(FILLER * 600, special=False)[:tokens_before])
    how = WhenTooLong.CUT_THE_MIDDLE
    bench.ask_for(replace(request("r", FILLER * 20), prompt_before=before, when_too_long=how))
    bench.ask_for(request("other", "Hola", user="luis"))
    bench.until(lambda: bench.of("r", "finished") and bench.of("other", "finished"))

    assert int(str(bench.end("r")["prompt_tokens"])) < PLAN.context_tokens
    assert int(str(bench.end("r")["cut_tokens"])) > 0


@pytest.fixture
def on_disk(llama: RecordingLlama, tmp_path: Path) -> Iterator[Bench]:
    yield from _on_disk(llama, tmp_path)


def _on_disk(llama: RecordingLlama, folder: Path, *, mark: str = "demo:1") -> Iterator[Bench]:
    place = PrefixPlace(folder / "prefixes", 64 << 20, mark)
    yield from bench_of(llama, PLAN, conditions=Conditions(1024, 512, prefixes=place))


def _after_restart(
    llama: RecordingLlama, folder: Path, one: TextRequest, *, mark: str = "demo:1"
) -> Frame:
    for loop in _on_disk(llama, folder, mark=mark):
        loop.ask_for(one)
        loop.finish()
        return {**loop.end(one.request_id), "text": loop.text(one.request_id)}
    raise AssertionError


def test_a_prepared_document_is_there_after_a_restart(
    on_disk: Bench, llama: RecordingLlama, tmp_path: Path
):
    question = request("q", FILLER * 20 + "¿Qué dice?")
    on_disk.ask_for(replace(question, request_id="without", fairness_key="nobody"))
    on_disk.ask_for(in_background(replace(request("p", FILLER * 20), only_reads=True)))
    on_disk.finish()
    on_disk.answering.close()

    after = _after_restart(llama, tmp_path, question)

    assert int(str(after["cached_tokens"])) > 150
    assert str(after["text"])[:8] == on_disk.text("without")[:8]


def test_everybody_s_instruction_is_there_after_a_restart_and_a_person_s_words_only_for_them(
    on_disk: Bench, llama: RecordingLlama, tmp_path: Path
):
    instruction = len(llama.tokens_of(INSTRUCTION.content, special=False))
    on_disk.ask_for(request("hers", FILLER * 40, sampling=replace(SHORT, max_tokens=2)))
    on_disk.finish()
    on_disk.answering.close()

    his = _after_restart(llama, tmp_path, request("his", FILLER * 40, user="luis"))
    hers = _after_restart(llama, tmp_path, request("again", FILLER * 40 + "¿Y?"))

    assert instruction - 16 <= int(str(his["cached_tokens"])) <= instruction + 12
    assert int(str(hers["cached_tokens"])) > 350


def test_what_was_kept_of_another_model_is_read_anew(
    on_disk: Bench, llama: RecordingLlama, tmp_path: Path
):
    on_disk.ask_for(in_background(replace(request("p", FILLER * 20), only_reads=True)))
    on_disk.finish()
    on_disk.answering.close()

    after = _after_restart(llama, tmp_path, request("q", FILLER * 20), mark="other:1")

    assert after["cached_tokens"] == 0


def test_what_was_read_for_a_removed_person_is_gone_from_the_cache_and_the_disk(
    on_disk: Bench, llama: RecordingLlama, tmp_path: Path
):
    document = replace(request("p", FILLER * 20), only_reads=True, shared_turns=0)
    on_disk.ask_for(document)
    on_disk.finish()
    on_disk.answering.forget("ana")
    on_disk.answering.close()

    assert list((tmp_path / "prefixes").iterdir()) == []
    on_disk.ask_for(replace(document, request_id="again"))
    on_disk.finish()
    assert cached(on_disk, "again") == 0


@pytest.mark.parametrize("is_paused", [False, True])
def test_what_is_being_read_for_a_removed_person_is_gone_as_soon_as_it_ends(
    on_disk: Bench, tmp_path: Path, *, is_paused: bool
):
    work = in_background(replace(request("p", FILLER * 40), shared_turns=0))
    on_disk.ask_for(work)
    on_disk.until(lambda: on_disk.wrote("p"))
    if is_paused:
        on_disk.ask_for(replace(request("other", "Hola", user="luis"), shared_turns=0))
        on_disk.until(lambda: on_disk.wrote("other"))
    on_disk.answering.forget("ana")
    on_disk.finish()
    on_disk.answering.close()

    assert on_disk.text("p")
    assert list((tmp_path / "prefixes").iterdir()) == []
    on_disk.ask_for(replace(work, request_id="again"))
    on_disk.finish()
    assert cached(on_disk, "again") == 0


def test_a_loop_in_idle_time_finds_out_how_long_steps_take(llama: RecordingLlama):
    for loop in bench_of(llama, PLAN, conditions=Conditions(1024, 512, measures=True)):
        # A person who comes meanwhile is not kept waiting, and is answered as ever.
        loop.answering.step()
        loop.ask_for(request("person", "Hola"))
        loop.until(lambda loop=loop: loop.of("person", "finished"))
        loop.finish()

        [measured] = [frame for frame in loop.told if frame["is"] == "measured"]
        times = cast("list[tuple[int, float]]", measured["times"])
        assert [rows for rows, _ in times] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        # Nothing of it stays in the cache, so the next ones are right too.
        loop.ask_for(request("next", "Hola", user="luis"))
        loop.finish()
        assert loop.text("next")[:8] == loop.text("person")[:8]


def test_figures_that_prove_wrong_are_measured_anew(llama: RecordingLlama):
    too_slow = StepTimes(((1, 5.0), (512, 900.0)))
    conditions = Conditions(1024, 512, times=too_slow)
    for loop in bench_of(llama, PLAN, conditions=conditions):
        loop.ask_for(request("r", FILLER * 60))
        loop.finish()

        [measured] = [frame for frame in loop.told if frame["is"] == "measured"]
        times = cast("list[tuple[int, float]]", measured["times"])
        assert times[-1][1] < 10


def test_a_beginning_that_several_ask_with_at_the_same_time_is_read_once(bench: Bench):
    words = [f"{FILLER * 12} {number}. Hola." for number in range(4)]
    bench.ask_for(request("alone", words[3], user="eva"))
    bench.finish()
    bench.llama.steps.clear()
    for number in range(4):
        bench.ask_for(request(f"r{number}", words[number]))
    bench.finish()

    read = sum(not row.wants_logits for step in bench.llama.steps for row in step)
    prompt = int(str(bench.end("r0")["prompt_tokens"]))
    assert read < 1.5 * prompt
    assert bench.text("r3")[:8] == bench.text("alone")[:8]


def test_who_waits_for_a_reader_who_goes_away_reads_on_alone(bench: Bench):
    bench.llama.row_s = 0.02
    for name in ("leader", "follower"):
        bench.ask_for(request(name, FILLER * 30 + name))
    bench.answering.step()
    bench.answering.cancel("leader")
    bench.finish()
    bench.llama.row_s = 0.001

    assert bench.end("follower")["reason"] != "cancelled"
    assert 0 < cached(bench, "follower") < int(str(bench.end("follower")["prompt_tokens"]))
