"""How tokens are chosen when nobody says: as the model's makers recommend, as pure rules.

Source: GGUF metadata `general.sampling.*` (llama.cpp, gguf-py/gguf/constants.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.engine.text.model import Sampling

RECOMMENDATION_NAMES = ("temp", "top_k", "top_p")
_USUAL_TEMPERATURE, _HOTTEST = 0.7, 2.0
_USUAL_TOP_K, _LARGEST_TOP_K = 40, 1000
_USUAL_TOP_P = 0.9


@dataclass(frozen=True)
class Settled:
    """A wish with nothing left open; the fields are those of `Sampling`."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float


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
        repeat_penalty=wish.repeat_penalty,
    )


def _within(said: str | None, usual: float, least: float, most: float) -> float:
    try:
        value = float(said) if said is not None else usual
    except ValueError:
        return usual
    return value if least <= value <= most else usual
