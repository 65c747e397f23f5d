"""Word documents: the zip around them within limits, and their text in reading order.

Source: ECMA-376, Office Open XML, part 1 (17, WordprocessingML) and part 2 (packages).
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from appliance.files.extraction.pieces import Pieces
from appliance.files.extraction.refusals import damaged, encrypted, too_large_inside
from appliance.files.extraction.word_text import WordText
from appliance.files.extraction.xml_events import elements_in, parsed

_MOST_PARTS = 5_000
_LARGEST_PART_BYTES = 64 << 20
_MOST_UNPACKED_BYTES = 128 << 20
_CHUNK_BYTES = 64 * 1024
_LOCKED_FLAG = 1
_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError,
    ValueError,
)  # fmt: skip
# Before the body and after it, by the last word of the relation's type.
_BEFORE = ("header",)
_AFTER = ("footnotes", "endnotes", "footer")


def pieces_of(file: BinaryIO) -> Pieces:
    """Yield the text: page headers, the body with its tables, notes, page footers.

    Raises:
        UnreadableFileError: If the file is damaged, locked, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            package = _Package(archive)
            yield from _texts_of(package)
    except _FAULTS as error:
        raise damaged("it cannot be read as a Word document") from error


def _texts_of(package: "_Package") -> Iterator[str]:
    main = package.main_part()
    related = package.relations_of(main)
    headings = package.headings_in(related.get("styles", ()))
    before = [part for kind in _BEFORE for part in related.get(kind, ())]
    after = [part for kind in _AFTER for part in related.get(kind, ())]
    for part in [*before, main, *after]:
        if not package.has(part):
            continue
        text = WordText(headings)
        for _ in parsed(package.chunks_of(part), text.begin, text.end, text.take):
            yield from text.take_lines()
        yield from text.take_lines()
        yield "\n"


@dataclass
class _Package:
    """The parts of a document, unpacked within limits."""

    archive: zipfile.ZipFile
    unpacked_bytes: int = 0

    def __post_init__(self) -> None:
        count = len(self.archive.infolist())
        if count > _MOST_PARTS:
            raise too_large_inside(f"{count} parts; {_MOST_PARTS} are allowed")

    def has(self, part: str) -> bool:
        return part in self.archive.NameToInfo

    def main_part(self) -> str:
        found = self.relations_of("").get("officeDocument", ())
        for part in (*found, "word/document.xml"):
            if self.has(part):
                return part
        raise damaged("it is a zip archive, but no Word document")

    def relations_of(self, part: str) -> dict[str, list[str]]:
        """Return the parts that this one names (of the whole package: ""), by their kind."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, list[str]] = {}
        if not self.has(relations):
            return found
        for element, values in elements_in(self.chunks_of(relations)):
            if element == "Relationship" and values.get("TargetMode") != "External":
                kind = values.get("Type", "").rsplit("/", 1)[-1]
                target = posixpath.normpath(posixpath.join("/", folder, values.get("Target", "")))
                found.setdefault(kind, []).append(target.lstrip("/"))
        return found

    def headings_in(
        self, style_parts: Iterator[str] | list[str] | tuple[str, ...]
    ) -> dict[str, int]:
        """Return the level of each style that is a heading, by the style's id."""
        headings: dict[str, int] = {}
        style = ""
        for part in style_parts:
            if not self.has(part):
                continue
            for element, values in elements_in(self.chunks_of(part)):
                if element == "style":
                    style = values.get("styleId", "")
                elif element == "name":
                    # The same word in all languages of Word.
                    word, _, level = values.get("val", "").lower().partition(" ")
                    if word == "heading" and level.isdigit() and len(level) == 1:
                        headings[style] = int(level)
        return headings

    def chunks_of(self, part: str) -> Iterator[bytes]:
        """Yield the content of a part, and no more of it than documents have."""
        entry = self.archive.getinfo(part)
        if entry.flag_bits & _LOCKED_FLAG:
            raise encrypted()
        if entry.file_size > _LARGEST_PART_BYTES:
            raise _too_large()
        with self.archive.open(entry) as content:
            while chunk := content.read(_CHUNK_BYTES):
                self.unpacked_bytes += len(chunk)
                if self.unpacked_bytes > _MOST_UNPACKED_BYTES:
                    raise _too_large()
                yield chunk


def _too_large() -> Exception:
    return too_large_inside(f"over {_LARGEST_PART_BYTES >> 20} MiB of text and layout")
