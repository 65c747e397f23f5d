"""Texts as searches see them: words without accents and capitals, and where each one stands."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Longer ones are names of files, keys, or no words at all: their beginning finds them.
LONGEST_WORD_CHARACTERS = 64
# Accents that follow their letter belong to its word (Unicode blocks of combining marks).
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")


@dataclass(frozen=True)
class Word:
    """A word of a text.

    Attributes:
        folded: As searches compare it: letters and digits only, in small letters.
        start: Where it begins in the text.
        end: Where it has ended.
    """

    folded: str
    start: int
    end: int


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of a text, from first to last."""
    for match in _WORD.finditer(text):
        folded = _folded(match.group())
        if folded:
            yield Word(folded[:LONGEST_WORD_CHARACTERS], match.start(), match.end())


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(c for c in bare.casefold() if c.isalnum())
