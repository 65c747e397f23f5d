"""What the owner decided: flag before environment before `nodo.toml` before default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from appliance.base.errors import SettingError
from appliance.base.paths import DataFolder
from appliance.base.secret import Secret
from appliance.boot.settings_parsing import RefusedError
from appliance.boot.settings_sources import (
    file_texts,
    nearest_known,
    provider_addresses,
    unknown_variables,
)
from appliance.boot.settings_table import SETTINGS, Setting


class SourceKind(StrEnum):
    """Where a value came from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    ALIAS = "alias"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True)
class Source:
    """Where the value of one setting came from.

    Attributes:
        kind: Which of the five.
        name: What it is called there: the flag, the variable, the key.
    """

    kind: SourceKind
    name: str


@dataclass(frozen=True)
class Settings:
    """All settings of one start; `settings_table` says what each is for.

    Attributes:
        provider_urls: Base addresses of model providers, by their name in lower case.
        sources: Where each value came from, by name of the setting.
        warnings: What looks like a mistake but stops nothing.
    """

    data_dir: Path
    host: str
    port: int
    ollama_port: int
    tunnel_port: int
    lan: bool
    database_url: Secret | None
    redis_url: Secret | None
    log_level: str
    log_to_file: bool
    log_file: Path | None
    model: str | None
    threads: int
    context_tokens: int
    engine_parallel: int
    engine_memory_bytes: int
    keep_alive: float | None
    engine_repack: str
    prefix_cache_bytes: int | None
    processor_code: str | None
    answer_cache_s: int
    admin_email: str | None
    admin_password: Secret | None
    admin_name: str
    language: str
    cors_origins: tuple[str, ...]
    rate_limit_enabled: bool
    rate_limit_redis_enabled: bool
    jwt_secret: Secret | None
    fernet_key_rotation_days: int
    whatsapp_app_secret: Secret | None
    aemet_api_key: Secret | None
    openweather_api_key: Secret | None
    ree_api_token: Secret | None
    influxdb_token: Secret | None
    cloudflare_tunnel_token: Secret | None
    ree_url: str
    esios_url: str
    omie_url: str
    aemet_url: str
    openweather_url: str
    graph_url: str
    hf_url: str
    provider_urls: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])
    warnings: tuple[str, ...] = ()

    def aliases_in_use(self) -> tuple[str, ...]:
        """Return the variables of other systems that decided something here."""
        return tuple(
            source.name for source in self.sources.values() if source.kind is SourceKind.ALIAS
        )

    def secrets(self) -> tuple[str, ...]:
        """Return all secret values, for the log to hide."""
        values = (getattr(self, setting.name) for setting in SETTINGS if setting.is_secret)
        return tuple(value.reveal() for value in values if isinstance(value, Secret))


def process_settings(flags: Mapping[str, str | None]) -> Settings:
    """Return what holds for this process: its environment, and its user's own data folder.

    Raises:
        SettingError: As `load_settings`.
    """
    folder = Path(platformdirs.user_data_dir("nodo", appauthor=False))
    return load_settings(flags, os.environ, default_data_dir=folder)


def process_environment() -> Mapping[str, str]:
    """Return the environment of this process, for what systems say there and no setting is."""
    return os.environ


def load_settings(
    flags: Mapping[str, str | None], environ: Mapping[str, str], *, default_data_dir: Path
) -> Settings:
    """Return what holds for this start.

    Args:
        flags: Given on the command line, by the setting's name; None counts as not given.
        environ: The environment.
        default_data_dir: The user's own data folder.

    Raises:
        SettingError: If a value is refused, or a flag or a key of `nodo.toml` is unknown.
    """
    _refuse_unknown_flags(flags)
    data_dir_texts = _texts_outside_the_file(_by_name("data_dir"), flags, environ)
    data_dir = _resolved(_by_name("data_dir"), data_dir_texts, str(default_data_dir))
    texts = file_texts(DataFolder(Path(str(data_dir.value))).settings_file)
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for setting in SETTINGS:
        found = data_dir if setting.name == "data_dir" else _found(setting, flags, environ, texts)
        values[setting.name] = found.value
        sources[setting.name] = found.source
    providers = provider_addresses(environ, texts)
    for name, one in providers.items():
        kind = SourceKind.FILE if one.is_from_file else SourceKind.ENVIRONMENT
        sources[f"provider_{name}_url"] = Source(kind, one.said_by)
    settings = Settings(
        **values,
        provider_urls={name: one.address for name, one in providers.items()},
        sources=sources,
        warnings=(*unknown_variables(environ), *_doubtful(values, sources)),
    )
    _refuse_shared_ports(settings)
    return settings


