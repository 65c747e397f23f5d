"""What providers look like on the wire (docs/providers.md)."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.base.secret import Secret
from appliance.engine.providers.lm_studio import Studio
from appliance.engine.providers.model import LOCAL, Habits, Place, Provider, ProviderKind
from appliance.engine.providers.pinging import Ping
from appliance.engine.providers.standings import Doing
from appliance.providers.model import MOST_ADDRESSES, MOST_PROVIDERS, ProviderWish


def _visible(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("it must have characters that can be seen, in one line")
    return text.strip()


def _key_text(text: str) -> str:
    # It goes into a header, where nothing else is allowed.
    if not text.isascii() or not text.isprintable() or " " in text.strip():
        raise ValueError("a key has letters, digits and signs of ASCII only, without blanks")
    return text.strip()


_Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_visible)]
_Model = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_visible)]
_Key = Annotated[str, Field(max_length=500), AfterValidator(_key_text)]
_Addresses = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=300)]],
    Field(min_length=1, max_length=MOST_ADDRESSES),
]
_Price = Annotated[float, Field(ge=0, le=10_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _WishBody(_Body):
    addresses: _Addresses | None = None
    key: _Key | None = Field(default=None, description="Never shown again; empty takes it away.")
    enabled: bool | None = None
    first_word_s: Annotated[float, Field(ge=1, le=1800)] | None = None
    context_tokens: Annotated[int, Field(ge=256, le=2_000_000)] | None = None
    keep_alive_s: Annotated[float, Field(ge=-1, le=604_800)] | None = None
    eur_per_million_read: _Price | None = None
    eur_per_million_written: _Price | None = None

    def wish(self, *, name: str | None, model: str | None) -> ProviderWish:
        """Return what is wished for."""
        return ProviderWish(
            name=name,
            model=model,
            addresses=None if self.addresses is None else tuple(self.addresses),
            key=None if self.key is None else Secret(self.key),
            is_enabled=self.enabled,
            first_word_s=self.first_word_s,
            context_tokens=self.context_tokens,
            keep_alive_s=self.keep_alive_s,
            eur_per_million_read=self.eur_per_million_read,
            eur_per_million_written=self.eur_per_million_written,
        )


class NewProviderBody(_WishBody):
    """A provider to be added."""

    # Not strict: JSON has no enums.
    kind: Annotated[ProviderKind, Field(strict=False)]
    name: _Name
    model: _Model


class ProviderChangeBody(_WishBody):
    """What is to be different about a provider."""

    name: _Name | None = None
    model: _Model | None = None


class OrderBody(_Body):
    """Who is asked first."""

    ids: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=MOST_PROVIDERS + 1)]


class PolicyBody(_Body):
    """Whether anything may leave the house."""

    cloud_allowed: bool


class LoadBody(_Body):
    """A model for LM Studio to load."""

    model: _Model
    context_tokens: Annotated[int, Field(ge=256, le=2_000_000)] | None = None
    provider: str | None = Field(default=None, max_length=60)


class UnloadBody(_Body):
    """A copy of a model for LM Studio to unload."""

    instance_id: _Model
    provider: str | None = Field(default=None, max_length=60)


class StandingOut(BaseModel):
    """How a provider is doing."""

    state: str
    wait_s: float
    running: int
    answered: int
    failed: int
    last_fault: str


class ProviderOut(BaseModel):
    """Somebody who may answer."""

    id: str
    name: str
    kind: str
    place: str
    addresses: list[str]
    model: str
    enabled: bool
    has_key: bool
    first_word_s: float | None
    context_tokens: int | None
    keep_alive_s: float | None
    eur_per_million_read: float | None
    eur_per_million_written: float | None
    retires_on: str | None
    standing: StandingOut | None


class ProvidersOut(BaseModel):
    """All who may answer, who is asked first first."""

    items: list[ProviderOut]
    cloud_allowed: bool


class InUseOut(BaseModel):
    """Whether questions may leave the house, and to whom."""

    cloud: bool
    names: list[str]


class PingOut(BaseModel):
    """How a provider is right now."""

    light: str
    code: str
    took_ms: int
    models: list[str]


class StudioModelOut(BaseModel):
    """A model of LM Studio."""

    key: str
    kind: str
    instances: list[str]
    loaded: bool | None
    context_tokens: int | None


class StudioOut(BaseModel):
    """What there is of LM Studio."""

    level: str
    models: list[StudioModelOut]


class LoadedOut(BaseModel):
    """A copy of a model in LM Studio's memory."""

    instance_id: str


def provider_out(provider: Provider, habits: Habits, doing: Doing) -> ProviderOut:
    """Return a provider as it travels: never its key."""
    read, written = provider.eur_per_million_read, provider.eur_per_million_written
    return ProviderOut(
        id=provider.id,
        name=provider.name,
        kind=provider.kind.value,
        place=provider.place.value,
        addresses=list(provider.addresses),
        model=provider.model,
        enabled=provider.is_enabled,
        has_key=provider.key is not None,
        first_word_s=provider.first_word_s,
        context_tokens=provider.context_tokens,
        keep_alive_s=provider.keep_alive_s,
        eur_per_million_read=habits.eur_per_million_read if read is None else read,
        eur_per_million_written=habits.eur_per_million_written if written is None else written,
        retires_on=habits.retires_on or None,
        standing=StandingOut(
            state=doing.standing.value,
            wait_s=round(doing.wait_s, 1),
            running=doing.running,
            answered=doing.answered,
            failed=doing.failed,
            last_fault=doing.last_fault,
        ),
    )


def own_engine_out(model: str | None) -> ProviderOut:
    """Return this box's own engine, as one of those who may answer."""
    return ProviderOut(
        id=LOCAL,
        name="",
        kind=LOCAL,
        place=Place.LOCAL.value,
        addresses=[],
        model=model or "",
        enabled=True,
        has_key=False,
        first_word_s=None,
        context_tokens=None,
        keep_alive_s=None,
        eur_per_million_read=None,
        eur_per_million_written=None,
        retires_on=None,
        standing=None,
    )


def ping_out(ping: Ping) -> PingOut:
    """Return a ping as it travels."""
    return PingOut(
        light=ping.light.value, code=ping.code, took_ms=ping.took_ms, models=list(ping.models)
    )


def studio_out(studio: Studio) -> StudioOut:
    """Return what there is of LM Studio as it travels."""
    models = [
        StudioModelOut(
            key=model.key,
            kind=model.kind,
            instances=list(model.instances),
            loaded=model.is_loaded,
            context_tokens=model.context_tokens,
        )
        for model in studio.models
    ]
    return StudioOut(level=studio.level.value, models=models)
