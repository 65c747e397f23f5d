"""A few rounds of chaos on a real box; `python -m tests.faults.chat_chaos` runs a hundred."""

from pathlib import Path

import pytest

from tests.engine.text.demo import why_not_real
from tests.faults.chat_chaos import Chaos
from tests.faults.chat_witness import Witness

QUESTION = {"id": "q", "role": "user", "content": "¿Luz?", "state": "done", "error": None}
ANSWER = {"id": "a", "role": "assistant", "content": "Es luz", "state": "done", "error": None}


def test_nothing_that_anybody_saw_is_lost_whatever_dies(tmp_path: Path) -> None:
    if reason := why_not_real():
        pytest.skip(reason)
    chaos = Chaos(tmp_path, seed=1)
    try:
        for action in ("reload", "kill in continue", "engine killed"):
            chaos.round(action)
        chaos.check_all()
    finally:
        chaos.close()


def witness() -> Witness:
    seen = Witness()
    seen.asked("q", "¿Luz?")
    seen.saw("a", "Es")
    return seen


def test_what_is_as_it_was_seen_is_no_fault() -> None:
    assert witness().faults_in([QUESTION, ANSWER]) == []
    assert witness().missing_among({"q", "a"}) == set()


@pytest.mark.parametrize(
    "rows",
    [
        [QUESTION, QUESTION, ANSWER],
        [{**QUESTION, "content": "¿Gas?"}, ANSWER],
        [QUESTION, {**ANSWER, "content": "E"}],
        [QUESTION, {**ANSWER, "state": "writing"}],
        [QUESTION, {**ANSWER, "state": "interrupted"}],
        [QUESTION, {**ANSWER, "error": {}}],
    ],
)
def test_what_is_lost_or_doubled_or_in_the_wrong_state_is_a_fault(
    rows: list[dict[str, object]],
) -> None:
    assert len(witness().faults_in(rows)) == 1


def test_a_message_that_is_gone_is_missed() -> None:
    assert witness().missing_among({"q"}) == {"a"}


def test_two_clients_that_saw_different_texts_are_noticed() -> None:
    with pytest.raises(AssertionError, match="different texts"):
        witness().saw("a", "No")
