"""Tables of limits: which entry counts for a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.web.limits import BodyLimit, fitting, is_under, most_specific_first

_LIMITS = most_specific_first(
    (
        BodyLimit("*", "/", 1),
        BodyLimit("POST", "/audios", 2),
        BodyLimit("POST", "/audios/upload", 3),
        BodyLimit("*", "/audios/upload", 4),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "size_bytes"),
    [
        ("POST", "/audios/upload", 3),
        ("POST", "/audios/upload/part", 3),
        ("PUT", "/audios/upload", 4),
        ("POST", "/audios/uploads", 2),
        ("POST", "/audios", 2),
        ("GET", "/audios", 1),
        ("POST", "//audios/upload", 1),
        ("POST", "/AUDIOS/upload", 1),
    ],
)
def test_the_most_specific_entry_counts(method: str, path: str, size_bytes: int) -> None:
    assert [limit.size_bytes for limit in fitting(_LIMITS, method, path)] == [size_bytes]


def test_without_an_entry_nothing_fits() -> None:
    assert fitting(_LIMITS[:-1], "GET", "/chat") == ()


@given(st.text(alphabet="ab/", max_size=8), st.text(alphabet="ab/", min_size=1, max_size=8))
def test_a_path_is_under_a_prefix_only_at_a_border_of_segments(path: str, prefix: str) -> None:
    expected = prefix in {"/", path} or path.startswith(prefix + "/")

    assert is_under(path, prefix) == expected
