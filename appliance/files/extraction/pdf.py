"""Pdf files: the text of their pages, in order, each with a mark of its own."""

from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from appliance.files.extraction.pieces import Pages, Pieces
from appliance.files.extraction.refusals import damaged, encrypted, without_text

# What a damaged or hostile file makes a parser stumble over; running out of memory or time is
# another matter.
_FAULTS = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError,
    OSError, RecursionError, TypeError, UnicodeError, ValueError,
)  # fmt: skip
# The reader keeps all that it has met; so often it starts anew, for the sake of memory.
_PAGES_AT_ONCE = 50


def pieces_of(file: BinaryIO) -> Pieces:
    """Yield the text page by page; a page that cannot be read is left out.

    Raises:
        UnreadableFileError: If the file is locked, damaged as a whole, or has no text.
    """
    reader, total = _opened(file)
    yield Pages(0, total)
    unread, has_text = 0, False
    for number in range(1, total + 1):
        try:
            text = reader.pages[number - 1].extract_text().strip()
        except _FAULTS:
            unread, text = unread + 1, ""
        if text:
            has_text = True
            yield f"[page {number} of {total}]\n{text}\n\n"
        yield Pages(number, total)
        if number % _PAGES_AT_ONCE == 0:
            reader.resolved_objects.clear()
    if unread == total:
        raise damaged("none of its pages can be read")
    if not has_text:
        raise without_text(has_pages=True)


def _opened(file: BinaryIO) -> tuple[PdfReader, int]:
    try:
        reader = PdfReader(file)
        # Many files are locked against changes only; for reading the empty password is enough.
        if reader.is_encrypted and not reader.decrypt(""):
            raise encrypted()
        total = len(reader.pages)
    except DependencyError as error:
        # An encryption that needs a library which is not part of Nodo.
        raise encrypted() from error
    except _FAULTS as error:
        raise damaged("it cannot be read as a pdf") from error
    if not total:
        raise damaged("it has no pages")
    return reader, total
