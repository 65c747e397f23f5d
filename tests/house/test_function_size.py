from tools.house_rules.project import Project
from tools.house_rules.rules import function_size


def _function(lines: int) -> str:
    return "def story():\n" + "    step()\n" * (lines - 1)


def test_a_function_of_51_lines_is_too_long_and_one_of_50_is_not() -> None:
    project = Project({"appliance/a.py": _function(51), "appliance/b.py": _function(50)})

    assert [found.path for found in function_size.check(project, {})] == ["appliance/a.py"]


def test_a_docstring_does_not_make_a_function_long() -> None:
    text = 'def story():\n    """Tell.\n' + "    More.\n" * 60 + '    """\n    step()\n'

    assert list(function_size.check(Project({"appliance/a.py": text}), {})) == []


def test_the_allowance_of_a_function_may_only_shrink() -> None:
    project = Project({"appliance/a.py": _function(60)})

    assert list(function_size.check(project, {"appliance/a.py::story": 60})) == []
    (found,) = function_size.check(project, {"appliance/a.py::story": 70})
    assert "lower its allowance" in found.message


def test_an_allowance_for_a_function_that_is_gone_is_found() -> None:
    (found,) = function_size.check(Project({}), {"appliance/a.py::gone": 60})

    assert found.path == "appliance/a.py"
