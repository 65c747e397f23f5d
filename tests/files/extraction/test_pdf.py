"""Pdf files: pages in order, and what locked, scanned and hostile ones come to."""

import random

import pytest

from appliance.files.extraction.pdf import pieces_of
from appliance.files.extraction.refusals import UnreadableFileError
from tests.files import documents
from tests.files.documents import pdf
from tests.files.extraction.reading import pages_of, text_of


def refusal_of(content: bytes) -> UnreadableFileError:
    """Return with which words a file is refused."""
    with pytest.raises(UnreadableFileError) as refusal:
        text_of(pieces_of, content)
    return refusal.value


def test_pages_come_in_order_each_with_its_mark() -> None:
    content = pdf([["Señal (1)", "otra línea"], [], ["fin"]])

    assert text_of(pieces_of, content) == (
        "[page 1 of 3]\nSeñal (1)\notra línea\n\n[page 3 of 3]\nfin\n\n"
    )
    assert pages_of(pieces_of, content) == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_file_of_many_pages_is_read_to_its_end() -> None:
    text = text_of(pieces_of, pdf([[f"página {number}"] for number in range(1, 121)]))

    assert [f"página {number}\n" in text for number in (1, 50, 51, 100, 101, 120)] == [True] * 6


def test_a_locked_file_is_named_so() -> None:
    assert refusal_of(documents.locked_pdf("clave")).code == "file_encrypted"
    assert refusal_of(documents.aes_locked_pdf()).code == "file_encrypted"


def test_a_file_that_is_locked_against_changes_only_is_read() -> None:
    assert "Un secreto" in text_of(pieces_of, documents.locked_pdf(""))


def test_a_scan_is_told_apart_from_a_damaged_file() -> None:
    refusal = refusal_of(pdf([[], [], []]))

    assert refusal.code == "file_without_text"
    assert "pictures" in refusal.message


def test_a_page_that_unpacks_to_far_too_much_is_left_out() -> None:
    content = pdf(
        [["antes"], ["x"], ["después"]], page_streams={1: documents.packed_blanks(200 << 20)}
    )

    assert text_of(pieces_of, content).count("[page") == 2


@pytest.mark.parametrize(
    "content",
    [
        documents.pdf_bomb(200 << 20),
        pdf([["Hola"]])[:300],
        b"%PDF-1.4\n" + random.Random(1).randbytes(50_000),
        b"%PDF-1.4\n%%EOF\n",
        pdf([]),
        pdf([["x"]]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
        pdf([["x"]]).replace(b"/Type /Catalog", b"/Type /Cat    "),
    ],
    ids="bomb cut rubbish nothing empty circle catalogue".split(),
)
def test_a_damaged_or_hostile_file_is_refused_with_a_word(content: bytes) -> None:
    try:
        text_of(pieces_of, content)
    except UnreadableFileError as refusal:
        assert refusal.code in {"file_damaged", "file_without_text"}
        assert refusal.message


@pytest.mark.parametrize("seed", range(30))
def test_a_file_with_wrong_bytes_is_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(pdf([["Hola"], ["mundo"]]))
    for _ in range(chance.randrange(1, 40)):
        content[chance.randrange(len(content))] = chance.randrange(256)

    try:
        text_of(pieces_of, bytes(content))
    except UnreadableFileError as refusal:
        assert refusal.message
