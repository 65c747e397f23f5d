from tests.house.projects import findings
from tools.house_rules.rules import documented_commands, documented_settings, links, same_version


def test_a_link_to_a_missing_file_or_heading_is_found() -> None:
    files = {
        "README.md": "[a](docs/gone.md)\n[b](docs/api.md#nowhere)\n![c](docs/pictures/gone.png)\n",
        "docs/api.md": "# The API\n",
    }

    assert findings(links.check, files) == ["README.md:1", "README.md:2", "README.md:3"]


def test_links_to_files_folders_headings_and_the_outside_are_kept() -> None:
    files = {
        "docs/a.md": "[a](../README.md) [b](api.md#the-api-in-short) [c](#top) [d](../docs)\n# Top\n",
        "docs/api.md": "## The API, in short\n",
        "README.md": "[x](https://example.org/)\n",
    }

    assert findings(links.check, files) == []


def test_commands_that_do_not_exist_are_found() -> None:
    readme = "Type `./gone`.\n```sh\n./run dance\nnpm run dance\npython -m tools.dance\n```\n"

    assert findings(documented_commands.check, {"README.md": readme, "run": ""}) == [
        "README.md:3",
        "README.md:4",
        "README.md:5",
        "README.md:1",
    ]


def test_commands_that_exist_are_kept() -> None:
    files = {
        "README.md": "```sh\n./run version   # which one\nnpm run check\n```\nand `make test`, `./test -k x`\n",
        "appliance/boot/cli.py": 'commands.add_parser("version")\n',
        "package.json": '{"scripts": {"check": "x"}}',
        "Makefile": "test:\n\t./test\n",
        "run": "",
        "test": "",
    }

    assert findings(documented_commands.check, files) == []


def test_a_setting_that_nobody_explains_is_found() -> None:
    table = 'SETTINGS: tuple[Setting, ...] = (\n    Setting("host", text),\n    secret("lan"),\n)\n'
    files = {
        "appliance/boot/settings_table.py": table,
        "docs/operations.md": "`NODO_HOST` is where, `NODO_LANGUAGE` another thing.\n",
    }

    assert findings(documented_settings.check, files) == ["appliance/boot/settings_table.py:3"]


def test_versions_that_differ_are_found() -> None:
    files = {
        "appliance/__init__.py": '__version__ = "0.2.0"\n',
        "CHANGELOG.md": "# Changes\n\n## 0.1.0\n",
        "package.json": '{"version": "0.1.0"}',
    }

    assert findings(same_version.check, files) == ["CHANGELOG.md:0", "package.json:0"]


def test_one_version_everywhere_is_kept() -> None:
    files = {
        "appliance/__init__.py": '__version__ = "0.2.0"\n',
        "CHANGELOG.md": "# Changes\n\n## 0.2.0 (unreleased)\n",
        "package.json": '{"version": "0.2.0"}',
    }

    assert findings(same_version.check, files) == []
