"""Texts that a grammar allows, drawn at random."""

import random

from appliance.engine.text.grammar import grammar_of
from appliance.engine.text.matching import Machine

_LONGEST = 400
_SURROGATES = range(0xD800, 0xE000)


def texts_of(gbnf: str, *, count: int, seed: int) -> list[str]:
    """Return up to `count` whole texts that the grammar allows."""
    machine = Machine(grammar_of(gbnf))
    chance = random.Random(seed)  # examples, no secrets
    found = [_walk(machine, chance) for _ in range(count)]
    return [text for text in found if text is not None]


def _walk(machine: Machine, chance: random.Random) -> str | None:
    state, text = machine.start, ""
    while len(text) < _LONGEST:
        if state.must_end or (state.may_end and chance.random() < 0.5):
            return text
        first, last = chance.choice(state.ranges)
        code = chance.randint(first, min(last, first + chance.choice([0, 1, 5, 90])))
        if code in _SURROGATES:
            continue
        following = machine.next(state, chr(code))
        assert following is not None
        state, text = following, text + chr(code)
    return None
