"""What no answer can be written for is refused before it travels to the engine's process."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from appliance.base.errors import InvalidValueError
from appliance.engine.text.frames import generate_frame
from appliance.engine.text.model import (
    GrammarOutput,
    JsonOutput,
    Sampling,
    TextRequest,
    Tool,
    ToolCall,
    ToolUse,
    Turn,
)
from appliance.engine.text.request_checks import check_request

ASK = TextRequest("a", (Turn("user", "?"),), "ana")
NAN, INFINITE = float("nan"), float("inf")


def deep(levels: int) -> Mapping[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=NAN),
        Sampling(temperature=-0.1),
        Sampling(temperature=2.1),
        Sampling(temperature=INFINITE),
        Sampling(top_k=-1),
        Sampling(top_p=NAN),
        Sampling(top_p=1.5),
        Sampling(min_p=NAN),
        Sampling(min_p=-1),
        Sampling(typical_p=NAN),
        Sampling(repeat_penalty=0.0),
        Sampling(repeat_penalty=NAN),
        Sampling(presence_penalty=INFINITE),
        Sampling(frequency_penalty=NAN),
        Sampling(repeat_window_tokens=-2),
        Sampling(repeat_window_tokens=2**40),
        Sampling(max_tokens=0),
        Sampling(max_tokens=-5),
        Sampling(stop=("",)),
        Sampling(stop=("x" * 2000,)),
        Sampling(stop=("x",) * 100),
        Sampling(logit_bias=((-1, 1.0),)),
        Sampling(logit_bias=((1, NAN),)),
        Sampling(logit_bias=((1, INFINITE),)),
        Sampling(logit_bias=((1, 1.0),) * 20_000),
    ],
)
def test_an_option_that_is_no_number_or_out_of_bounds_is_refused(sampling: Sampling):
    with pytest.raises(InvalidValueError) as caught:
        generate_frame(replace(ASK, sampling=sampling), "1:a")

    assert caught.value.code == "bad_option"
    assert "option" in caught.value.fields


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(ASK, output=JsonOutput(deep(5000))), "bad_schema"),
        (replace(ASK, tools=(Tool("f", "", deep(5000)),)), "bad_schema"),
        (
            replace(ASK, turns=(Turn("assistant", "", (ToolCall("c", "f", deep(5000)),)),)),
            "bad_schema",
        ),
        (replace(ASK, output=JsonOutput({"enum": [0] * 300_000})), "bad_schema"),
        (replace(ASK, output=GrammarOutput("x" * 300_000)), "bad_grammar"),
        (replace(ASK, tool_use=ToolUse.REQUIRED), "bad_tool"),
        (replace(ASK, top_logprobs=21), "bad_option"),
        (replace(ASK, top_logprobs=-1), "bad_option"),
        (replace(ASK, prompt_before=(1,) * 1_000_001), "question_too_long"),
        (replace(ASK, prompt_before=(100_000,) * 1_000_000), "question_too_long"),
        (replace(ASK, tools=(Tool("f", "x" * 7_000_000, {}),)), "question_too_long"),
        (replace(ASK, output=JsonOutput({"enum": ["x" * 7_000_000]})), "question_too_long"),
    ],
)
def test_a_wish_that_is_too_large_or_too_deep_is_refused(request_: TextRequest, code: str):
    with pytest.raises(InvalidValueError) as caught:
        generate_frame(request_, "1:a")

    assert caught.value.code == code


def test_what_is_usual_passes():
    wish = Sampling(temperature=0, top_k=0, stop=("\n",), logit_bias=((5, -100.0),))
    check_request(replace(ASK, sampling=wish, top_logprobs=20, output=JsonOutput({"a": [1]})))
