"""Proof that the training text holds none of the evaluation questions."""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.demo.dialogues import Message, dialogues

if TYPE_CHECKING:
    from collections.abc import Iterable

QUESTIONS = Path(__file__).with_name("questions.toml")


@dataclass(frozen=True, slots=True)
class Question:
    """One evaluation question.

    Attributes:
        id: For example `es-07`.
        language: `es` or `en`.
        topic: What it is about.
        question: Its text.
        keywords: An answer on topic contains one of these, compared without case and accents.
    """

    id: str
    language: str
    topic: str
    question: str
    keywords: tuple[str, ...]


class HeldOutQuestionError(Exception):
    """The generator wrote an evaluation question, so the evaluation would not be honest."""


def load_questions(path: Path = QUESTIONS) -> list[Question]:
    """Return the evaluation questions in the file's order."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["questions"]
    return [Question(**{**row, "keywords": tuple(row["keywords"])}) for row in rows]


def normalised(text: str) -> str:
    """Return the words of a text without case, accents and punctuation, one space between them."""
    plain = "".join(
        c for c in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(c) != "Mn"
    )
    return " ".join(re.findall(r"\w+", plain))


def held_out(questions: Iterable[Question]) -> frozenset[str]:
    """Return the normalised questions, which training must not see."""
    return frozenset(normalised(question.question) for question in questions)


def refuse_held_out(dialogue: Iterable[Message], kept_back: frozenset[str]) -> None:
    """Do nothing if the dialogue holds no evaluation question.

    Raises:
        HeldOutQuestionError: If one of its messages is an evaluation question.
    """
    for message in dialogue:
        if normalised(message.content) in kept_back:
            hint = f"the generator wrote the evaluation question {message.content!r}; change its templates"
            raise HeldOutQuestionError(hint)


def main() -> None:
    """Check the first dialogues of one seed and say how many were read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200_000, help="how many dialogues to read")
    options = parser.parse_args()
    kept_back = held_out(load_questions())
    for dialogue in itertools.islice(dialogues(options.seed), options.count):
        refuse_held_out(dialogue, kept_back)
    sys.stdout.write(
        f"{options.count} dialogues of seed {options.seed} hold none of {len(kept_back)} questions\n"
    )


if __name__ == "__main__":
    main()
