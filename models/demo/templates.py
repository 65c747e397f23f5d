"""Text with alternatives, such as "(hello|hi)( there|)", and one wording of it chosen by chance."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# A template is a choice of sequences; a part of a sequence is plain text or a choice again.
Choice = tuple[tuple["str | Choice", ...], ...]


class TemplateError(ValueError):
    """A template whose parentheses do not match."""


@cache
def parsed(template: str) -> Choice:
    """Return the choices of a template.

    Raises:
        TemplateError: If a parenthesis is missing.
    """
    choice, at = _choice(template, 0)
    if at != len(template):
        message = f"unmatched ')' at character {at} of {template!r}"
        raise TemplateError(message)
    return choice


def spun(template: str, rng: random.Random) -> str:
    """Return one wording of the template, with the spaces of left-out words tidied."""
    text = _wording(parsed(template), rng)
    return re.sub(r" +([?!,.]|$)", r"\1", re.sub(r" {2,}", " ", text)).strip(" ")


def _choice(template: str, at: int) -> tuple[Choice, int]:
    options: list[tuple] = []
    sequence: list = []
    text = ""
    while at < len(template) and template[at] != ")":
        letter = template[at]
        if letter == "(":
            inner, at = _choice(template, at + 1)
            if at >= len(template):
                message = f"unmatched '(' in {template!r}"
                raise TemplateError(message)
            sequence += [text, inner]
            text = ""
        elif letter == "|":
            options.append((*sequence, text))
            sequence, text = [], ""
        else:
            text += letter
        at += 1
    options.append((*sequence, text))
    return tuple(options), at


def _wording(choice: Choice, rng: random.Random) -> str:
    parts = rng.choice(choice)
    return "".join(part if isinstance(part, str) else _wording(part, rng) for part in parts)
