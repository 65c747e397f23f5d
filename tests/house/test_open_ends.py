import pytest

from tests.house.projects import findings
from tools.house_rules.rules import open_ends

_MARK = "TO" + "DO"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("appliance/a.py", f"x = 1  # {_MARK}: check this"),
        ("ui/a.js", f"let x = 1; // {_MARK}"),
        ("ui/a.css", f"/* {_MARK} */"),
        ("appliance/a.py", "raise NotImplementedError"),
    ],
)
def test_work_that_is_only_announced_is_found(path: str, line: str) -> None:
    assert findings(open_ends.check, {path: line + "\n"}) == [f"{path}:1"]


def test_the_spanish_word_for_all_is_not_a_mark() -> None:
    files = {"appliance/a.py": f'greeting = "{_MARK} listo"\n', "ui/a.js": f'say("{_MARK}");\n'}

    assert findings(open_ends.check, files) == []
