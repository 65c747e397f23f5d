"""Taking secrets out of text before it is written anywhere."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

HIDDEN = "***"
# Each pattern can begin only where a word begins, and never goes back into it (`++`), so that
# long runs of letters cost linear time.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # A header's whole value: credentials and cookies have several parts.
        (
            (
                r"(?<![\w-])((?:proxy-)?authorization|(?:set-)?cookie)"
                r"([\"']?\s*+[:=]\s*+[\"']?)[^\"'\r\n]+"
            ),
            rf"\1\2{HIDDEN}",
        ),
        (r"(?<![\w-])(bearer|basic)\s++[\w.~+/=-]++", rf"\1 {HIDDEN}"),
        # JSON web tokens, and what `Ids.new_secret` makes: 32 bytes in base64url.
        (r"(?<![\w-])eyJ[\w-]++\.[\w-]++(?:\.[\w-]*+)?", HIDDEN),
        (r"(?<![\w-])[\w-]{43}(?![\w-])", HIDDEN),
        # Our own keys for programs, and those of well-known services.
        (r"(?<![\w-])nodo_[0-9a-f]{8}_[\w-]++", HIDDEN),
        (r"(?<![\w-])(?:sk|pk|rk|hf|ghp|gho|ghs|glpat|xoxb|xoxp)[-_][\w-]{12,}+", HIDDEN),
        (r"://[^\s/@\"']++@", f"://{HIDDEN}@"),
        (r"(?<![\w.+-])([\w+-])[\w.+-]*+@([\w-]++(?:\.[\w-]++)+)", r"\1…@\2"),
    )
)
# Whatever is assigned to a name: whether it is a secret, the name decides.
_ASSIGNMENT = re.compile(
    r"(?<![\w-])([\w-]++)([\"']?\s*+[:=]\s*+)"
    r"(?:\"[^\"\r\n]*+\"|'[^'\r\n]*+'|[^\s\"',;&)}\]]++)"
)
_SECRET_WORD = re.compile(
    r"passw|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|cookie|authorization"
    r"|^(?:key|pwd|jwt)$",
    re.IGNORECASE,
)
_SHORTEST_KNOWN = 6
_DEEPEST = 6
_MOST_REMEMBERED = 1024
_LONGEST_REMEMBERED = 100


class Redactor:
    """Hides what looks like a secret, and the values that it was told are secrets."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()

    def hide(self, secret: str) -> None:
        """Never let this value through again, in whatever text it stands.

        Values under six characters are not remembered: they would hit ordinary words.
        """
        if len(secret) < _SHORTEST_KNOWN:
            return
        forms = {*self._known, secret, quote(secret, safe="")}
        # The longest first: one secret may be the beginning of another.
        self._known = tuple(sorted(forms, key=len, reverse=True))

    def text(self, text: str) -> str:
        """Return `text` without secrets; e-mail addresses keep their first letter."""
        # Most texts of a log come again and again: addresses, methods, names of doors.
        clean = _remembered if len(text) <= _LONGEST_REMEMBERED else _cleaned
        return clean(text, self._known)

    def value(self, name: str, value: object, *, depth: int = 0) -> object:
        """Return a JSON value without secrets; under a telling name any text is one.

        Numbers pass: `prompt_tokens` is a count.
        """
        if isinstance(value, bool | int | float) or value is None:
            return value
        if depth >= _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            items: Mapping[object, object] = value
            return {
                self.text(str(key)): self.value(str(key), item, depth=depth + 1)
                for key, item in items.items()
            }
        if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
            elements: Sequence[object] = list(value)
            return [self.value(name, element, depth=depth + 1) for element in elements]
        if _SECRET_WORD.search(name):
            return HIDDEN
        return self.text(str(value))


def _cleaned(text: str, known: tuple[str, ...]) -> str:
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _ASSIGNMENT.sub(_without_secret, text)


_remembered = lru_cache(maxsize=_MOST_REMEMBERED)(_cleaned)


def _without_secret(assignment: re.Match[str]) -> str:
    name, sign = assignment.groups()
    return f"{name}{sign}{HIDDEN}" if _SECRET_WORD.search(name) else assignment[0]
