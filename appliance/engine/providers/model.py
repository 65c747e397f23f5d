"""Words of the providers: who else than this box's own engine may answer, and how they fail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from appliance.base.secret import Secret

# This box's own engine stands in the chain under this id, and always.
LOCAL = "local"
# Whole numbers are addresses too, in a way of old that nobody checks by eye.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOME_ENDINGS = (".local", ".lan", ".internal", ".home.arpa", ".localhost")


class ProviderKind(StrEnum):
    """What a provider speaks; each has its own habits."""

    OPENAI = "openai"
    GEMINI = "gemini"
    ANTHROPIC = "anthropic"
    XAI = "xai"
    OLLAMA = "ollama"
    LM_STUDIO = "lm_studio"
    OPENAI_COMPATIBLE = "openai_compatible"


class Place(StrEnum):
    """Where what people write goes to: this house, or somebody else's computers."""

    LOCAL = "local"
    CLOUD = "cloud"


# Whoever speaks these is asked over the internet, whatever the address says.
_ALWAYS_CLOUD = frozenset(
    {ProviderKind.OPENAI, ProviderKind.GEMINI, ProviderKind.ANTHROPIC, ProviderKind.XAI}
)

DEFAULT_ADDRESSES: Mapping[ProviderKind, str] = {
    ProviderKind.OPENAI: "https://api.openai.com/v1",
    ProviderKind.GEMINI: "https://generativelanguage.googleapis.com/v1beta/openai",
    ProviderKind.ANTHROPIC: "https://api.anthropic.com/v1",
    ProviderKind.XAI: "https://api.x.ai/v1",
    ProviderKind.OLLAMA: "http://127.0.0.1:11434",
    ProviderKind.LM_STUDIO: "http://127.0.0.1:1234",
}


@dataclass(frozen=True)
class Provider:
    """Somebody who may answer.

    Attributes:
        id: Its name in addresses and settings: small letters, digits and dashes.
        name: As people call it.
        kind: What it speaks.
        addresses: Base addresses; several are boxes with the same model that share the work.
        model: Name of the model there.
        is_enabled: Whether it takes part.
        key: What it asks for; None if it asks for nothing.
        first_word_s: So long it may be silent before its first word.
        context_tokens: Longest prompt and answer together, where it must be told (Ollama).
        keep_alive_s: How long the model stays in memory there, where it must be told (Ollama, LM
            Studio); negative is for ever.
        eur_per_million_read: What a million tokens of prompts cost; None while unknown.
        eur_per_million_written: Likewise, of answers.
    """

    id: str
    name: str
    kind: ProviderKind
    addresses: tuple[str, ...]
    model: str
    is_enabled: bool = True
    key: Secret | None = None
    first_word_s: float = 20.0
    context_tokens: int = 8192
    keep_alive_s: float = 300.0
    eur_per_million_read: float | None = None
    eur_per_million_written: float | None = None

    @property
    def place(self) -> Place:
        """Return where what is asked goes to, at its farthest."""
        if self.kind in _ALWAYS_CLOUD or _runs_in_ollamas_cloud(self):
            return Place.CLOUD
        is_home = all(is_at_home(address) for address in self.addresses)
        return Place.LOCAL if is_home else Place.CLOUD


class Fault(StrEnum):
    """How a provider failed, and with that what happens next.

    `CONFIG` needs a person, `OVERLOAD` time, `TRANSIENT` another try or somebody else. `REQUEST`,
    `TOO_LONG` and `REFUSAL` are about the question, whoever is asked.
    """

    CONFIG = "config"
    OVERLOAD = "overload"
    TRANSIENT = "transient"
    REQUEST = "request"
    TOO_LONG = "too_long"
    REFUSAL = "refusal"


class ProviderFaultError(Exception):
    """A provider did not answer as it should.

    Attributes:
        fault: Of which kind.
        detail: What happened, in words without anything that the provider wrote.
        retry_after_s: When it wants to be asked again, if it said so.
    """

    def __init__(self, fault: Fault, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Roster:
    """Who may answer, in order, and what the owner allows.

    Attributes:
        providers: All of them but this box's own engine.
        order: Ids, who is asked first first; `local` is among them.
        cloud_allowed: Whether anything may leave the house at all.
        revision: Grows with each change: what was kept of earlier answers is not theirs.
    """

    providers: tuple[Provider, ...] = ()
    order: tuple[str, ...] = (LOCAL,)
    cloud_allowed: bool = False
    revision: int = 0

    @property
    def asks_others(self) -> bool:
        """Return whether anybody but this box's own engine may get to see questions."""
        return any(
            provider.is_enabled and (provider.place is Place.LOCAL or self.cloud_allowed)
            for provider in self.providers
        )

    def provider(self, provider_id: str) -> Provider | None:
        """Return the provider of that id."""
        return next((one for one in self.providers if one.id == provider_id), None)


@dataclass(frozen=True)
class Habits:
    """What is known of one model: how it wants to be asked, what it costs, when it ends.

    Attributes:
        retires_on: Day after which its makers do not answer for it, as ISO text; empty if none
            is announced.
        eur_per_million_read: What a million tokens of prompts cost; None while unknown.
        eur_per_million_written: Likewise, of answers.
        refuses: Fields that it answers with an error.
    """

    retires_on: str = ""
    eur_per_million_read: float | None = None
    eur_per_million_written: float | None = None
    refuses: frozenset[str] = field(default_factory=frozenset[str])


def is_at_home(address: str) -> bool:
    """Return whether an address is of this computer or of the network that it stands in."""
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    try:
        number = ip_address(host)
    except ValueError:
        if not host or _NUMBER.fullmatch(host):
            return False
        # A name without dots is found by the network's own means only.
        return "." not in host or host.endswith(_HOME_ENDINGS)
    return number.is_loopback or number.is_private or number.is_link_local


def _runs_in_ollamas_cloud(provider: Provider) -> bool:
    # Ollama hands such names on to its makers' computers (its documentation, "Cloud models"), in
    # whatever case; and it may stand behind any address, asked by OpenAI's words.
    return provider.model.lower().endswith((":cloud", "-cloud"))
