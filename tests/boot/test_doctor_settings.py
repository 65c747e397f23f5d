"""What the doctor says about settings."""

from pathlib import Path

from appliance.boot.doctor_settings import SettingLine, alias_notes, changed_lines, setting_lines
from appliance.boot.settings import load_settings
from appliance.boot.settings_table import SETTINGS

_ENVIRON = {
    "NODO_LAN": "on",
    "DATABASE_URL": "postgresql://a:hunter2@b/c",
    "NODO_CORS_ORIGINS": "http://a.example,http://b.example",
    "NODO_PROVIDER_X_URL": "http://x.example",
}


def test_each_decided_setting_is_told_with_who_decided_it_and_without_secrets() -> None:
    settings = load_settings({"port": "9000"}, _ENVIRON, default_data_dir=Path("/none"))

    assert changed_lines(settings) == (
        SettingLine("port", "9000", "flag", "--port"),
        SettingLine("lan", "on", "environment", "NODO_LAN"),
        SettingLine("database_url", "***", "alias", "DATABASE_URL"),
        SettingLine(
            "cors_origins", "http://a.example, http://b.example", "environment", "NODO_CORS_ORIGINS"
        ),
        SettingLine("provider_x_url", "http://x.example", "environment", "NODO_PROVIDER_X_URL"),
    )


def test_all_settings_are_listed_in_the_order_of_their_table() -> None:
    settings = load_settings({}, {}, default_data_dir=Path("/none"))

    names = [line.name for line in setting_lines(settings)]
    assert names == [setting.name for setting in SETTINGS]


def test_aliases_in_use_are_named_with_our_own_name_for_them() -> None:
    settings = load_settings({}, _ENVIRON, default_data_dir=Path("/none"))

    assert alias_notes(settings) == (
        "DATABASE_URL is used for database_url (Nodo's own name for it: NODO_DATABASE_URL)",
    )
