"""The model reads an instruction, then questions and answers in turn."""

from dataclasses import replace

from appliance.chat.model import AnswerOptions, Message, MessageRole, MessageState
from appliance.chat.prompting import sampling_of, turns_of
from appliance.engine.text.model import Sampling
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
ANSWER = replace(QUESTION, role=MessageRole.ASSISTANT, content="4")


def test_the_conversation_follows_the_instruction() -> None:
    turns = turns_of([QUESTION, ANSWER, replace(QUESTION, content="¿Y 3?")], language="es")

    assert [(turn.role, turn.content) for turn in turns[1:]] == [
        ("user", "¿Cuánto es 2 + 2?"),
        ("assistant", "4"),
        ("user", "¿Y 3?"),
    ]


def test_the_instruction_names_the_product_in_the_persons_language() -> None:
    assert turns_of([QUESTION], language="es")[0].content.startswith("Eres Nodo")
    assert turns_of([QUESTION], language="en")[0].content.startswith("You are Nodo")
    assert turns_of([QUESTION], language="fr")[0].content.startswith("You are Nodo")


def test_an_answer_without_text_leaves_one_turn_of_two_questions() -> None:
    failed = replace(ANSWER, content="", state=MessageState.FAILED)

    turns = turns_of([QUESTION, failed, replace(QUESTION, content="¿Hola?")], language="es")

    assert [turn.content for turn in turns[1:]] == ["¿Cuánto es 2 + 2?\n\n¿Hola?"]


def test_options_replace_what_the_engine_does_by_default() -> None:
    options = AnswerOptions(temperature=0.0, top_p=0.5, top_k=0, max_tokens=7, seed=3)

    assert sampling_of(options) == Sampling(
        temperature=0.0, top_p=0.5, top_k=0, max_tokens=7, seed=3
    )
    assert sampling_of(AnswerOptions()) == Sampling()
