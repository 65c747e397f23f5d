from tools.house_rules.project import Project
from tools.house_rules.table import percentile, size_table


def test_the_table_tells_median_p90_and_maximum() -> None:
    table = size_table(
        Project({"appliance/a.py": "def f():\n    a()\n\n", "appliance/b.py": "x = 1\n"})
    )

    assert table.splitlines()[2].split() == ["files", "2", "2", "3", "3", "appliance/a.py"]
    assert table.splitlines()[3].split() == ["functions", "1", "2", "2", "2", "appliance/a.py::f"]


def test_the_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    assert percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90) == 9
