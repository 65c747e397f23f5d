from dataclasses import replace

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.model import Finished, FinishReason
from appliance.engine.text.speed import Pace, pace_of, speed_of

FINISHED = Finished(
    FinishReason.LENGTH, "qwen", prompt_tokens=600, completion_tokens=41, queued_s=0.5,
    reading_s=4.0, writing_s=5.0, cached_tokens=200,
)  # fmt: skip


def test_only_what_was_read_anew_counts():
    speed = speed_of(FINISHED)

    assert (speed.reading_tokens_per_s, speed.page_s) == (100.0, 6.0)
    assert (speed.writing_tokens_per_s, speed.pace) == (8.0, Pace.FASTER)
    assert speed.took_s == 9.5


@pytest.mark.parametrize(
    ("tokens_per_s", "pace"),
    [(20, Pace.FASTER), (5.6, Pace.AS_FAST), (3.0, Pace.SLOWER), (1.0, Pace.MUCH_SLOWER), (0, Pace.MUCH_SLOWER)],
)  # fmt: skip
def test_writing_is_compared_with_reading_along(tokens_per_s: float, pace: Pace):
    assert pace_of(tokens_per_s) is pace


def test_an_answer_of_one_word_says_nothing():
    with pytest.raises(EngineUnavailableError) as refusal:
        speed_of(replace(FINISHED, completion_tokens=1))

    assert refusal.value.code == "answer_too_short"
