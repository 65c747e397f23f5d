"""Answers are parted into thoughts, calls and text, however their bytes come."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.model import Piece, Thought, ToolCall, ToolCalled
from appliance.engine.text.said_frames import joined
from appliance.engine.text.stopping import StopTexts
from appliance.engine.text.tool_calls import HERMES, LLAMA, MISTRAL, CallNotation
from appliance.engine.text.transcript import Reading, Said, Transcript

THINKS = Reading(may_think=True)


def heard(text: str, reading: Reading, *, cut: int = 1, stop: Sequence[str] = ()) -> list[Said]:
    """Return what a text says if its bytes come `cut` at a time, with pieces joined."""
    numbers = count(1)
    transcript = Transcript(reading, StopTexts(stop), new_call_id=lambda: f"call_{next(numbers)}")
    data = text.encode()
    said: list[Said] = []
    for start in range(0, len(data), cut):
        said += transcript.hear(data[start : start + cut])
    said += transcript.end()
    return together(said)


def together(said: list[Said]) -> list[Said]:
    whole: list[Said] = []
    for one in said:
        both = joined(whole[-1], one) if whole else None
        whole = [*whole[:-1], both] if both is not None else [*whole, one]
    return whole


def call(name: str, number: int = 1, **arguments: object) -> ToolCalled:
    return ToolCalled(ToolCall(f"call_{number}", name, arguments))


def calls(notation: CallNotation) -> Reading:
    return Reading(notation=notation)


@pytest.mark.parametrize("cut", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "reading", "said"),
    [
        ("Hola 🙂", Reading(), [Piece("Hola 🙂")]),
        ("<think>\nHm 🙂.\n</think>\n\nSí.", THINKS, [Thought("Hm 🙂.\n"), Piece("Sí.")]),
        ("\n<think>a</think>b", THINKS, [Thought("a"), Piece("b")]),
        ("<think>never closed", THINKS, [Thought("never closed")]),
        ("<thin air>", THINKS, [Piece("<thin air>")]),
        ("No <think>here</think>", THINKS, [Piece("No <think>here</think>")]),
        ("a</think>b", Reading(may_think=True, begins_in_thought=True),
         [Thought("a"), Piece("b")]),
        ('<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>', calls(HERMES),
         [call("f", x=1)]),
        (('Wait.\n<tool_call>{"name": "f", "arguments": {}}</tool_call>\n'
          '<tool_call>{"name": "g", "arguments": "{\\"y\\": []}"}</tool_call>\nDone'), calls(HERMES),
         [Piece("Wait.\n"), call("f"), call("g", 2, y=[]), Piece("Done")]),
        ('<tool_call>{"name": "f", "arguments": {}}', calls(HERMES), [call("f")]),
        ("a <tool_call>no json</tool_call> b", calls(HERMES),
         [Piece("a <tool_call>no json</tool_call> b")]),
        ("a <tool_cal", calls(HERMES), [Piece("a <tool_cal")]),
        ('<tool_call>{"name": "f"}</tool_call>', Reading(),
         [Piece('<tool_call>{"name": "f"}</tool_call>')]),
        ('[TOOL_CALLS][{"name": "f", "arguments": {"x": 1}}, {"name": "g", "arguments": {}}]',
         calls(MISTRAL), [call("f", x=1), call("g", 2)]),
        ('{"name": "f", "parameters": {"x": 1}}', calls(LLAMA), [call("f", x=1)]),
        ('{"no": "call"}', calls(LLAMA), [Piece('{"no": "call"}')]),
        ("plain", calls(LLAMA), [Piece("plain")]),
        ('<think>x</think>\n<tool_call>{"name": "f", "arguments": {}}</tool_call>',
         Reading(may_think=True, notation=HERMES), [Thought("x"), call("f")]),
        ("", Reading(), []),
    ],
)  # fmt: skip
def test_an_answer_says_what_it_says(text: str, reading: Reading, said: list[Said], cut: int):
    assert heard(text, reading, cut=cut) == said


@pytest.mark.parametrize("cut", [1, 4, 100])
def test_stop_texts_count_in_the_answer_and_not_in_thoughts(cut: int):
    text = "<think>END</think>yes END no"
    assert heard(text, THINKS, cut=cut, stop=["END"]) == [Thought("END"), Piece("yes ")]


def test_a_call_is_told_as_soon_as_it_is_whole():
    transcript = Transcript(calls(HERMES), StopTexts([]), new_call_id=lambda: "c")

    assert transcript.hear(b'Hi <tool_call>{"name": "f", ') == [Piece("Hi ")]
    assert transcript.hear(b'"arguments": {}}</tool_call>') == [ToolCalled(ToolCall("c", "f", {}))]


def test_arguments_can_always_be_told_on():
    half = r'<tool_call>{"name": "f", "arguments": {"x": "\ud83d!"}}</tool_call>'
    endless = '<tool_call>{"name": "f", "arguments": {"x": 1e999}}</tool_call>'

    assert heard(half, calls(HERMES)) == [call("f", x="?!")]
    assert heard(endless, calls(HERMES)) == [Piece(endless)]


def test_an_endless_call_is_told_as_text_after_all():
    said = heard("<tool_call>" + "x" * 400_000, calls(HERMES), cut=50_000)

    assert isinstance(said[0], Piece)
    assert sum(len(one.text) for one in said if isinstance(one, Piece)) == 400_011


@given(
    text=st.text(alphabet='<>/think[]{}tol_caTOL CS\n"🙂', max_size=60),
    cut=st.integers(1, 9),
    notation=st.sampled_from([None, HERMES, MISTRAL, LLAMA]),
)
def test_the_way_the_bytes_come_changes_nothing(text: str, cut: int, notation: CallNotation | None):
    reading = Reading(may_think=True, notation=notation)
    assert heard(text, reading, cut=cut) == heard(text, reading, cut=10_000)


@given(text=st.text(max_size=40), cut=st.integers(1, 5))
def test_nothing_of_a_plain_answer_is_lost(text: str, cut: int):
    text = text.encode("utf-8", "replace").decode()
    assert heard(text, Reading(), cut=cut) == ([Piece(text)] if text else [])


def test_bytes_that_are_no_text_show_as_such():
    transcript = Transcript(Reading(), StopTexts([]), new_call_id=lambda: "c")

    assert [*transcript.hear(b"a\xff\xe2\x82"), *transcript.end()] == [Piece("a�"), Piece("�")]
