"""Regular expressions of JSON Schema as grammar of the text inside a JSON string.

Supported is what describes a text from left to right: characters, classes, groups, choices,
repetitions, and the anchors at both ends. Source: ECMA-262, "Patterns".
"""

from collections.abc import Mapping, Sequence

from appliance.base.errors import InvalidValueError
from appliance.engine.text.grammar import joined_ranges, other_ranges

Ranges = Sequence[tuple[int, int]]

_LONGEST = 1000
_DEEPEST = 20
_LAST_CHARACTER = 0x10FFFF
_DIGITS = ((0x30, 0x39),)
_WORDS = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES = ((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0))
_CLASSES: Mapping[str, Ranges] = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_CONTROLS: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_HEX: Mapping[str, int] = {"x": 2, "u": 4}
_DOT = other_ranges(((0x0A, 0x0A), (0x0D, 0x0D)))
# Written as they are inside a JSON string; all others are written with a backslash.
_PLAIN = other_ranges(((0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F), (0xD800, 0xDFFF)))
_SHORT: Mapping[int, str] = {
    0x22: '\\\\\\"',
    0x5C: "\\\\\\\\",
    0x0A: "\\\\n",
    0x0D: "\\\\r",
    0x09: "\\\\t",
}


def bad_pattern(pattern: str, reason: str) -> InvalidValueError:
    """Return the refusal of a pattern."""
    return InvalidValueError(
        f"The schema's pattern {pattern[:80]!r} cannot be used: {reason}.",
        code="bad_schema",
        hint="Characters, classes, groups, choices and repetitions are possible.",
    )


def pattern_grammar(pattern: str) -> str:
    """Return the grammar of the texts that match, as they stand inside a JSON string.

    Raises:
        InvalidValueError: If it is no regular expression, or one that looks around (`bad_schema`).
    """
    if len(pattern) > _LONGEST:
        raise bad_pattern(pattern, f"it has {len(pattern):,} characters")
    return _Reader(pattern).read()


def _characters(ranges: Ranges) -> str:
    """Return the grammar of one of these characters, inside a JSON string."""
    plain = [
        (max(first, low), min(last, high))
        for first, last in ranges
        for low, high in _PLAIN
        if max(first, low) <= min(last, high)
    ]
    body = "".join(_range(first, last) for first, last in plain)
    escaped = [
        f'"{text}"'
        for code, text in _SHORT.items()
        if any(first <= code <= last for first, last in ranges)
    ]
    ways = [*([f"[{body}]"] if body else []), *escaped]
    return ways[0] if len(ways) == 1 else f"({' | '.join(ways)})" if ways else "[]"


def _range(first: int, last: int) -> str:
    return f"\\U{first:08X}" if first == last else f"\\U{first:08X}-\\U{last:08X}"


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def read(self) -> str:
        grammar = self._choice(0)
        if self._at < len(self._pattern):
            raise self._refused("a bracket closes what is not open")
        return grammar

    def _choice(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise self._refused(f"it nests deeper than {_DEEPEST} groups")
        ways = [self._sequence(depth)]
        while self._next() == "|":
            self._at += 1
            ways.append(self._sequence(depth))
        return f"({' | '.join(ways)})"

    def _sequence(self, depth: int) -> str:
        parts: list[str] = []
        # What is not tied to an end may have anything there.
        is_free = depth == 0
        if is_free and self._next() == "^":
            self._at += 1
        elif is_free:
            parts.append(f"{_characters(_DOT)}*")
        is_tied = False
        while (mark := self._next()) and mark not in "|)":
            if mark == "$" and is_free and self._pattern[self._at + 1 : self._at + 2] in {"", "|"}:
                self._at += 1
                is_tied = True
                break
            parts.append(self._repeated(self._item(depth)))
        if is_free and not is_tied:
            parts.append(f"{_characters(_DOT)}*")
        return " ".join(parts)

    def _item(self, depth: int) -> str:
        mark = self._next()
        self._at += 1
        if mark == "(":
            return self._group(depth)
        if mark == "[":
            return _characters(self._class())
        if mark == ".":
            return _characters(_DOT)
        if mark == "\\":
            return _characters(self._escape())
        if mark in "^$*+?{":
            raise self._refused(f"{mark!r} stands where it cannot")
        return _characters(((ord(mark), ord(mark)),))

    def _group(self, depth: int) -> str:
        if self._next() == "?":
            if self._pattern[self._at + 1 : self._at + 2] != ":":
                raise self._refused("it looks around or names a group")
            self._at += 2
        inner = self._choice(depth + 1)
        if self._next() != ")":
            raise self._refused("a bracket is not closed")
        self._at += 1
        return inner

    def _class(self) -> Ranges:
        is_other = self._next() == "^"
        self._at += is_other
        ranges: list[tuple[int, int]] = []
        while (mark := self._next()) != "]":
            if not mark:
                raise self._refused("a class is not closed")
            first = self._member()
            is_range = self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] != "]"
            if is_range and len(first) == 1:
                self._at += 1
                last = self._member()
                ranges.append((first[0][0], last[0][1]))
            else:
                ranges += first
        self._at += 1
        joined = joined_ranges(ranges)
        return other_ranges(joined) if is_other else joined

    def _member(self) -> Ranges:
        mark = self._next()
        self._at += 1
        return self._escape() if mark == "\\" else ((ord(mark), ord(mark)),) if mark else ((0, 0),)

    def _escape(self) -> Ranges:
        mark = self._next()
        self._at += 1
        if mark.lower() in _CLASSES:
            ranges = _CLASSES[mark.lower()]
            return ranges if mark.islower() else other_ranges(ranges)
        if mark in _CONTROLS:
            return ((ord(_CONTROLS[mark]), ord(_CONTROLS[mark])),)
        if mark in _HEX:
            digits = self._pattern[self._at : self._at + _HEX[mark]]
            self._at += _HEX[mark]
            try:
                return ((int(digits, 16), int(digits, 16)),)
            except ValueError as error:
                raise self._refused("an escape is not complete") from error
        if not mark or mark.isalnum():
            raise self._refused(f"\\{mark} is not supported")
        return ((ord(mark), ord(mark)),)

    def _repeated(self, item: str) -> str:
        mark = self._next()
        if mark and mark in "*+?":
            self._at += 1
            repeat = mark
        elif mark == "{":
            end = self._pattern.find("}", self._at)
            repeat = self._pattern[self._at : end + 1].replace(" ", "")
            numbers = repeat[1:-1].split(",") if end >= 0 else [""]
            if len(numbers) > 2 or not all(n.isascii() and n.isdigit() for n in numbers if n):  # noqa: PLR2004  # {n,m}
                raise self._refused("a repetition cannot be read")
            if not numbers[0]:
                raise self._refused("a repetition has no number")
            self._at = end + 1
        else:
            return item
        if self._next() == "?":
            # Lazy or greedy: what matches is the same.
            self._at += 1
        return f"{item}{repeat}"

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _refused(self, reason: str) -> InvalidValueError:
        return bad_pattern(self._pattern, reason)
