"""What is known of other people's models: `models/providers.toml`."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from appliance.base.errors import InvalidValueError
from appliance.engine.providers.model import Habits, Provider

_UNKNOWN = Habits()


@dataclass(frozen=True)
class KnownModel:
    """One entry.

    Attributes:
        kind: Whose model it is.
        name: Of the model; with a trailing `*`, the beginning of it.
        habits: What is known of it.
    """

    kind: str
    name: str
    habits: Habits

    def is_model_of(self, provider: Provider) -> bool:
        """Return whether a provider asks for this one."""
        if provider.kind.value != self.kind:
            return False
        if self.name.endswith("*"):
            return provider.model.startswith(self.name[:-1])
        return provider.model == self.name


def read_known_models(file: Path) -> tuple[KnownModel, ...]:
    """Return what the file says.

    Raises:
        InvalidValueError: If an entry lacks what it needs.
    """
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        rate = float(content["eur_per_usd"])
        return tuple(_known_model(entry, rate) for entry in content["models"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValueError(f"{file.name} is not as it should be: {error!r}") from error


def known_habits(models: Sequence[KnownModel]) -> Callable[[Provider], Habits]:
    """Return the function that tells what is known of a provider's model; the first entry counts."""

    def habits_of(provider: Provider) -> Habits:
        known = (model.habits for model in models if model.is_model_of(provider))
        return next(known, _UNKNOWN)

    return habits_of


def cost_eur(
    provider: Provider, habits: Habits, *, prompt_tokens: int | None, completion_tokens: int | None
) -> float | None:
    """Return what an answer cost at list prices; None if that is not known.

    What the owner said of the provider counts more than what is known of its model.
    """
    read, written = provider.eur_per_million_read, provider.eur_per_million_written
    read = habits.eur_per_million_read if read is None else read
    written = habits.eur_per_million_written if written is None else written
    if read is None or written is None or prompt_tokens is None or completion_tokens is None:
        return None
    return (prompt_tokens * read + completion_tokens * written) / 1_000_000


def _known_model(entry: dict[str, object], eur_per_usd: float) -> KnownModel:
    retires_on = entry.get("retires_on")
    return KnownModel(
        kind=str(entry["kind"]),
        name=str(entry["name"]),
        habits=Habits(
            retires_on=retires_on.isoformat() if isinstance(retires_on, date) else "",
            eur_per_million_read=_in_eur(entry.get("usd_read"), eur_per_usd),
            eur_per_million_written=_in_eur(entry.get("usd_written"), eur_per_usd),
            refuses=frozenset(str(name) for name in cast("list[object]", entry.get("refuses", []))),
        ),
    )


def _in_eur(usd: object, eur_per_usd: float) -> float | None:
    return usd * eur_per_usd if isinstance(usd, int | float) else None
