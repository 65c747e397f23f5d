"""What a conversation is called, from its first question, without asking a model."""

import re
import unicodedata

LONGEST_AUTOMATIC_TITLE = 60

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,3}[.)]\s+|```\w*\s*$)", re.MULTILINE)
_EMPHASIS = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")
_BLANKS = re.compile(r"\s+")
_WHOLE_TEXT_NEEDED = 2_000


def title_of(question: str) -> str:
    """Return the question's first words: at most 60 characters, one line, without Markdown.

    Args:
        question: Not blank.
    """
    beginning = question.strip()[:_WHOLE_TEXT_NEEDED]
    plain = _one_line(_EMPHASIS.sub("", _LINE_START.sub("", _LINK.sub(r"\1", beginning))))
    return _shortened(plain or _one_line(beginning))


def folded(text: str) -> str:
    """Return the text as searches compare it: without accents, capitals and double blanks."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _one_line(bare.casefold())


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _BLANKS.sub(" ", printable).strip()


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_AUTOMATIC_TITLE:
        return text
    room = text[: LONGEST_AUTOMATIC_TITLE - 1]
    whole_words = room if text[len(room)] == " " else room.rpartition(" ")[0]
    return (whole_words or room).rstrip(" ,;:.-–—") + "…"
