"""What a conversation is called, from its first question, without asking a model."""

import re
import unicodedata
from collections.abc import Sequence

LONGEST_AUTOMATIC_TITLE = 60

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,3}[.)]\s+|```\w*\s*$)", re.MULTILINE)
_EMPHASIS = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")
# A block of code, closed or not, and the language that it names.
_CODE = re.compile(r"^[ \t]*(?P<fence>```+|~~~+)(?P<tongue>[\w+#-]*)[^\n]*\n(?P<code>.*?)"
                   r"(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)  # fmt: skip
_BLANKS = re.compile(r"\s+")
_WHOLE_TEXT_NEEDED = 2_000


def title_of(question: str, file_names: Sequence[str] = ()) -> str:
    """Return the question's first words: at most 60 characters, one line, without Markdown.

    Words count more than code: only a question that is nothing but code is called by its first
    line, and one that has no words at all by its first file.

    Args:
        question: What was asked.
        file_names: Of the files that came with it.
    """
    beginning = question.strip()[:_WHOLE_TEXT_NEEDED]
    titles = (_plain(_CODE.sub("\n", beginning)), _title_of_code(beginning), _plain(beginning))
    named = (_one_line(name) for name in file_names[:1])
    found = next((title for title in (*titles, *named) if title), _one_line(beginning))
    return _shortened(found)


def folded(text: str) -> str:
    """Return the text as searches compare it: without accents, capitals and double blanks."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _one_line(bare.casefold())


def _plain(text: str) -> str:
    return _one_line(_EMPHASIS.sub("", _LINE_START.sub("", _LINK.sub(r"\1", text))))


def _title_of_code(text: str) -> str:
    block = _CODE.search(text)
    if block is None:
        return ""
    lines = (_one_line(line) for line in block["code"].splitlines())
    first = next((line for line in lines if any(c.isalnum() for c in line)), "")
    return f"{block['tongue']}: {first}" if block["tongue"] and first else first


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _BLANKS.sub(" ", printable).strip()


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_AUTOMATIC_TITLE:
        return text
    room = text[: LONGEST_AUTOMATIC_TITLE - 1]
    whole_words = room if text[len(room)] == " " else room.rpartition(" ")[0]
    return (whole_words or room).rstrip(" ,;:.-–—") + "…"
