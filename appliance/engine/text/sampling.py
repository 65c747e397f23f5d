"""How tokens are chosen: what may be asked, and what holds where nobody says, as pure rules.

Source: GGUF metadata `general.sampling.*` (llama.cpp, gguf-py/gguf/constants.py).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import Sampling

RECOMMENDATION_NAMES = ("temp", "top_k", "top_p")
_USUAL_TEMPERATURE, _HOTTEST = 0.7, 2.0
_USUAL_TOP_K, _LARGEST_TOP_K = 40, 1000
_USUAL_TOP_P = 0.9
_MOST_TOKENS = 1 << 31
_MOST_STOPS, _LONGEST_STOP = 64, 1000
_MOST_BIASES = 10_000
# All seeds of llama.cpp but its last, which means a random one.
_SEEDS = 2**32 - 1

_ALLOWED: Mapping[str, tuple[float, float]] = {
    "temperature": (0.0, _HOTTEST),
    "top_k": (0, _MOST_TOKENS),
    "top_p": (0.0, 1.0),
    "min_p": (0.0, 1.0),
    "typical_p": (0.0, 1.0),
    "repeat_penalty": (0.01, 100.0),
    "presence_penalty": (-100.0, 100.0),
    "frequency_penalty": (-100.0, 100.0),
    "repeat_window_tokens": (-1, _MOST_TOKENS),
    "max_tokens": (1, _MOST_TOKENS),
}


@dataclass(frozen=True)
class Settled:
    """A wish with nothing left open; the fields are those of `Sampling`."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float = 0.0
    typical_p: float = 1.0
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repeat_window_tokens: int = 64
    logit_bias: tuple[tuple[int, float], ...] = ()

    @property
    def has_penalties(self) -> bool:
        """Return whether what was written before changes what comes next."""
        return (
            self.repeat_penalty != 1.0
            or self.presence_penalty != 0.0
            or self.frequency_penalty != 0.0
        ) and self.repeat_window_tokens != 0


def check_sampling(wish: Sampling) -> None:
    """Refuse values that no answer can be written with.

    Raises:
        InvalidValueError: If a number is outside its bounds or is none (`bad_option`).
    """
    for name, (least, most) in _ALLOWED.items():
        value = getattr(wish, name)
        # NaN is within no bounds, so it is refused with the rest.
        if value is not None and not least <= value <= most:
            raise _refused(name, value, f"{least:g} to {most:g}")
    if len(wish.stop) > _MOST_STOPS:
        raise _refused("stop", f"{len(wish.stop)} texts", f"{_MOST_STOPS} texts")
    if any(not 0 < len(text) <= _LONGEST_STOP for text in wish.stop):
        raise _refused("stop", "a text", f"1 to {_LONGEST_STOP} characters")
    if len(wish.logit_bias) > _MOST_BIASES:
        raise _refused("logit_bias", f"{len(wish.logit_bias)} tokens", f"{_MOST_BIASES} tokens")
    for token, added in wish.logit_bias:
        if token < 0 or not math.isfinite(added):
            raise _refused("logit_bias", f"{token}: {added}", "tokens with finite numbers")


def settled(wish: Sampling, recommended: Mapping[str, str]) -> Settled:
    """Return how tokens are chosen: as wished, else as recommended, else as usual.

    Args:
        wish: What was asked for.
        recommended: What the model's file says, by the names of GGUF; nonsense is passed over.
    """
    temperature = _within(recommended.get("temp"), _USUAL_TEMPERATURE, 0.0, _HOTTEST)
    top_k = _within(recommended.get("top_k"), _USUAL_TOP_K, 0, _LARGEST_TOP_K)
    top_p = _within(recommended.get("top_p"), _USUAL_TOP_P, 0.0, 1.0)
    return Settled(
        temperature=temperature if wish.temperature is None else wish.temperature,
        top_k=int(top_k) if wish.top_k is None else wish.top_k,
        top_p=top_p if wish.top_p is None else wish.top_p,
        min_p=wish.min_p,
        typical_p=wish.typical_p,
        repeat_penalty=wish.repeat_penalty,
        presence_penalty=wish.presence_penalty,
        frequency_penalty=wish.frequency_penalty,
        repeat_window_tokens=wish.repeat_window_tokens,
        logit_bias=wish.logit_bias,
    )


def usable_seed(seed: int) -> int:
    """Return the seed that llama.cpp takes for any whole number."""
    return seed % _SEEDS


def _within(said: str | None, usual: float, least: float, most: float) -> float:
    try:
        value = float(said) if said is not None else usual
    except ValueError:
        return usual
    return value if least <= value <= most else usual


def _refused(name: str, value: object, allowed: str) -> InvalidValueError:
    return InvalidValueError(
        f"The option {name} is {value}; allowed is {allowed}.",
        code="bad_option",
        option=name,
    )
