from pathlib import Path

import pytest

from appliance.engine.text.record import EngineRecord


def test_three_crashes_in_a_row_make_a_model_bad_across_restarts(tmp_path: Path):
    file = tmp_path / "engine.json"

    counts = [EngineRecord(file).crashed("a:1:2") for _ in range(3)]

    assert counts == [1, 2, 3]
    assert EngineRecord(file).is_bad("a:1:2")
    assert not EngineRecord(file).is_bad("b:1:2")


def test_a_finished_answer_forgives_earlier_crashes(tmp_path: Path):
    record = EngineRecord(tmp_path / "engine.json")
    record.crashed("a")
    record.crashed("a")

    record.answered("a")

    assert record.crashed("a") == 1


def test_choosing_a_bad_model_gives_it_a_new_chance(tmp_path: Path):
    file = tmp_path / "engine.json"
    record = EngineRecord(file)
    for _ in range(3):
        record.crashed("a")

    record.choose("a-name", "a")

    again = EngineRecord(file)
    assert (again.chosen, again.is_bad("a")) == ("a-name", False)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"chosen": 3, "crashes": []}', '{"crashes": {"a": "many"}}', "\0" * 9],
)
def test_a_damaged_record_starts_anew(content: str, tmp_path: Path):
    file = tmp_path / "engine.json"
    file.write_text(content)

    record = EngineRecord(file)

    assert (record.chosen, record.is_bad("a")) == (None, False)


def test_a_record_that_cannot_be_written_is_kept_in_memory(tmp_path: Path):
    record = EngineRecord(tmp_path / "no such folder" / "engine.json")

    record.choose("a-name", "a")

    assert record.chosen == "a-name"
