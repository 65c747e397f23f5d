"""The part of a text in which something was found, with the finds marked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.chat.search_terms import Term
from appliance.chat.words import Word, words_of

_BEFORE_CHARACTERS = 40
_AFTER_CHARACTERS = 160
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Fragment:
    """A piece of a snippet; those that are hits were looked for."""

    text: str
    hit: bool


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    term: Term


def snippet_of(text: str, terms: Sequence[Term]) -> tuple[Fragment, ...]:
    """Return one line of the text around the place where most terms stand together.

    What is found is marked in the text as it is written, with its accents and capitals.
    """
    words = list(words_of(text))
    hits = sorted(_hits(words, terms), key=lambda hit: (hit.start, -hit.end))
    centre = _centre(hits, most_terms=len(terms))
    start, end = _window(len(text), words, centre)
    fragments = [Fragment("…", hit=False)] if start > 0 else []
    at = start
    for hit in hits:
        if at <= hit.start < end:
            fragments.append(Fragment(text[at : hit.start], hit=False))
            at = min(hit.end, end)
            fragments.append(Fragment(text[hit.start : at], hit=True))
    fragments.append(Fragment(text[at:end], hit=False))
    fragments.extend([Fragment("…", hit=False)] if end < len(text) else [])
    return tuple(_joined(fragments))


def _hits(words: Sequence[Word], terms: Sequence[Term]) -> Iterator[_Hit]:
    folded = [word.folded for word in words]
    for term in terms:
        length = len(term.words)
        for first in range(len(words) - length + 1):
            if term.matches(tuple(folded[first : first + length])):
                yield _Hit(words[first].start, words[first + length - 1].end, term)


def _centre(hits: Sequence[_Hit], *, most_terms: int) -> int:
    """Return where the first hit of the densest place stands; 0 if there is none."""
    best, most = 0, 0
    for index, hit in enumerate(hits):
        near = {other.term for other in _near(hits, index)}
        if len(near) > most:
            best, most = hit.start, len(near)
        if most == most_terms:
            break
    return best


def _near(hits: Sequence[_Hit], index: int) -> Iterator[_Hit]:
    """Yield a hit and those that a snippet around it shows as well."""
    end = hits[index].start + _AFTER_CHARACTERS
    for other in range(index, len(hits)):
        if hits[other].start >= end:
            return
        yield hits[other]


def _window(length: int, words: Sequence[Word], centre: int) -> tuple[int, int]:
    """Return where the snippet begins and ends: between words where there are some."""
    earliest, latest = centre - _BEFORE_CHARACTERS, centre + _AFTER_CHARACTERS
    starts = (word.start for word in words if earliest <= word.start <= centre)
    start = 0 if earliest <= 0 else next(starts, centre)
    if latest >= length:
        return start, length
    ends = [word.end for word in words if centre < word.end <= latest]
    return start, ends[-1] if ends else latest


def _joined(fragments: Sequence[Fragment]) -> Iterator[Fragment]:
    """Yield the fragments in one line, neighbours of a kind as one, empty ones left out."""
    text, hit = "", False
    for fragment in fragments:
        if fragment.hit != hit:
            if text:
                yield Fragment(_BLANKS.sub(" ", text), hit)
            text, hit = "", fragment.hit
        text += fragment.text
    if text:
        yield Fragment(_BLANKS.sub(" ", text), hit)
