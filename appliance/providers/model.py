"""What an administrator says of a provider, and what is refused: pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from appliance.base.errors import InvalidValueError
from appliance.base.secret import Secret
from appliance.engine.providers.model import (
    DEFAULT_ADDRESSES,
    LOCAL,
    Provider,
    ProviderKind,
    Roster,
    is_at_home,
)

MOST_PROVIDERS = 20
MOST_ADDRESSES = 16
_LONGEST_ID = 40
# What people call them, beside the name of the kind.
_ALIASES: Mapping[str, str] = {
    "claude": "anthropic",
    "lmstudio": "lm_studio",
    "google": "gemini",
    "grok": "xai",
}
_SHARES_WORK = frozenset({ProviderKind.OLLAMA, ProviderKind.OPENAI_COMPATIBLE})
# Local servers may have to load the model first, LM Studio for minutes.
_FIRST_WORD_S: Mapping[ProviderKind, float] = {
    ProviderKind.OLLAMA: 120.0,
    ProviderKind.LM_STUDIO: 300.0,
    ProviderKind.OPENAI_COMPATIBLE: 60.0,
}
_CLOUD_FIRST_WORD_S = 30.0


@dataclass(frozen=True)
class Actor:
    """Who changes something, for the audit log.

    Attributes:
        user_id: Which person.
        name: As people call them.
        address: From where.
    """

    user_id: str
    name: str
    address: str | None


@dataclass(frozen=True)
class ProviderWish:
    """What is to be different about a provider; None leaves a thing as it is.

    Attributes:
        name: As people call it.
        addresses: Base addresses.
        model: Name of the model there.
        key: What it asks for; an empty one takes the key away.
        is_enabled: Whether it takes part.
        first_word_s: So long it may be silent before its first word.
        context_tokens: Longest prompt and answer together.
        keep_alive_s: How long the model stays in memory there; negative is for ever.
        eur_per_million_read: What a million tokens of prompts cost.
        eur_per_million_written: Likewise, of answers.
    """

    name: str | None = None
    addresses: tuple[str, ...] | None = None
    model: str | None = None
    key: Secret | None = None
    is_enabled: bool | None = None
    first_word_s: float | None = None
    context_tokens: int | None = None
    keep_alive_s: float | None = None
    eur_per_million_read: float | None = None
    eur_per_million_written: float | None = None


def new_provider(kind: ProviderKind, wish: ProviderWish, *, taken: Collection[str]) -> Provider:
    """Return a provider as it is wished for.

    Args:
        kind: What it speaks.
        wish: What is said of it; name and model at least.
        taken: Ids that others have.

    Raises:
        InvalidValueError: If an address is missing or not allowed.
    """
    default = DEFAULT_ADDRESSES.get(kind)
    plain = Provider(
        id=_id_of(wish.name or kind.value, taken),
        name=wish.name or kind.value,
        kind=kind,
        addresses=(default,) if default else (),
        model=wish.model or "",
        first_word_s=_FIRST_WORD_S.get(kind, _CLOUD_FIRST_WORD_S),
    )
    return changed(plain, wish)


def changed(provider: Provider, wish: ProviderWish) -> Provider:
    """Return the provider as it is wished for.

    A key is for the address that it was entered with: another address loses it, so that nobody
    who comes by a session can have it sent to themselves.

    Raises:
        InvalidValueError: If an address is missing or not allowed.
    """
    said = {
        name: getattr(wish, name)
        for name in ProviderWish.__dataclass_fields__
        if name not in {"addresses", "key"} and getattr(wish, name) is not None
    }
    addresses = provider.addresses if wish.addresses is None else wish.addresses
    cleaned = tuple(dict.fromkeys(_address(address) for address in addresses))
    _refuse_addresses(provider.kind, cleaned)
    has_moved = cleaned != provider.addresses and wish.addresses is not None
    key = None if has_moved else provider.key
    if wish.key is not None:
        key = wish.key or None
    return replace(provider, **said, addresses=cleaned, key=key)


def redirected(provider: Provider, said: Mapping[str, str]) -> Provider:
    """Return the provider at the address that the settings say, if they say one.

    Args:
        provider: As it is stored.
        said: Addresses by the name in `NODO_PROVIDER_<NAME>_URL`, in lower case: its id, or its
            kind while it has that kind's usual address.
    """
    own = said.get(provider.id.replace("-", "_"))
    by_kind = {_ALIASES.get(name, name): address for name, address in said.items()}
    is_usual = provider.addresses == (DEFAULT_ADDRESSES.get(provider.kind),)
    address = own or (by_kind.get(provider.kind.value) if is_usual else None)
    return provider if address is None else replace(provider, addresses=(address.rstrip("/"),))


def ordered(roster: Roster) -> tuple[str, ...]:
    """Return the ids of all in the order in which they are asked."""
    ids = [LOCAL, *(provider.id for provider in roster.providers)]
    known = [one for one in roster.order if one in ids]
    # Who was never placed comes last, this box's own engine first.
    return tuple(known + [one for one in ids if one not in known])


def checked_order(roster: Roster, wanted: Collection[str]) -> tuple[str, ...]:
    """Return the wanted order.

    Raises:
        InvalidValueError: If it does not name each of them once.
    """
    names = tuple(wanted)
    if sorted(names) != sorted(ordered(roster)):
        raise InvalidValueError(
            "The order must name each provider once, and local.",
            hint=f"They are: {', '.join(ordered(roster))}.",
            field="ids",
        )
    return names


def _address(text: str) -> str:
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
        _port = parts.port
    except ValueError:
        is_whole, is_plain = False, False
    if not is_whole or not is_plain or not address.isascii() or " " in address:
        raise InvalidValueError(
            f"{text[:100]!r} is no base address.",
            hint="Such as https://api.example.com/v1: without a name, a password or a question.",
            field="addresses",
        )
    if address.startswith("http:") and not is_at_home(address):
        raise InvalidValueError(
            f"{address[:100]!r} is not encrypted: what people write would be open to read.",
            hint="Use https. Without it only this computer and the own network may be asked.",
            field="addresses",
        )
    return address


def _refuse_addresses(kind: ProviderKind, addresses: tuple[str, ...]) -> None:
    most = MOST_ADDRESSES if kind in _SHARES_WORK else 1
    if not 1 <= len(addresses) <= most:
        raise InvalidValueError(
            f"{len(addresses)} addresses were given; {kind.value} takes 1 to {most}.",
            hint="Several boxes with the same model may share work as ollama or openai_compatible.",
            field="addresses",
        )


def _id_of(name: str, taken: Collection[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "provider"
    others = {*taken, LOCAL, "order", "policy", "in-use"}
    numbered = (f"{base}-{number}" for number in range(2, len(others) + 3))
    return base if base not in others else next(one for one in numbered if one not in others)
