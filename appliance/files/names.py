"""The name of a file as people see it: one line without tricks, whatever came in."""

import unicodedata
from collections.abc import Mapping

from appliance.files.model import LONGEST_NAME_CHARACTERS

_NAMELESS = "file"
_HALF_PAIRS = range(0xD800, 0xE000)
_LONGEST_ENDING = 12
# Both are separators for somebody: what stands before the last one is a folder of the sender's.
_SEPARATORS: Mapping[int, str] = {ord("\\"): "/"}
# Characters that show a name in another order than it has, such as "gpj.exe" for "exe.jpg".
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def display_name(sent: str) -> str:
    """Return the name to show and to give back: its last part, on one line, not too long.

    It is only ever shown and sent; on our disk the content has a name of its own.
    """
    last = sent.translate(_SEPARATORS).rsplit("/", 1)[-1]
    visible = "".join(character if _is_fit(character) else " " for character in last)
    name = " ".join(unicodedata.normalize("NFC", visible).split()).strip(". ")
    return _shortened(name) or _NAMELESS


def ending_of(name: str) -> str:
    """Return what stands after the name's last dot, in lower case; empty without one."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def _is_fit(character: str) -> bool:
    if character in _TURNING or ord(character) in _HALF_PAIRS:
        return False
    # Cc: control characters; Zl, Zp: further ends of lines; Cf stays but for the above: some
    # scripts and emoji need joiners.
    return unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Co", "Cn"}


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME_CHARACTERS:
        return name
    ending = ending_of(name)
    tail = f"….{ending}" if 0 < len(ending) <= _LONGEST_ENDING else "…"
    return name[: LONGEST_NAME_CHARACTERS - len(tail)].rstrip() + tail
