import pytest

from tests.house.projects import findings
from tools.house_rules.rules import module_state


@pytest.mark.parametrize(
    "line",
    [
        "cache = {}",
        "_SEEN: dict[str, int] = {}",
        "_NAMES = ['a', 'b']",
        "_BY_NAME = defaultdict(list)",
        "engine = Engine()",
        "def f() -> None:\n    global cache\n",
    ],
)
def test_what_can_change_after_import_is_found(line: str) -> None:
    assert len(findings(module_state.check, {"appliance/a.py": line + "\n"})) == 1


@pytest.mark.parametrize(
    "line",
    [
        "_NAMES = ('a', 'b')",
        "_UNITS: Mapping[str, int] = {'s': 1}",
        "users = Table('users', metadata)",
        "T = TypeVar('T')",
        "_RULE = RateRule(per_minute=5)",
        "log = logging.getLogger(__name__)",
        "__all__ = ['a']",
        "def f() -> list[int]:\n    found = []\n    return found\n",
    ],
)
def test_constants_and_descriptions_are_kept(line: str) -> None:
    assert findings(module_state.check, {"appliance/a.py": line + "\n"}) == []


def test_a_line_with_a_reason_is_excepted_and_one_without_is_not() -> None:
    files = {
        "appliance/a.py": "cache = {}  # house: module-state — filled once by the loader\n",
        "appliance/b.py": "cache = {}  # house: module-state\n",
    }

    assert findings(module_state.check, files) == ["appliance/b.py:1"]
