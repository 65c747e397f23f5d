"""The model reads an instruction, then questions and answers in turn."""

from dataclasses import replace

from appliance.chat.model import AnswerOptions, Message, MessageRole, MessageState
from appliance.chat.prompting import Script, sampling_of, script_of
from appliance.engine.text.model import Sampling, Turn
from tests.fakes.clock import DEFAULT_START

QUESTION = Message(
    id="m",
    conversation_id="c",
    parent_id=None,
    position=1,
    role=MessageRole.USER,
    content="¿Cuánto es 2 + 2?",
    state=MessageState.DONE,
    created_at=DEFAULT_START,
)
ANSWER = replace(QUESTION, id="a", role=MessageRole.ASSISTANT, content="4")
NEW = replace(ANSWER, id="new", content="")


def turns_of(path: list[Message], language: str = "es") -> tuple[Turn, ...]:
    return script_of(path, NEW, language=language).turns


def test_the_conversation_follows_the_instruction() -> None:
    turns = turns_of([QUESTION, ANSWER, replace(QUESTION, content="¿Y 3?")])

    assert [(turn.role, turn.content) for turn in turns[1:]] == [
        ("user", "¿Cuánto es 2 + 2?"),
        ("assistant", "4"),
        ("user", "¿Y 3?"),
    ]


def test_the_instruction_names_the_product_in_the_persons_language() -> None:
    assert turns_of([QUESTION])[0].content.startswith("Eres Nodo")
    assert turns_of([QUESTION], "en")[0].content.startswith("You are Nodo")
    assert turns_of([QUESTION], "fr")[0].content.startswith("You are Nodo")


def test_an_answer_without_text_leaves_one_turn_of_two_questions() -> None:
    failed = replace(ANSWER, content="", state=MessageState.FAILED)

    turns = turns_of([QUESTION, failed, replace(QUESTION, content="¿Hola?")])

    assert [turn.content for turn in turns[1:]] == ["¿Cuánto es 2 + 2?\n\n¿Hola?"]


def test_options_replace_what_the_engine_does_by_default() -> None:
    options = AnswerOptions(temperature=0.0, top_p=0.5, top_k=0, max_tokens=7, seed=3)

    assert sampling_of(options) == Sampling(
        temperature=0.0, top_p=0.5, top_k=0, max_tokens=7, seed=3
    )
    assert sampling_of(AnswerOptions()) == Sampling()


def test_an_answer_with_text_is_what_the_model_goes_on_with() -> None:
    script = script_of([QUESTION], replace(NEW, content="Son "), language="es")

    assert script.turns[1:] == (Turn("user", "¿Cuánto es 2 + 2?"), Turn("assistant", "Son "))
    assert script.first_messages == ("m", "new")


def test_the_first_message_that_is_read_is_the_first_one_of_the_turns_that_were_kept() -> None:
    failed = replace(ANSWER, id="f", content="", state=MessageState.FAILED)
    again, last = replace(QUESTION, id="m2"), replace(QUESTION, id="m3")
    script = script_of([QUESTION, failed, again, ANSWER, last], NEW, language="es")

    assert script.first_messages == ("m", "a", "m3")
    assert script.read_from(dropped_turns=0, is_whole=True) is None
    assert script.read_from(dropped_turns=0, is_whole=False) == "m"
    assert script.read_from(dropped_turns=2, is_whole=True) == "m3"


def test_without_any_turn_nothing_can_be_left_out() -> None:
    assert Script((), ()).read_from(dropped_turns=3, is_whole=False) is None
