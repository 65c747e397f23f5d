"""What an answer says travels from the engine's process and arrives as it was said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    FinishReason,
    LikelyToken,
    Piece,
    Thought,
    ToolCall,
    ToolCalled,
)
from appliance.engine.text.said_frames import (
    Said,
    finished_of,
    joined,
    said_of,
    said_values,
    size_of,
)

likely = st.builds(
    lambda data, logprob: LikelyToken(data.decode(errors="replace"), data, round(logprob, 6)),
    st.binary(max_size=6),
    st.floats(-100, 0),
)
chosen = st.builds(
    lambda token, others: ChosenToken(token.text, token.data, token.logprob, tuple(others)),
    likely,
    st.lists(likely, max_size=3),
)
texts = st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").decode())
said = st.one_of(
    st.builds(Piece, texts, st.lists(chosen, max_size=3).map(tuple)),
    st.builds(Thought, texts),
    st.builds(
        lambda name, arguments: ToolCalled(ToolCall("call_1", name, arguments)),
        texts,
        st.dictionaries(texts, st.none() | st.integers() | texts, max_size=3),
    ),
)


@given(one=said)
def test_it_arrives_as_it_was_said(one: Said):
    assert said_of(json.loads(json.dumps(said_values(one)))) == one
    assert size_of(one) >= 0


@given(one=said, other=said)
def test_only_text_that_grows_is_joined(one: Said, other: Said):
    both = joined(one, other)

    if both is None:
        assert type(one) is not type(other) or isinstance(one, ToolCalled)
    else:
        assert size_of(both) == size_of(one) + size_of(other)


@pytest.mark.parametrize(
    "frame",
    [
        {"is": "piece"},
        {"is": "piece", "text": "a", "tokens": [["a"]]},
        {"is": "piece", "text": "a", "tokens": [["€", 0.0, []]]},
        {"is": "piece", "text": "a", "tokens": [["a", "much", []]]},
        {"is": "call", "call": "c", "name": "f", "arguments": "x"},
        {"is": "call", "name": "f", "arguments": {}},
        {"is": "thought"},
    ],
)
def test_nonsense_is_not_understood(frame: dict[str, object]):
    with pytest.raises((KeyError, TypeError, ValueError)):
        said_of(frame)


def test_the_end_says_all_that_is_known():
    end = finished_of(
        {"reason": "stop", "prompt_tokens": 5, "completion_tokens": 3, "queued_s": 0, "reading_s": 1,
         "writing_s": 2, "cached_tokens": 4, "drafted_tokens": 9, "accepted_tokens": 8,
         "dropped_turns": 1, "cut_tokens": 2, "stop_text": "END", "context": [1, 2]},
        model="m",
    )  # fmt: skip

    assert end == Finished(
        FinishReason.STOP, "m", 5, 3, 0.0, 1.0, 2.0, cached_tokens=4, drafted_tokens=9,
        accepted_tokens=8, dropped_turns=1, cut_tokens=2, stop_text="END", context=(1, 2),
    )  # fmt: skip