@dataclass(frozen=True)
class _Found:
    value: object
    source: Source


def _by_name(name: str) -> Setting:
    return next(setting for setting in SETTINGS if setting.name == name)


def _refuse_unknown_flags(flags: Mapping[str, str | None]) -> None:
    names = [setting.name for setting in SETTINGS]
    for flag in flags:
        if flag not in names:
            raise SettingError(f"the setting {flag!r} is unknown", hint=nearest_known(flag, names))


def _found(
    setting: Setting,
    flags: Mapping[str, str | None],
    environ: Mapping[str, str],
    file: Mapping[str, str],
) -> _Found:
    texts = _texts_outside_the_file(setting, flags, environ)
    texts.append((Source(SourceKind.FILE, setting.name), file.get(setting.name, "")))
    return _resolved(setting, texts, setting.default)


def _texts_outside_the_file(
    setting: Setting, flags: Mapping[str, str | None], environ: Mapping[str, str]
) -> list[tuple[Source, str]]:
    """Return what is said, the strongest first; empty where nothing is."""
    said = [(Source(SourceKind.FLAG, _flag_name(setting)), flags.get(setting.name) or "")]
    said += [(Source(SourceKind.ENVIRONMENT, setting.env), environ.get(setting.env, ""))]
    said += [(Source(SourceKind.ALIAS, name), environ.get(name, "")) for name in setting.aliases]
    return said


def _flag_name(setting: Setting) -> str:
    return "--" + setting.name.replace("_", "-")


def _resolved(setting: Setting, texts: list[tuple[Source, str]], default: str) -> _Found:
    # An empty text says nothing: `NODO_MODEL=` is how a variable is taken back.
    said = [(source, text) for source, text in texts if text.strip()]
    source, text = said[0] if said else (Source(SourceKind.DEFAULT, setting.name), default)
    if not text.strip():
        return _Found(setting.unset, source)
    try:
        return _Found(setting.parse(text if setting.is_verbatim else text.strip()), source)
    except RefusedError as refusal:
        shown = "refused" if setting.is_secret else repr(text[:100])
        raise SettingError(
            f"{source.name} is {shown}: {refusal}",
            hint=setting.help + ".",
            setting=setting.name,
        ) from refusal


def _refuse_shared_ports(settings: Settings) -> None:
    taken: dict[int, str] = {}
    for name in ("port", "ollama_port", "tunnel_port"):
        number: int = getattr(settings, name)
        if number and number in taken:
            raise SettingError(
                f"{taken[number]} and {name} are both {number}; each door needs a port of its own",
                hint="Change one of them; 0 closes a door (port: takes any free one).",
                setting=name,
            )
        taken[number] = name


def _doubtful(values: Mapping[str, object], sources: Mapping[str, Source]) -> tuple[str, ...]:
    found: list[str] = []
    database = sources["database_url"]
    if values["database_url"] is None and database.kind is not SourceKind.DEFAULT:
        found.append(
            f"{database.name} names an SQLite file; Nodo does not read it, and keeps its data in "
            "nodo.db in the data folder"
        )
    if (values["admin_email"] is None) != (values["admin_password"] is None):
        found.append(
            "admin_email and admin_password belong together; with only one of them set-up is "
            "done in the browser"
        )
    found += [
        f"{sources[name].name} has no effect yet; this version has no such door"
        for name in ("tunnel_port", "lan")
        if values[name]
    ]
    if values["rate_limit_redis_enabled"] and values["redis_url"] is None:
        found.append(
            "rate_limit_redis_enabled is on but redis_url is not set; requests are counted in memory"
        )
    return tuple(found)
