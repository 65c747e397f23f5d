"""The evaluation questions, and which texts count as one of them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
