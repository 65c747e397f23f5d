"""Whether a provider is there right now, told as a traffic light: it costs nobody a token."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from appliance.base.clock import Clock
from appliance.engine.providers.lm_studio import Questions, names_of
from appliance.engine.providers.model import Provider, ProviderFaultError, ProviderKind

_WITHIN_S = 5.0
_SLOW_S = 1.5
# Ollama lists its models without the tag that it takes when none is said.
_USUAL_TAG = ":latest"


class Light(StrEnum):
    """Green: it is there. Amber: it is there, but. Red: it is not, or does not let us in."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Ping:
    """How a provider is.

    Attributes:
        light: In one word.
        code: Why, stable: `ok`, `slow`, `model_missing`, or the kind of fault.
        took_ms: Milliseconds until it answered.
        models: Names of the models that it has; empty if it did not say.
    """

    light: Light
    code: str
    took_ms: int
    models: tuple[str, ...] = ()


async def ping(wire: Questions, provider: Provider, clock: Clock) -> Ping:
    """Return how a provider is, at its first address."""
    began_s = clock.monotonic_s()
    try:
        listed = await wire.json(provider, _list_path(provider.kind), within_s=_WITHIN_S)
    except ProviderFaultError as failure:
        return Ping(Light.RED, failure.fault.value, _since_ms(began_s, clock))
    took_ms, names = _since_ms(began_s, clock), tuple(names_of(listed)[:500])
    if names and not _has(names, provider.model):
        return Ping(Light.AMBER, "model_missing", took_ms, names)
    if took_ms > _SLOW_S * 1000:
        return Ping(Light.AMBER, "slow", took_ms, names)
    return Ping(Light.GREEN, "ok", took_ms, names)


def _list_path(kind: ProviderKind) -> str:
    match kind:
        case ProviderKind.OLLAMA:
            return "/api/tags"
        case ProviderKind.LM_STUDIO:
            return "/v1/models"
        case _:
            return "/models"


def _has(names: Sequence[str], model: str) -> bool:
    return model in names or model + _USUAL_TAG in names


def _since_ms(began_s: float, clock: Clock) -> int:
    return round((clock.monotonic_s() - began_s) * 1000)
