"""Grammars in GBNF, read with bounds: what cannot end, begins with itself or is too large is refused.

Source: llama.cpp, grammars/README.md. Tokens as terminals (`<[42]>`) are not supported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.base.errors import InvalidValueError

_LONGEST_TEXT = 256 * 1024
_MOST_ELEMENTS = 50_000
_MOST_REPEATS = 100_000
_DEEPEST = 40
_LONGEST_NUMBER = 7
_LAST_CHARACTER = 0x10FFFF
_ESCAPES: Mapping[str, str] = {
    "t": "\t",
    "r": "\r",
    "n": "\n",
    "\\": "\\",
    '"': '"',
    "[": "[",
    "]": "]",
    "-": "-",
}
_HEX_DIGITS: Mapping[str, int] = {"x": 2, "u": 4, "U": 8}
_SPACES = " \t"
_LINE_ENDS = "\r\n"
_REPEATS: Mapping[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


@dataclass(frozen=True)
class Characters:
    """One character out of these ranges, which are in order and do not touch."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reference:
    """What another rule matches."""

    rule: int


@dataclass(frozen=True)
class Repeat:
    """What another rule matches, several times; `most` None is without end."""

    rule: int
    least: int
    most: int | None


Element = Characters | Reference | Repeat
Way = tuple[Element, ...]
Alternatives = tuple[Way, ...]


@dataclass(frozen=True)
class Grammar:
    """Rules that refer to each other by number; the one numbered `root` is the whole text."""

    rules: tuple[Alternatives, ...]
    root: int


def bad_grammar(reason: str) -> InvalidValueError:
    """Return the refusal of a grammar."""
    return InvalidValueError(
        f"The grammar cannot be used: {reason}.",
        code="bad_grammar",
        hint="It must be GBNF whose rule `root` can end.",
    )


def grammar_of(text: str) -> Grammar:
    """Return the grammar that GBNF text says.

    Raises:
        InvalidValueError: If it is none, too large, begins with itself, or never ends
            (`bad_grammar`).
    """
    if len(text) > _LONGEST_TEXT:
        raise bad_grammar(f"it has {len(text):,} characters, more than {_LONGEST_TEXT:,}")
    rules, root = _Reader(text).read()
    able = _able_to_end(rules)
    if root not in able:
        raise bad_grammar("no text that it allows ever ends")
    # A way that never ends would trap the answer in it.
    rules = [tuple(way for way in ways if _ends(way, able)) for ways in rules]
    if _begins_with_itself(rules):
        raise bad_grammar("a rule begins with itself")
    return Grammar(tuple(rules), root)


