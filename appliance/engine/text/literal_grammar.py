"""Set texts as grammar."""

from collections.abc import Iterable


def literal(text: str) -> str:
    """Return the grammar of exactly this text."""
    return f'"{"".join(_written(character) for character in text)}"'


def literals(texts: Iterable[str]) -> str:
    """Return the grammar of any of these texts, with common beginnings in one.

    A long list would else be as many ways to read each character.
    """
    return _branch(sorted(set(texts)), 0)


def _branch(texts: list[str], start: int) -> str:
    """Return the ways on for sorted texts that are alike up to `start`."""
    shared = _shared_length(texts[0], texts[-1])
    head = literal(texts[0][start:shared]) if shared > start else ""
    if len(texts) == 1:
        return head or '""'
    ways: list[str] = []
    if len(texts[0]) == shared:
        ways.append('""')
        texts = texts[1:]
    while texts:
        mark = texts[0][shared]
        alike = [text for text in texts if text[shared] == mark]
        ways.append(_branch(alike, shared))
        texts = texts[len(alike) :]
    return f"{head} ({' | '.join(ways)})".strip()


def _shared_length(first: str, last: str) -> int:
    most = min(len(first), len(last))
    return next((i for i in range(most) if first[i] != last[i]), most)


def _written(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
