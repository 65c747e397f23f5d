"""Numbers between two bounds as grammar: which digits may follow which, as pure rules."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

# JSON numbers of more digits are no longer exact where they are read.
_MOST_DIGITS = 15
_FRACTION = f'("." [0-9]{{1,{_MOST_DIGITS}}})?'
ANY_INTEGER = f'"-"? ("0" | [1-9] [0-9]{{0,{_MOST_DIGITS - 1}}})'
ANY_NUMBER = f"{ANY_INTEGER} {_FRACTION} ([eE] [-+]? [0-9]{{1,2}})?"


@dataclass(frozen=True)
class Bounds:
    """What a number must keep to; None is no bound on that side."""

    least: Decimal | None = None
    most: Decimal | None = None
    is_least_allowed: bool = True
    is_most_allowed: bool = True

    @property
    def are_none(self) -> bool:
        """Return whether every number keeps to them."""
        return self.least is None and self.most is None


def integer_grammar(bounds: Bounds) -> str:
    """Return the grammar of whole numbers within bounds; empty if there is none."""
    return ANY_INTEGER if bounds.are_none else _with_signs(bounds, _whole_ways)


def number_grammar(bounds: Bounds) -> str:
    """Return the grammar of numbers within bounds; empty if there is none.

    It has no exponents where there are bounds: digits alone tell how large a number is.
    """
    return ANY_NUMBER if bounds.are_none else _with_signs(bounds, _real_ways)


def _with_signs(bounds: Bounds, ways_of: Callable[[Bounds], list[str]]) -> str:
    mirrored = _mirrored(bounds)
    ways = ways_of(_from_zero(bounds)) if bounds.most is None or bounds.most >= 0 else []
    if mirrored.most is None or mirrored.most > 0:
        ways += [f'"-" {way}' for way in ways_of(_from_zero(mirrored))]
    return " | ".join(ways)


def _mirrored(bounds: Bounds) -> Bounds:
    """Return the bounds of the same numbers with the other sign."""
    return Bounds(
        None if bounds.most is None else -bounds.most,
        None if bounds.least is None else -bounds.least,
        bounds.is_most_allowed,
        bounds.is_least_allowed,
    )


def _from_zero(bounds: Bounds) -> Bounds:
    if bounds.least is not None and bounds.least >= 0:
        return bounds
    return Bounds(Decimal(0), bounds.most, is_most_allowed=bounds.is_most_allowed)


def _whole_ways(bounds: Bounds) -> list[str]:
    """Return the ways to write whole numbers from `bounds.least`, which is not below 0."""
    least = math.ceil(bounds.least or 0)
    if bounds.least == least and not bounds.is_least_allowed:
        least += 1
    if bounds.most is None:
        return _whole_from(least)
    most = math.floor(bounds.most)
    if bounds.most == most and not bounds.is_most_allowed:
        most -= 1
    return _whole_between(least, most)


def _whole_from(least: int) -> list[str]:
    digits = len(str(least))
    ways = _whole_between(least, 10**digits - 1)
    more = max(_MOST_DIGITS - 1, digits)
    return [*ways, f"[1-9] [0-9]{{{digits},{more}}}"]


def _whole_between(least: int, most: int) -> list[str]:
    ways: list[str] = []
    while least <= most:
        last = min(most, 10 ** len(str(least)) - 1)
        ways += _same_length(str(least), str(last))
        least = last + 1
    return ways


def _same_length(low: str, high: str) -> list[str]:
    """Return the ways to write the numbers from `low` to `high`, which have as many digits."""
    if low == high:
        return [f'"{low}"']
    rest = len(low) - 1
    if low[1:] == "0" * rest and high[1:] == "9" * rest:
        tail = f" [0-9]{{{rest}}}" if rest else ""
        return [f"[{low[0]}-{high[0]}]{tail}"]
    if low[0] == high[0]:
        return [f'"{low[0]}" {way}' for way in _same_length(low[1:], high[1:])]
    ways = [f'"{low[0]}" {way}' for way in _same_length(low[1:], "9" * rest)]
    if int(high[0]) - int(low[0]) > 1:
        ways.append(f"[{int(low[0]) + 1}-{int(high[0]) - 1}] [0-9]{{{rest}}}")
    return ways + [f'"{high[0]}" {way}' for way in _same_length("0" * rest, high[1:])]


def _real_ways(bounds: Bounds) -> list[str]:
    """Return the ways to write numbers from `bounds.least`, which is not below 0."""
    least = bounds.least or Decimal(0)
    low, low_digits = _parts(least)
    above = [f'"{low}" {way}' for way in _at_least(low_digits, is_allowed=bounds.is_least_allowed)]
    if bounds.most is None:
        return above + [f"({way}) {_FRACTION}" for way in _whole_from(low + 1)]
    high, high_digits = _parts(bounds.most)
    if low == high:
        return _within_one(low, low_digits, high_digits, bounds)
    if low > high:
        return []
    below = _at_most(high_digits, is_allowed=bounds.is_most_allowed)
    between = [f"({way}) {_FRACTION}" for way in _whole_between(low + 1, high - 1)]
    return above + between + [f'"{high}" {way}'.rstrip() for way in below]


def _parts(number: Decimal) -> tuple[int, str]:
    """Return what is before the point, and the digits behind it."""
    whole = int(number)
    text = format(number - whole, "f").partition(".")[2].rstrip("0")
    return whole, text


def _at_least(digits: str, *, is_allowed: bool) -> list[str]:
    """Return the fractions that are `digits` or more, or more only."""
    if not digits and is_allowed:
        return [_FRACTION]
    ways = [
        f'"." {_text(digits[:i])} [{int(digit) + 1}-9] [0-9]{{0,9}}'
        for i, digit in enumerate(digits)
        if digit != "9"
    ]
    more = f'"." {_text(digits)} [0-9]{{0,9}}'
    return [*ways, more if is_allowed else f"{more} [1-9]"]


def _at_most(digits: str, *, is_allowed: bool) -> list[str]:
    """Return the fractions that are `digits` or less, or less only; the empty one too."""
    ways = [
        f'"." {_text(digits[:i])} [0-{int(digit) - 1}] [0-9]{{0,9}}'
        for i, digit in enumerate(digits)
        if digit != "0"
    ]
    if digits:
        ways.append("")
    if is_allowed:
        ways.append(f'"." {_text(digits)} "0"{{0,9}}' if digits else '("." "0"{1,9})?')
    return ways


def _within_one(whole: int, low: str, high: str, bounds: Bounds) -> list[str]:
    """Return the ways where both bounds begin with the same whole number."""
    # One digit more than the bounds have, so that there is something between any two of them.
    width = max(len(low), len(high)) + 1
    first = int(low.ljust(width, "0")) + (not bounds.is_least_allowed)
    last = int(high.ljust(width, "0")) - (not bounds.is_most_allowed)
    if first > last:
        return []
    ways = _same_length(str(first).zfill(width), str(last).zfill(width))
    exact = [""] if not low and bounds.is_least_allowed else []
    return [f'"{whole}"' for _ in exact] + [f'"{whole}." {way}' for way in ways]


def _text(digits: str) -> str:
    return f'"{digits}"' if digits else ""