class _Reader:
    """Reads one text, character by character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._numbers: dict[str, int] = {}
        self._rules: list[Alternatives | None] = []
        self._elements = 0

    def read(self) -> tuple[list[Alternatives], int]:
        self._skip(_SPACES + _LINE_ENDS)
        while self._at < len(self._text):
            self._read_rule()
            self._skip(_SPACES + _LINE_ENDS)
        if "root" not in self._numbers:
            raise bad_grammar("it has no rule named root")
        missing = [name for name, number in self._numbers.items() if self._rules[number] is None]
        if missing:
            raise bad_grammar(f"the rule {missing[0][:60]} is not there")
        return [rule for rule in self._rules if rule is not None], self._numbers["root"]

    def _read_rule(self) -> None:
        number = self._number_of(self._name())
        self._skip(_SPACES)
        self._expect("::=")
        self._skip(_SPACES + _LINE_ENDS)
        self._rules[number] = self._alternatives(0)
        if self._at < len(self._text) and self._text[self._at] not in _LINE_ENDS:
            raise self._unexpected()

    def _alternatives(self, depth: int) -> Alternatives:
        if depth > _DEEPEST:
            raise bad_grammar(f"it nests deeper than {_DEEPEST} groups")
        ways = [self._sequence(depth)]
        while self._next() == "|":
            self._at += 1
            self._skip(_SPACES + _LINE_ENDS)
            ways.append(self._sequence(depth))
        return tuple(ways)

    def _sequence(self, depth: int) -> Way:
        blanks = _SPACES + _LINE_ENDS if depth else _SPACES
        elements: list[Element] = []
        while (found := self._items(depth)) is not None:
            self._elements += len(found) + 1
            if self._elements > _MOST_ELEMENTS:
                raise bad_grammar(f"it has more than {_MOST_ELEMENTS:,} parts")
            elements += self._repeated(found)
            self._skip(blanks)
        return tuple(elements)

    def _items(self, depth: int) -> list[Element] | None:
        """Return what one item stands for: the characters of a text, or one element."""
        mark = self._next()
        if mark == '"':
            return list(self._literal())
        if mark == "[":
            return [self._class()]
        if mark == "(":
            self._at += 1
            self._skip(_SPACES + _LINE_ENDS)
            inner = self._alternatives(depth + 1)
            self._expect(")")
            return [Reference(self._add(inner))]
        if mark == ".":
            self._at += 1
            return [Characters(((0, _LAST_CHARACTER),))]
        if mark and _is_word(mark):
            return [Reference(self._number_of(self._name()))]
        return None

    def _repeated(self, items: list[Element]) -> list[Element]:
        mark = self._next()
        if mark in _REPEATS:
            self._at += 1
            least, most = _REPEATS[mark]
        elif mark == "{":
            least, most = self._bounds()
        else:
            return items
        if not items:
            return items
        *before, last = items
        rule = last.rule if isinstance(last, Reference) else self._add(((last,),))
        return [*before, Repeat(rule, least, most)]

    def _bounds(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        least, comma, most = self._text[self._at + 1 : end].replace(" ", "").partition(",")
        numbers = [
            int(n)
            for n in (least, most)
            if n.isascii() and n.isdigit() and len(n) <= _LONGEST_NUMBER
        ]
        if end < 0 or len(numbers) != bool(least) + bool(most) or not (least or most):
            raise self._unexpected()
        self._at = end + 1
        first = numbers[0] if least else 0
        last = numbers[-1] if most else (None if comma else first)
        if max(numbers) > _MOST_REPEATS or (last is not None and last < first):
            raise bad_grammar(f"{first} to {last} repetitions are not possible")
        return first, last

    def _literal(self) -> Iterator[Characters]:
        self._at += 1
        while self._next() != '"':
            code = ord(self._character())
            yield Characters(((code, code),))
        self._at += 1

    def _class(self) -> Characters:
        self._at += 1
        is_other = self._next() == "^"
        self._at += is_other
        ranges: list[tuple[int, int]] = []
        while self._next() != "]":
            first = last = ord(self._character())
            if self._next() == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                last = ord(self._character())
            ranges.append((first, last))
        self._at += 1
        joined = joined_ranges(ranges)
        return Characters(other_ranges(joined) if is_other else joined)

    def _character(self) -> str:
        mark = self._next()
        if not mark:
            raise bad_grammar("it ends in the middle of a text")
        self._at += 1
        if mark != "\\":
            return mark
        kind = self._next()
        self._at += 1
        if kind in _ESCAPES:
            return _ESCAPES[kind]
        digits = self._text[self._at : self._at + _HEX_DIGITS.get(kind, 0)]
        if not digits or len(digits) != _HEX_DIGITS[kind] or not _is_hex(digits):
            raise self._unexpected()
        self._at += len(digits)
        code = int(digits, 16)
        if code > _LAST_CHARACTER:
            raise self._unexpected()
        return chr(code)

    def _name(self) -> str:
        start = self._at
        while _is_word(self._next()):
            self._at += 1
        if start == self._at:
            raise self._unexpected()
        return self._text[start : self._at]

    def _number_of(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self._rules)
            self._rules.append(None)
        return self._numbers[name]

    def _add(self, ways: Alternatives) -> int:
        self._rules.append(ways)
        return len(self._rules) - 1

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, blanks: str) -> None:
        while (mark := self._next()) and (mark in blanks or mark == "#"):
            self._at += 1
            while mark == "#" and self._next() not in {"", *_LINE_ENDS}:
                self._at += 1

    def _expect(self, text: str) -> None:
        if not self._text.startswith(text, self._at):
            raise self._unexpected()
        self._at += len(text)

    def _unexpected(self) -> InvalidValueError:
        line = self._text.count("\n", 0, self._at) + 1
        found = self._text[self._at : self._at + 20].split("\n")[0]
        return bad_grammar(f"line {line} cannot be read at {found!r}")


def joined_ranges(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the same characters as ranges in order that do not touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(found for found in ranges if found[0] <= found[1]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def other_ranges(joined: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return all characters but these."""
    starts = [0, *(last + 1 for _, last in joined)]
    ends = [*(first - 1 for first, _ in joined), _LAST_CHARACTER]
    return tuple((a, b) for a, b in zip(starts, ends, strict=True) if a <= b)


def _able_to_end(rules: Sequence[Alternatives]) -> set[int]:
    """Return the rules that match at least one text."""
    able: set[int] = set()
    while True:
        more = {n for n, ways in enumerate(rules) if any(_ends(way, able) for way in ways)} - able
        if not more:
            return able
        able |= more


def _ends(way: Way, able: set[int]) -> bool:
    return all(
        bool(part.ranges)
        if isinstance(part, Characters)
        else part.rule in able or (isinstance(part, Repeat) and part.least == 0)
        for part in way
    )


def _may_be_empty(rules: Sequence[Alternatives]) -> set[int]:
    empty: set[int] = set()
    while True:
        more = {
            n for n, ways in enumerate(rules) if any(_is_empty(way, empty) for way in ways)
        } - empty
        if not more:
            return empty
        empty |= more


def _is_empty(way: Way, empty: set[int]) -> bool:
    return all(_may_vanish(part, empty) for part in way)


def _may_vanish(part: Element, empty: set[int]) -> bool:
    if isinstance(part, Characters):
        return False
    return part.rule in empty or (isinstance(part, Repeat) and part.least == 0)


def _begins_with_itself(rules: Sequence[Alternatives]) -> bool:
    empty = _may_be_empty(rules)
    begins = [{rule for way in ways for rule in _first_rules(way, empty)} for ways in rules]
    # Rules that begin with none that is left are taken away; what stays begins with itself.
    left = set(range(len(rules)))
    waiting: list[list[int]] = [[] for _ in rules]
    for number, first in enumerate(begins):
        for rule in first:
            waiting[rule].append(number)
    counts = [len(first) for first in begins]
    ready = [number for number in left if not counts[number]]
    while ready:
        done = ready.pop()
        left.discard(done)
        for number in waiting[done]:
            counts[number] -= 1
            if not counts[number]:
                ready.append(number)
    return bool(left)


def _first_rules(way: Way, empty: set[int]) -> Iterator[int]:
    for part in way:
        if isinstance(part, Characters):
            return
        yield part.rule
        if not _may_vanish(part, empty):
            return


def _is_word(mark: str) -> bool:
    return mark.isascii() and (mark.isalnum() or mark in {"-", "_"})


def _is_hex(digits: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in digits)
