"""What somebody looks for: each term must be found, the last one may be half typed."""

import re
from dataclasses import dataclass

from appliance.chat.words import words_of

_MOST_TERMS = 16
_MOST_WORDS_OF_TERM = 32
_QUOTES = str.maketrans("“”„«»", '"""""')
_PART = re.compile(r'"(?P<quoted>[^"]*)(?P<closed>"?)|(?P<plain>[^\s"]+)')


@dataclass(frozen=True)
class Term:
    """Words that must follow each other.

    Attributes:
        words: As `words_of` folds them; at least one.
        is_prefix: Whether the last word may go on.
    """

    words: tuple[str, ...]
    is_prefix: bool

    def matches(self, words: tuple[str, ...]) -> bool:
        """Return whether these words, as many as the term has, are the term."""
        *before, last = self.words
        if words[:-1] != tuple(before):
            return False
        return words[-1].startswith(last) if self.is_prefix else words[-1] == last


def terms_of(query: str) -> tuple[Term, ...]:
    """Return what a query asks for; nothing if it has no word.

    Words in quotes must follow each other, and so must the parts of something like `3,14` or
    `ana@taller.example`. The last word is taken as half typed unless its quotes are closed.
    """
    terms: list[Term] = []
    for part in _PART.finditer(query.translate(_QUOTES)):
        text = part["plain"] or part["quoted"] or ""
        words = tuple(word.folded for word in words_of(text))[:_MOST_WORDS_OF_TERM]
        if words:
            terms = [Term(term.words, is_prefix=False) for term in terms]
            terms.append(Term(words, is_prefix=not part["closed"]))
    return tuple(terms[:_MOST_TERMS])
