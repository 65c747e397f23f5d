"""Texts as searches see them: words without accents and capitals, and where each one stands."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Longer ones are names of files, keys, or no words at all: their beginning finds them.
LONGEST_WORD_CHARACTERS = 64
# Accents that follow their letter belong to its word (Unicode blocks of combining marks).
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"(?:[^\w\n]|_)+")
# The one mark that folds to a letter (COMBINING GREEK YPOGEGRAMMENI): it is a mark all the same.
_MARK_WITH_LETTER = "\u0345"


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
    matches = list(_WORD.finditer(text))
    for folded, match in zip(_folded(match.group() for match in matches), matches, strict=True):
        if folded:
            yield Word(folded, match.start(), match.end())


def folded_words_of(text: str) -> list[str]:
    """Return the words of a text as searches compare them, for who needs no places."""
    return [folded for folded in _folded(_WORD.findall(text)) if folded]


def _folded(words: Iterable[str]) -> list[str]:
    # All at once: called for each word, the same takes many times as long. Nothing of it looks
    # beyond a line, and no character becomes a line's end.
    lines = "\n".join(words)
    if lines.isascii():
        folded = lines.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", lines).replace(_MARK_WITH_LETTER, "")
        folded = _NEITHER_LETTER_NOR_DIGIT.sub("", decomposed.casefold())
    return [word[:LONGEST_WORD_CHARACTERS] for word in folded.split("\n")] if lines else []
