"""Word documents: their text in reading order, and what hostile ones come to."""

import random

import pytest

from appliance.files.extraction.docx import pieces_of
from appliance.files.extraction.refusals import UnreadableFileError
from tests.files import documents
from tests.files.documents import docx, paragraph, table, word_part
from tests.files.extraction.reading import text_of

STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:style w:styleId="Ttulo2"><w:name w:val="heading 2"/></w:style></w:styles>'
)


def refusal_of(content: bytes) -> str:
    """Return the code with which a document is refused."""
    with pytest.raises(UnreadableFileError) as refusal:
        text_of(pieces_of, content)
    return refusal.value.code


def test_paragraphs_headings_lists_and_tables_come_in_reading_order() -> None:
    content = docx(
        paragraph("Plan", style="Ttulo2")
        + paragraph("Primero el turno.")
        + paragraph("leche", listed=True)
        + table(["Día", "Quién"], ["lunes", "Ana"])
        + paragraph("Fin"),
        parts={"word/styles.xml": STYLES},
    )

    assert text_of(pieces_of, content).split("\n") == [
        "## Plan", "Primero el turno.", "- leche", "Día | Quién", "lunes | Ana", "", "Fin", "", "",
    ]  # fmt: skip


def test_page_headers_stand_before_the_body_and_notes_and_footers_after_it() -> None:
    content = docx(
        paragraph("Cuerpo"),
        parts={
            "word/header1.xml": word_part(paragraph("Cabecera"), element="hdr"),
            "word/footer1.xml": word_part(paragraph("Pie"), element="ftr"),
            "word/footnotes.xml": word_part(paragraph("Nota"), element="footnotes"),
        },
    )

    assert text_of(pieces_of, content).split() == ["Cabecera", "Cuerpo", "Nota", "Pie"]


def test_tabs_and_breaks_count_in_text_and_not_in_definitions() -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>'
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
    )

    assert text_of(pieces_of, docx(body)) == "a\tb\nc\n\n"


def test_what_was_deleted_or_stands_there_twice_is_left_out() -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>weg</w:delText><w:t>weg</w:t></w:r></w:del>"
        "<mc:AlternateContent><mc:Choice><w:r><w:t>una</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>otra</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )

    assert text_of(pieces_of, docx(body)).strip() == "una"


def test_a_table_in_a_cell_stays_inside_its_row() -> None:
    inner = "<w:tc>" + table(["x", "y"]) + paragraph("z") + "</w:tc>"
    body = f"<w:tbl><w:tr><w:tc>{paragraph('a')}</w:tc>{inner}</w:tr></w:tbl>"

    assert text_of(pieces_of, docx(body)).strip() == "a | x | y z"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (documents.zip_bomb(4 << 30), "file_too_large_inside"),
        (documents.lying_zip_bomb(200 << 20), "file_damaged"),
        (documents.zip_bomb(60 << 20), "file_damaged"),
        (documents.entity_bomb(), "file_damaged"),
        (documents.zipped({"inner.docx": documents.zip_bomb(100 << 20)}), "file_damaged"),
        (documents.zipped({f"{n}.xml": "" for n in range(5001)}), "file_too_large_inside"),
        (docx()[:300], "file_damaged"),
        (docx(parts={"word/document.xml": "<w:document"}), "file_damaged"),
        (docx(parts={"word/document.xml": b"\xff\xfe\x00"}), "file_damaged"),
        (b"PK\x03\x04" + bytes(1000), "file_damaged"),
    ],
    ids="4GB lying zeros entities nested many cut broken binary rubbish".split(),
)
def test_a_hostile_document_is_refused_with_a_word(content: bytes, code: str) -> None:
    assert refusal_of(content) == code


def test_parts_that_are_large_together_are_refused_too() -> None:
    blank = word_part(paragraph(" " * (50 << 20)))
    parts = {f"word/header{number}.xml": blank for number in range(3)}

    assert refusal_of(docx(parts=parts)) == "file_too_large_inside"


def test_a_large_honest_document_is_read() -> None:
    # The negative control: size alone is no reason.
    content = docx("".join(paragraph(f"Línea {n} de un informe muy largo") for n in range(20_000)))

    assert text_of(pieces_of, content).count("informe") == 20_000


def test_a_relation_to_somewhere_else_is_not_followed() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="a" Type="x/header" Target="../../../etc/passwd"/>'
        '<Relationship Id="b" Type="x/header" Target="http://127.0.0.1:1/" TargetMode="External"/>'
        "</Relationships>"
    )

    content = docx(paragraph("Hola"), parts={"word/_rels/document.xml.rels": relations})

    assert text_of(pieces_of, content).strip() == "Hola"


@pytest.mark.parametrize("seed", range(30))
def test_a_document_with_wrong_bytes_is_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(docx(paragraph("Hola") + table(["a", "b"])))
    for _ in range(chance.randrange(1, 40)):
        content[chance.randrange(len(content))] = chance.randrange(256)

    try:
        text_of(pieces_of, bytes(content))
    except UnreadableFileError as refusal:
        assert refusal.message
