"""What a file is called and what it begins with must fit together."""

import pytest

from appliance.files.model import FILE_TYPES, FileKind
from appliance.files.recognising import (
    HEAD_BYTES,
    FileMismatchError,
    FileTypeRefusedError,
    refuse_mismatch,
    type_of,
)
from tests.files import documents

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)


@pytest.mark.parametrize("name", ["a.exe", "a.doc", "a.html", "a.svg", "a", ".pdf", "a.pdf.exe"])
def test_a_type_that_is_not_read_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(FileTypeRefusedError) as refusal:
        type_of(name)

    assert refusal.value.fields["allowed"] == list(FILE_TYPES)
    assert "docx" in refusal.value.hint


def test_the_ending_counts_whatever_its_case() -> None:
    assert type_of("A.PDF").kind is FileKind.PDF


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (FileKind.PDF, b"MZ\x90\x00" + bytes(100)),
        (FileKind.PDF, b"hello"),
        (FileKind.PDF, bytes(1024) + b"%PDF-1.4"),
        (FileKind.DOCX, documents.pdf([["x"]])[:HEAD_BYTES]),
        (FileKind.DOCX, OLE),
        (FileKind.TEXT, b"MZ this program"),
        (FileKind.TEXT, b"\x7fELF\x02"),
        (FileKind.TEXT, b"PK\x03\x04"),
        (FileKind.TEXT, b"%PDF-1.7"),
        (FileKind.TEXT, b"almost text\x00"),
        (FileKind.TEXT, bytes(100)),
        (FileKind.TEXT, b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_file_that_is_something_else_is_refused(kind: FileKind, head: bytes) -> None:
    with pytest.raises(FileMismatchError):
        refuse_mismatch("x", kind, head)


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (FileKind.PDF, documents.pdf([["x"]])[:HEAD_BYTES]),
        (FileKind.PDF, b"a few words before\n%PDF-1.4"),
        (FileKind.DOCX, documents.docx()[:HEAD_BYTES]),
        (FileKind.TEXT, "ñandú".encode()),
        (FileKind.TEXT, "ñandú".encode("cp1252")),
        (FileKind.TEXT, "ñandú".encode("utf-16")),
        (FileKind.TEXT, "Una línea entera".encode("utf-16-le")),
        (FileKind.TEXT, "Una línea entera".encode("utf-16-be")),
        (FileKind.TEXT, "ñandú".encode("utf-32")),
    ],
)
def test_a_file_that_is_what_its_name_says_comes_in(kind: FileKind, head: bytes) -> None:
    refuse_mismatch("x", kind, head)


def test_a_locked_word_document_is_told_what_to_do() -> None:
    with pytest.raises(FileMismatchError) as refusal:
        refuse_mismatch("x.docx", FileKind.DOCX, OLE)

    assert "password" in refusal.value.message
    assert refusal.value.hint == "Save it as .docx without a password."
