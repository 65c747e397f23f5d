from tools.house_rules.project import Project
from tools.house_rules.rules import file_size


def test_a_file_of_401_lines_is_too_long_and_one_of_400_is_not() -> None:
    project = Project({"appliance/a.py": "x = 1\n" * 401, "appliance/b.py": "x = 1\n" * 400})

    assert [found.path for found in file_size.check(project, {})] == ["appliance/a.py"]


def test_an_allowance_may_only_shrink() -> None:
    project = Project({"appliance/a.py": "x = 1\n" * 410})

    assert list(file_size.check(project, {"appliance/a.py": 410})) == []
    (found,) = file_size.check(project, {"appliance/a.py": 420})
    assert "lower its allowance" in found.message


def test_an_allowance_for_a_file_that_is_gone_is_found() -> None:
    (found,) = file_size.check(Project({}), {"appliance/gone.py": 410})

    assert found.path == "appliance/gone.py"
