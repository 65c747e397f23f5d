"""The table of settings in the operator's page is the table in the program."""

from pathlib import Path

import pytest

from appliance.boot.settings_table import SETTINGS, Setting

_PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "–"
    aliases = ", ".join(f"`{alias}`" for alias in setting.aliases) or "–"
    return f"| `{setting.name}` | `{setting.env}` | {aliases} | {default} | {setting.help} |"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_is_documented_with_its_names_and_default(setting: Setting) -> None:
    assert _row(setting) in _PAGE.read_text(encoding="utf-8").splitlines()
