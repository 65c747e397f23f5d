"""LM Studio's models: which there are, which are loaded, loading and unloading them.

Its version 0.4 manages models under `/api/v1`; 0.3 only lists them under `/api/v0`; older ones and
look-alikes have `/v1/models` alone. Source: LM Studio's reference, as of November 2026.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.base.errors import ConflictError
from appliance.engine.providers.model import Fault, Provider, ProviderFaultError
from appliance.engine.providers.wire import count_of, items, member, text_of

_LIST_S = 5.0
# A large model comes from a slow disk in minutes.
_LOAD_S = 600.0


class Level(StrEnum):
    """How much of LM Studio is there."""

    MANAGES = "v1"
    LISTS = "v0"
    ANSWERS = "openai"


@dataclass(frozen=True)
class StudioModel:
    """A model of LM Studio.

    Attributes:
        key: Its name there.
        kind: `llm`, `embedding` and so on, in its words.
        instances: Ids of its copies in memory; several are possible.
        is_loaded: Whether it is in memory; None if LM Studio does not say.
        context_tokens: Longest conversation that it can have; None if unknown.
    """

    key: str
    kind: str
    instances: tuple[str, ...] = ()
    is_loaded: bool | None = None
    context_tokens: int | None = None


@dataclass(frozen=True)
class Studio:
    """What there is: how much of LM Studio, and its models."""

    level: Level
    models: tuple[StudioModel, ...]


class Questions(Protocol):
    """The way to LM Studio, for small questions."""

    async def json(
        self,
        provider: Provider,
        path: str,
        *,
        body: dict[str, object] | None = None,
        within_s: float,
    ) -> dict[str, object]:
        """Return what it answers; ProviderFaultError if it does not."""
        ...


async def look_at(wire: Questions, provider: Provider) -> Studio:
    """Return what there is, by the highest level that answers.

    Raises:
        ProviderFaultError: If none does.
    """
    for level, path, members, read in _LEVELS:
        try:
            found = await wire.json(provider, path, within_s=_LIST_S)
        except ProviderFaultError as failure:
            # An older one does not know the address; one that cannot be reached knows none.
            if failure.fault is not Fault.CONFIG or level is Level.ANSWERS:
                raise
            continue
        if isinstance(found.get(members), list):
            return Studio(level, tuple(read(model) for model in items(found[members])))
    raise ProviderFaultError(Fault.CONFIG, "it is no LM Studio")


async def load(
    wire: Questions, provider: Provider, model: str, *, context_tokens: int | None
) -> str:
    """Return the id of the model's copy in memory; one that is there already is taken.

    Raises:
        ConflictError: If this LM Studio cannot be told to.
        ProviderFaultError: If it fails.
    """
    studio = await look_at(wire, provider)
    _refuse_unmanaged(studio)
    for known in studio.models:
        if known.key == model and known.instances:
            # Loading it once more would put a second copy beside the first.
            return known.instances[0]
    body: dict[str, object] = {"model": model}
    if context_tokens is not None:
        body["context_length"] = context_tokens
    answer = await wire.json(provider, "/api/v1/models/load", body=body, within_s=_LOAD_S)
    return text_of(answer.get("instance_id")) or text_of(answer.get("id")) or model


async def unload(wire: Questions, provider: Provider, instance_id: str) -> None:
    """Take a copy of a model out of memory.

    Raises:
        ConflictError: If this LM Studio cannot be told to.
        ProviderFaultError: If it fails.
    """
    _refuse_unmanaged(await look_at(wire, provider))
    body: dict[str, object] = {"instance_id": instance_id}
    await wire.json(provider, "/api/v1/models/unload", body=body, within_s=_LIST_S)


def _refuse_unmanaged(studio: Studio) -> None:
    if studio.level is not Level.MANAGES:
        raise ConflictError(
            "This LM Studio cannot be told to load or unload models.",
            hint="LM Studio 0.4 can. Until then load models in LM Studio itself.",
            code="lm_studio_too_old",
            level=studio.level.value,
        )


def _of_v1(model: object) -> StudioModel:
    loaded = items(member(model, "loaded_instances"))
    instances = tuple(text_of(member(one, "id")) for one in loaded)
    return StudioModel(
        key=text_of(member(model, "key")),
        kind=text_of(member(model, "type")),
        instances=instances,
        is_loaded=bool(instances),
        context_tokens=count_of(member(model, "max_context_length")),
    )


def _of_v0(model: object) -> StudioModel:
    return StudioModel(
        key=text_of(member(model, "id")),
        kind=text_of(member(model, "type")),
        is_loaded=member(model, "state") == "loaded",
        context_tokens=count_of(member(model, "max_context_length")),
    )


def _of_openai(model: object) -> StudioModel:
    return StudioModel(key=text_of(member(model, "id")), kind="")


_LEVELS = (
    (Level.MANAGES, "/api/v1/models", "models", _of_v1),
    (Level.LISTS, "/api/v0/models", "data", _of_v0),
    (Level.ANSWERS, "/v1/models", "data", _of_openai),
)


def names_of(listed: Mapping[str, object]) -> Sequence[str]:
    """Return the names of models in a list, whichever of the makers' forms it has."""
    entries = items(listed.get("data")) or items(listed.get("models"))
    names = [
        text_of(member(entry, "id"))
        or text_of(member(entry, "key"))
        or text_of(member(entry, "name"))
        for entry in entries
    ]
    # Gemini calls its models `models/gemini-…` in the list, and takes them without.
    return [name.removeprefix("models/") for name in names if name]
