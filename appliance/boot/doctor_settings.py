"""What `nodo doctor` says about the settings: each value, and who decided it."""

from dataclasses import dataclass
from typing import Literal

from appliance.base.redaction import HIDDEN
from appliance.boot.settings import Settings, SourceKind
from appliance.boot.settings_table import SETTINGS, Setting


@dataclass(frozen=True)
class SettingLine:
    """One setting, as shown to a person; `asdict` gives what `--json` prints.

    Attributes:
        name: Of the setting.
        value: As text; a secret is `***`, what is not set is empty.
        source: Which of the five places decided.
        source_name: What it is called there.
    """

    name: str
    value: str
    source: Literal["flag", "environment", "alias", "file", "default"]
    source_name: str


def setting_lines(settings: Settings) -> tuple[SettingLine, ...]:
    """Return all settings in the order of their table."""
    return tuple(_line(setting, settings) for setting in SETTINGS) + tuple(
        _provider_line(f"provider_{name}_url", address, settings)
        for name, address in settings.provider_urls.items()
    )


def changed_lines(settings: Settings) -> tuple[SettingLine, ...]:
    """Return the settings that somebody decided."""
    return tuple(line for line in setting_lines(settings) if line.source != "default")


def alias_notes(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each variable of another system that is in use."""
    return tuple(
        f"{source.name} is used for {name} (Nodo's own name for it: {_env(name)})"
        for name, source in settings.sources.items()
        if source.kind is SourceKind.ALIAS
    )


def _line(setting: Setting, settings: Settings) -> SettingLine:
    source = settings.sources[setting.name]
    value = _shown(setting, getattr(settings, setting.name))
    return SettingLine(setting.name, value, source.kind.value, source.name)


def _provider_line(name: str, address: str, settings: Settings) -> SettingLine:
    source = settings.sources[name]
    return SettingLine(name, address, source.kind.value, source.name)


def _shown(setting: Setting, value: object) -> str:
    if value is None:
        return ""
    if setting.is_secret:
        return HIDDEN
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        elements: tuple[object, ...] = value
        return ", ".join(str(element) for element in elements)
    return str(value)


def _env(name: str) -> str:
    return next(setting.env for setting in SETTINGS if setting.name == name)
