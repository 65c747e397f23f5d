"""Text files in the encodings that people have."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.files.extraction.plain_text import pieces_of
from tests.files.extraction.reading import text_of

TEXT = "Señal;Año;€\n1,5;2026;ñ\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_a_table_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert text_of(pieces_of, TEXT.encode(encoding)) == TEXT


def test_latin_1_is_read_as_what_windows_means_by_it() -> None:
    assert text_of(pieces_of, "ñandú".encode("latin-1")) == "ñandú"


def test_bytes_that_are_no_character_become_replacement_marks() -> None:
    assert text_of(pieces_of, b"a\x81b\xff\n") == "a\N{REPLACEMENT CHARACTER}bÿ\n"


def test_line_ends_of_all_systems_become_single_ones() -> None:
    assert text_of(pieces_of, b"uno\r\ndos\rtres\n") == "uno\ndos\ntres\n"


def test_one_wrong_byte_far_inside_decides_for_the_whole_file() -> None:
    content = b"a" * 1_000_000 + "ñ".encode("cp1252")

    assert text_of(pieces_of, content)[-1] == "ñ"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1))
def test_text_with_a_mark_comes_back_whatever_it_is(text: str) -> None:
    assert text_of(pieces_of, codecs.BOM_UTF8 + text.encode()) == text


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    text_of(pieces_of, content)
