import pytest

from tests.house.projects import findings
from tools.house_rules.rules import machine_words

_FOLDER = "/wor" + "k"


@pytest.mark.parametrize(
    "line", [f"see {_FOLDER}/x", f'"{_FOLDER}"', "https://pypi" + ".org/simple"]
)
def test_paths_and_hosts_of_one_machine_are_found(line: str) -> None:
    assert findings(machine_words.check, {"docs/a.md": line + "\n"}) == ["docs/a.md:1"]


@pytest.mark.parametrize("line", ["https://example.org/work/", "a/work/b", "/workers", "and/opt"])
def test_addresses_and_other_words_are_kept(line: str) -> None:
    assert findings(machine_words.check, {"docs/a.md": line + "\n"}) == []
