"""The same request in looser words: small words exchanged, added or left out, parts turned round."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from models.demo.chance import happens
from models.demo.facts import CONTENT

if TYPE_CHECKING:
    import random

    from models.demo.facts import Language


@cache
def _small_words() -> dict[str, dict[str, Any]]:
    return tomllib.loads((CONTENT / "small_words.toml").read_text(encoding="utf-8"))


def reworded(question: str, language: Language, rng: random.Random) -> str:
    """Return the question with some small words changed; the words that carry it stay.

    The result is often clumsy. It teaches the model to find the words that matter wherever they
    stand, so that it understands wordings that nobody wrote down.
    """
    small = _small_words()[language]
    if happens(0.3, rng):
        question = _with_other_small_words(question, small["exchanged"], rng)
    if happens(0.3, rng):
        question = _with_insertion(question, small["inserted"], rng)
    if happens(0.12, rng):
        question = _turned_round(question, rng)
    if happens(0.08, rng):
        question = rng.choice(small["before"]) + question
    elif happens(0.08, rng):
        question += rng.choice(small["after"])
    return question


def _with_other_small_words(question: str, small: list[str], rng: random.Random) -> str:
    words = [
        word
        if word.strip("¿?,.").lower() not in small or happens(0.6, rng)
        else rng.choice([*small[:40], ""])
        for word in question.split(" ")
    ]
    return " ".join(word for word in words if word)


def _with_insertion(question: str, small: list[str], rng: random.Random) -> str:
    words = question.split(" ")
    for _ in range(rng.choice([1, 1, 2])):
        words.insert(rng.randint(0, len(words)), rng.choice(small))
    return " ".join(words)


def _turned_round(question: str, rng: random.Random) -> str:
    words = question.strip("¿?").split(" ")
    at = rng.randint(0, len(words))
    return " ".join([*words[at:], *words[:at]]) + rng.choice(["", "?"])
