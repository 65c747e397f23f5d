import pytest

from appliance.base.checks import CheckResult, CheckStatus, worst_of


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "ok"),
        (["ok", "ok"], "ok"),
        (["ok", "degraded", "ok"], "degraded"),
        (["degraded", "down", "ok"], "down"),
    ],
)
def test_the_box_is_as_well_as_its_worst_part(statuses: list[str], expected: str):
    results = [CheckResult("part", CheckStatus(status)) for status in statuses]

    assert worst_of(results) == expected
