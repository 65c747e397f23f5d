"""Reading settings from `nodo.toml` and the environment, and noticing misspelt ones."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from appliance.base.errors import SettingError
from appliance.boot.settings_parsing import RefusedError, web_address
from appliance.boot.settings_table import ENV_PREFIX, SETTINGS

_PROVIDER = re.compile(r"provider_([a-z0-9][a-z0-9_]{0,40})_url")


def file_texts(file: Path) -> dict[str, str]:
    """Return what `nodo.toml` says, as texts by name; nothing if there is no such file.

    Raises:
        SettingError: If it cannot be read, is no TOML, or has a key that is unknown.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        # That the data folder is a file is said by those who use it.
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{file.name} is not valid TOML: {error}", hint="Correct it.") from error
    except OSError as error:
        raise SettingError(
            f"{file.name} cannot be read: {error.strerror}",
            hint="Make it readable for the user who runs Nodo.",
        ) from error
    return {key: _as_text(key, value, file.name) for key, value in content.items()}


@dataclass(frozen=True)
class ProviderAddress:
    """Where a provider of models is asked.

    Attributes:
        address: Its base address.
        said_by: The variable or key that said so.
        is_from_file: Whether that is a key of `nodo.toml`.
    """

    address: str
    said_by: str
    is_from_file: bool


def provider_addresses(
    environ: Mapping[str, str], file: Mapping[str, str]
) -> dict[str, ProviderAddress]:
    """Return the base addresses of providers by name; the environment wins over the file.

    Raises:
        SettingError: If one is no web address.
    """
    named = {key: (key, value) for key, value in file.items()}
    named |= {
        variable.removeprefix(ENV_PREFIX).lower(): (variable, value)
        for variable, value in environ.items()
        if variable.startswith(ENV_PREFIX) and value.strip()
    }
    found: dict[str, ProviderAddress] = {}
    for key, (said_by, value) in named.items():
        match = _PROVIDER.fullmatch(key)
        if match is not None:
            address = _provider_address(said_by, value.strip())
            found[match[1]] = ProviderAddress(address, said_by, is_from_file=said_by == key)
    return found


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return a warning for each `NODO_…` variable that means nothing, with the nearest known."""
    known = {setting.env for setting in SETTINGS}
    return tuple(
        f"the variable {variable} is unknown. {nearest_known(variable, known)}".rstrip()
        for variable in sorted(environ)
        if variable.startswith(ENV_PREFIX)
        and variable not in known
        and not _PROVIDER.fullmatch(variable.removeprefix(ENV_PREFIX).lower())
    )


def nearest_known(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the likeliest intended one; empty if none is near."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"Did you mean {matches[0]}?" if matches else ""


def _as_text(key: str, value: object, file_name: str) -> str:
    allowed = [setting.name for setting in SETTINGS if setting.is_in_file]
    if key not in allowed and not _PROVIDER.fullmatch(key):
        hint = nearest_known(key, allowed) or "docs/operations.md lists all settings."
        raise SettingError(f"{key} in {file_name} is unknown", hint=hint)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list):
        elements: list[object] = value
        return ",".join(str(element) for element in elements)
    raise SettingError(
        f"{key} in {file_name} is {type(value).__name__}; allowed are text, a whole number, "
        "true or false, or a list of texts",
        hint="Write it as a text in quotes.",
    )


def _provider_address(name: str, value: str) -> str:
    try:
        return web_address(value)
    except RefusedError as refusal:
        raise SettingError(
            f"{name} is {value[:100]!r}: {refusal}",
            hint="It is the base address of a provider of models.",
            setting=name,
        ) from refusal
