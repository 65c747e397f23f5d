"""Documents for tests, good and hostile, made from nothing: no file of strangers is needed."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def paragraph(text: str, *, style: str = "", listed: bool = False) -> str:
    """Return a paragraph of a Word document."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    properties += '<w:numPr><w:numId w:val="1"/></w:numPr>' if listed else ""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    """Return a table of a Word document."""
    lines = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{lines}</w:tbl>"


def word_part(content: str, *, element: str = "document", before: str = "") -> str:
    """Return the XML of one part of a Word document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{before}'
        f'<w:{element} xmlns:w="{_WORD}" xmlns:mc="{_COMPATIBLE}"><w:body>{content}</w:body></w:{element}>'
    )


def docx(
    content: str = paragraph("Hola"), *, parts: Mapping[str, str | bytes] | None = None
) -> bytes:
    """Return a Word document with this body; `parts` are added, or replace usual ones."""
    related = [name for name in (parts or {}) if name.startswith("word/") and name.count("/") == 1]
    kinds = {name: name.removeprefix("word/").rstrip("0123456789.xml") for name in related}
    links = "".join(
        f'<Relationship Id="r{number}" Type="{_KINDS}/{kind}" Target="{name.removeprefix("word/")}"/>'
        for number, (name, kind) in enumerate(kinds.items())
    )
    usual: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r" '
        f'Type="{_KINDS}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": word_part(content),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{links}</Relationships>',
    }
    return zipped({**usual, **(parts or {})})


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_bomb(unpacked_bytes: int, part: str = "word/document.xml") -> bytes:
    """Return a Word document whose text unpacks to so many zeros, without packing them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    mebibyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = mebibyte * (unpacked_bytes >> 20) + packer.flush()
    name, size = part.encode(), min(unpacked_bytes, 0xFFFF_FFFE)
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + facts + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + bytes(14) + name
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + b"PK\x05\x06" + end


def lying_zip_bomb(unpacked_bytes: int) -> bytes:
    """Return the same, with a directory that tells of a hundred bytes."""
    content = bytearray(zip_bomb(unpacked_bytes))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(content)


def entity_bomb() -> bytes:
    """Return a Word document whose XML grows a billion times if somebody expands it."""
    entities = "".join(
        f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10)
    )
    doctype = f'<!DOCTYPE w:document [<!ENTITY a0 "ja">{entities}]>'
    return docx(parts={"word/document.xml": word_part(paragraph("&a9;"), before=doctype)})


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    ballast_bytes: int = 0,
    page_streams: Mapping[int, bytes] | None = None,
    trailer: str = "",
) -> bytes:
    """Return a pdf with these lines on its pages.

    Args:
        pages: Lines of each page, in characters of Windows' western set.
        ballast_bytes: Random bytes in a picture that no page shows.
        page_streams: Packed content to put on some pages instead, by the page's index.
        trailer: More entries of the trailer.
    """
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids: list[bytes] = []
    for index, lines in enumerate(pages):
        packed = (page_streams or {}).get(index) or zlib.compress(_page_content(lines))
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (len(objects) + 2)
        )
        objects.append(_stream(packed, b"/Filter /FlateDecode"))
    if ballast_bytes:
        objects.append(_stream(os.urandom(ballast_bytes), b"/Type /XObject /Subtype /Image"))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _numbered(objects, trailer.encode())


def pdf_bomb(unpacked_bytes: int) -> bytes:
    """Return a pdf with one page, which unpacks to so much."""
    return pdf([["x"]], page_streams={0: packed_blanks(unpacked_bytes)})


def packed_blanks(unpacked_bytes: int) -> bytes:
    """Return so many blanks, packed, without holding them."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(unpacked_bytes >> 20))
    return packed + packer.flush()


def locked_pdf(password: str) -> bytes:
    """Return a pdf that is protected by a password; with an empty one, against changes only."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([["Un secreto"]]))))
    writer.encrypt(password, "the owner's", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def aes_locked_pdf() -> bytes:
    """Return a pdf locked in a way that needs a library which is not there (only its shell)."""
    return pdf(
        [["x"]],
        trailer="/Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -1 /O (" + "o" * 48
        + ") /U (" + "u" * 48 + ") /OE (" + "o" * 32 + ") /UE (" + "u" * 32
        + ") /Perms (" + "p" * 16 + ") /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >>"
        " /StmF /StdCF /StrF /StdCF >> /ID [(0123456789abcdef) (0123456789abcdef)]",
    )  # fmt: skip


def written(folder: Path, name: str, content: bytes) -> Path:
    """Return a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _page_content(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in lines)
    return b"BT /F1 11 Tf 14 TL 50 800 Td\n" + shown + b"ET\n"


def _escaped(line: str) -> bytes:
    raw = line.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(content: bytes, entries: bytes) -> bytes:
    head = b"<< /Length %d %s >>\nstream\n" % (len(content), entries)
    return head + content + b"\nendstream"


def _numbered(objects: Sequence[bytes], trailer: bytes) -> bytes:
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    written += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(written)
