import io

from appliance.boot.announcing import Announcer


def test_a_warning_ends_with_one_mark() -> None:
    said = io.StringIO()

    Announcer("en", said).warnings(("x is unknown. Did you mean y?", "z is odd"))

    assert said.getvalue() == "Warning: x is unknown. Did you mean y?\nWarning: z is odd.\n"
