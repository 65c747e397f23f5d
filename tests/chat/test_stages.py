"""People are told what changes, and percentages not too often."""

import pytest

from appliance.chat.stages import Stage, is_worth_telling, stage_of, waiting_stage
from appliance.engine.text.model import Loading, Piece, Queued, Reading, TextEvent, Writing
from tests.fakes.text_engine import FINISHED


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        (Queued(2, 40.0), {"stage": "queued", "ahead": 2, "eta_s": 40.0}),
        (Loading(60), {"stage": "loading", "percent": 60}),
        (
            Reading(35, 900, 2),
            {
                "stage": "reading",
                "percent": 35,
                "prompt_tokens": 900,
                "dropped_turns": 5,
                "read_from": "m",
            },
        ),
        (Writing(), {"stage": "writing"}),
        (Piece("a"), {"stage": "writing"}),
        (FINISHED, None),
    ],
)
def test_each_event_of_the_engine_has_its_stage(event: TextEvent, stage: Stage | None) -> None:
    assert stage_of(event, omitted_turns=3, read_from="m") == stage


@pytest.mark.parametrize(
    ("told", "new", "since_told_s", "is_told"),
    [
        ({"stage": "reading", "percent": 1}, {"stage": "reading", "percent": 2}, 0.2, False),
        ({"stage": "reading", "percent": 1}, {"stage": "reading", "percent": 2}, 0.25, True),
        ({"stage": "reading", "percent": 2}, {"stage": "reading", "percent": 2}, 9.0, False),
        ({"stage": "reading", "percent": 2}, {"stage": "writing"}, 0.0, True),
        (waiting_stage(ahead=2), waiting_stage(ahead=1), 0.0, True),
        (waiting_stage(ahead=1, eta_s=9), waiting_stage(ahead=1, eta_s=8), 0.1, False),
    ],
)
def test_a_stage_or_a_place_in_the_line_is_told_at_once(
    told: Stage, new: Stage, *, since_told_s: float, is_told: bool
) -> None:
    assert is_worth_telling(told, new, since_told_s=since_told_s) is is_told
