"""How people really type: lower case, missing accents and question marks, slips of the finger."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from models.demo.chance import happens

if TYPE_CHECKING:
    import random

_KEPT_MARKS = {"ñ": "\x00", "Ñ": "\x01"}


def without_accents(text: str) -> str:
    """Return the text without accents; ñ stays."""
    for letter, mark in _KEPT_MARKS.items():
        text = text.replace(letter, mark)
    plain = "".join(
        c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn"
    )
    for letter, mark in _KEPT_MARKS.items():
        plain = plain.replace(mark, letter)
    return plain


def with_capital(text: str) -> str:
    """Return the text with its first letter in upper case, behind an opening mark too."""
    for at, letter in enumerate(text):
        if letter.isalpha():
            return text[:at] + letter.upper() + text[at + 1 :]
    return text


def with_slip(text: str, rng: random.Random) -> str:
    """Return the text with one letter swapped, lost or doubled inside one longer word."""
    words = [match.span() for match in re.finditer(r"[^\W\d_]{4,}", text)]
    if not words:
        return text
    start, end = rng.choice(words)
    at = rng.randrange(start + 1, end - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def without_a_word(text: str, rng: random.Random) -> str:
    """Return the text with one word left out, if it has at least four."""
    words = text.split(" ")
    if len(words) < 4:
        return text
    del words[rng.randrange(len(words))]
    return " ".join(words)


def carelessly_marked(text: str, rng: random.Random) -> str:
    """Return the text with the punctuation and accents that some person might bother to type."""
    if happens(0.45, rng):
        text = text.replace("¿", "").replace("¡", "")
    if happens(0.25, rng):
        text = text.rstrip("?!.")
    elif happens(0.12, rng) and text[-1:].isalpha():
        text += rng.choice([".", "!", "...", "?"])
    return without_accents(text) if happens(0.25, rng) else text


def typed(text: str, rng: random.Random) -> str:
    """Return the text as some person might type it."""
    if happens(0.65, rng):
        text = with_capital(text)
    if happens(0.05, rng):
        text = without_a_word(text, rng)
    if happens(0.12, rng):
        text = with_slip(text, rng)
    text = carelessly_marked(text, rng)
    if happens(0.2, rng):
        return text.lower()
    return text.upper() if happens(0.02, rng) else text
