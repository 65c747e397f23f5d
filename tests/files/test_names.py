"""Names of files are only ever shown and sent, and even so they carry no tricks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.files.names import display_name, ending_of


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("informe.pdf", "informe.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ana\\turnos.csv", "turnos.csv"),
        ("\\\\server\\share\\x.txt", "x.txt"),
        ("a/../../b.txt", "b.txt"),
        ("línea\r\nX-Evil: 1.txt", "línea X-Evil: 1.txt"),
        ("nulo\x00.txt", "nulo .txt"),
        ("exe.\u202efdp.txt", "exe. fdp.txt"),
        ("a\u2028b.txt", "a b.txt"),
        ("\ud83d.txt", "txt"),
        ("👩‍🔧 notas.md", "👩‍🔧 notas.md"),
        ("n\u0303andu\u0301.txt", "ñandú.txt"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        ("folder/", "file"),
        ("<img src=x onerror=alert(1)>.md", "<img src=x onerror=alert(1)>.md"),
    ],
)
def test_a_name_is_shown_without_folders_and_controls(sent: str, shown: str) -> None:
    assert display_name(sent) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = display_name("a" * 5000 + ".docx")

    assert (len(name), ending_of(name)) == (200, "docx")


@given(st.text(st.characters(), max_size=400))
def test_whatever_comes_in_the_name_is_one_short_line_that_can_be_encoded(sent: str) -> None:
    name = display_name(sent)

    assert 1 <= len(name) <= 200
    assert name.encode("utf-8")
    assert not set(name) & set("/\\\r\n\x00")
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Zl", "Zp", "Cs"}


@given(st.text(max_size=300))
def test_a_shown_name_is_shown_as_it_is(sent: str) -> None:
    assert display_name(display_name(sent)) == display_name(sent)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PDF", "pdf"), ("a.tar.gz", "gz"), (".pdf", ""), ("pdf", ""), ("a.", "")],
)
def test_the_ending_is_what_stands_after_the_last_dot(name: str, ending: str) -> None:
    assert ending_of(name) == ending
