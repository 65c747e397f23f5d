"""The demo model's file, its questions, its training text and, where llama.cpp is installed, its answers."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.demo import bpe
from models.demo.check_questions import HeldOutQuestionError, refuse_held_out
from models.demo.dialogues import Message, dialogues
from models.demo.habits import typed
from models.demo.questions import held_out, load_questions, normalised
from models.demo.templates import TemplateError, spun
from tests.models.gguf_header import read_metadata

GGUF = Path(__file__).parents[2] / "models" / "demo" / "nodo-demo.gguf"


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    return read_metadata(GGUF)


@pytest.fixture(scope="module")
def llama() -> Any:
    llama_cpp = pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    return llama_cpp.Llama(str(GGUF), n_ctx=512, n_threads=1, verbose=False)


def reply(llama: Any, question: str) -> tuple[str, str]:
    choice = llama.create_chat_completion(
        [{"role": "user", "content": question}], max_tokens=60, temperature=0
    )
    return choice["choices"][0]["message"]["content"], choice["choices"][0]["finish_reason"]


def test_the_file_stays_small_enough_for_the_repository() -> None:
    assert GGUF.stat().st_size <= 12_000_000


def test_the_header_says_what_the_model_is(metadata: dict[str, Any]) -> None:
    keys = [
        "general.architecture",
        "general.name",
        "general.license",
        "general.languages",
        "tokenizer.ggml.pre",
    ]

    assert [metadata[key] for key in keys] == [
        "qwen2",
        "Nodo demo",
        "apache-2.0",
        ["es", "en"],
        "qwen2",
    ]


def test_an_answer_ends_with_the_end_of_the_turn(metadata: dict[str, Any]) -> None:
    assert (
        metadata["tokenizer.ggml.tokens"][metadata["tokenizer.ggml.eos_token_id"]] == "<|im_end|>"
    )


def test_there_are_fifty_questions_in_each_language() -> None:
    assert Counter(question.language for question in load_questions()) == {"es": 50, "en": 50}


def test_every_question_has_keywords_and_an_id_of_its_own() -> None:
    questions = load_questions()

    assert len({question.id for question in questions}) == 100
    assert all(question.keywords for question in questions)


def test_the_same_seed_writes_the_same_dialogues() -> None:
    once = list(itertools.islice(dialogues(7), 200))

    assert list(itertools.islice(dialogues(7), 200)) == once


def test_another_seed_writes_other_dialogues() -> None:
    assert list(itertools.islice(dialogues(7), 20)) != list(itertools.islice(dialogues(8), 20))


def test_the_generator_never_writes_an_evaluation_question() -> None:
    kept_back = held_out(load_questions())

    written = {normalised(m.content) for d in itertools.islice(dialogues(1), 5_000) for m in d}

    assert written & kept_back == set()


def test_an_evaluation_question_in_the_training_text_is_refused() -> None:
    kept_back = held_out(load_questions())

    with pytest.raises(HeldOutQuestionError, match="estación hace MÁS calor"):
        refuse_held_out(
            [Message("user", "en que estación hace MÁS calor, invierno o verano")], kept_back
        )


def test_every_dialogue_ends_with_an_answer() -> None:
    endings = {dialogue[-1].role for dialogue in itertools.islice(dialogues(3), 500)}

    assert endings == {"assistant"}


def test_no_slot_or_alternative_is_left_in_the_training_text() -> None:
    text = "\n".join(m.content for d in itertools.islice(dialogues(4), 2_000) for m in d)

    assert [mark for mark in ("<place>", "<theme>", "<object>", "(|", "|)") if mark in text] == []


def test_a_template_gives_each_of_its_wordings() -> None:
    rng = random.Random(1)

    assert {spun("(a|b (c|))!", rng) for _ in range(50)} == {"a!", "b c!", "b!"}


def test_a_template_with_an_open_parenthesis_is_refused() -> None:
    with pytest.raises(TemplateError, match="unmatched"):
        spun("(a|b", random.Random(1))


def test_typing_keeps_a_question_recognisable() -> None:
    rng = random.Random(2)

    wordings = {typed("¿qué es nodo?", rng) for _ in range(100)}

    assert "que es nodo" in wordings
    assert "¿Qué es nodo?" in wordings


def test_words_joined_again_are_the_text() -> None:
    text = "¡Hola!  ¿Qué tal,\n\n Ñandú 123 «x» it's\t½ 🙂?"

    assert "".join(bpe.split_words(text)) == text


def test_a_learnt_vocabulary_gives_texts_back() -> None:
    tokenizer = bpe.learn(["hola hola hola", "hello hello"], vocabulary=270)

    assert tokenizer.decode(tokenizer.encode("hola, 你好")) == "hola, 你好"


def test_our_tokens_are_those_of_llama_cpp(llama: Any, metadata: dict[str, Any]) -> None:
    merges = [tuple(pair.split(" ")) for pair in metadata["tokenizer.ggml.merges"]]
    tokenizer = bpe.Tokenizer(metadata["tokenizer.ggml.tokens"], merges)
    odd = [
        "  a\t b\r\n\n",
        "½²Ⅳ 3,14 €5",
        "it's we'LL",
        "日本語 🙂👍🏽",
        "a_b __x;",
        "ñ\u0301 «no»…",
        "<|im_end|>",
    ]
    texts = odd + [m.content for d in itertools.islice(dialogues(99), 120) for m in d]

    theirs = [llama.tokenize(text.encode(), add_bos=False, special=False) for text in texts]

    assert [tokenizer.encode(text) for text in texts] == theirs


def test_the_model_greets_in_spanish_and_ends_its_turn(llama: Any) -> None:
    answer, ending = reply(llama, "Hola")

    assert "Hola" in answer
    assert ending == "stop"


def test_the_model_greets_in_english_and_ends_its_turn(llama: Any) -> None:
    answer, ending = reply(llama, "Hello")

    assert "Hello" in answer
    assert ending == "stop"
