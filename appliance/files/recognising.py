"""Whether a file may come in: by the end of its name, and by its first bytes."""

from collections.abc import Mapping
from typing import ClassVar

from appliance.base.errors import ApplianceError
from appliance.files.encodings import encoding_by_head
from appliance.files.model import FILE_TYPES, FileKind, FileType
from appliance.files.names import ending_of

# So much of a file is looked at.
HEAD_BYTES = 4096
# ISO 32000 wants the mark at the very beginning; many programs put a little before it.
_PDF_MARK, _PDF_MARK_WITHIN = b"%PDF-", 1024
_ZIP_MARK = b"PK\x03\x04"
# [MS-CFB] 2.2: old Office documents, and new ones with a password ([MS-OFFCRYPTO]).
_COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_MARKS: Mapping[bytes, str] = {
    _PDF_MARK: "a pdf",
    _ZIP_MARK: "a zip archive or an Office document",
    _COMPOUND_MARK: "an old Office document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed file",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"{\\rtf": "an RTF document",
}


class FileTypeRefusedError(ApplianceError):
    """Files of this type are not read here."""

    status: ClassVar[int] = 415
    code = "file_type_refused"


class FileMismatchError(ApplianceError):
    """What the file holds is not what its name says."""

    status: ClassVar[int] = 415
    code = "file_type_mismatch"


def type_of(name: str) -> FileType:
    """Return the type of a file by its name.

    Raises:
        FileTypeRefusedError: If files of this type are not read here.
    """
    ending = ending_of(name)
    found = FILE_TYPES.get(ending)
    if found is None:
        shown = f"Files that end in .{ending[:12]}" if ending else "Files without an ending"
        raise FileTypeRefusedError(
            f"{shown} are not read here.",
            hint=f"Allowed are {', '.join(FILE_TYPES)}.",
            field="file",
            value=name,
            allowed=list(FILE_TYPES),
        )
    return found


def refuse_mismatch(name: str, kind: FileKind, head: bytes) -> None:
    """Do nothing, unless the file's first bytes show that it is something else.

    Args:
        name: The file's name.
        kind: What its name says.
        head: Its first `HEAD_BYTES`, or all of a shorter one.

    Raises:
        FileMismatchError: If they do.
    """
    if kind is FileKind.PDF and _PDF_MARK not in head[:_PDF_MARK_WITHIN]:
        raise _mismatch(name, f"no pdf but {_looks_like(head)}", "Save it as a pdf again.")
    if kind is FileKind.DOCX and not head.startswith(_ZIP_MARK):
        is_old = head.startswith(_COMPOUND_MARK)
        found = "protected by a password or an old .doc" if is_old else "no Word document"
        raise _mismatch(name, found, "Save it as .docx without a password.")
    if kind is FileKind.TEXT and _is_binary(head):
        raise _mismatch(name, f"no text but {_looks_like(head)}", "Save it as plain text.")


def _is_binary(head: bytes) -> bool:
    if encoding_by_head(head) is not None:
        return False
    return b"\x00" in head or any(head.startswith(mark) for mark in _BINARY_MARKS)


def _looks_like(head: bytes) -> str:
    named = (what for mark, what in _BINARY_MARKS.items() if head.startswith(mark))
    return next(named, "something else")


def _mismatch(name: str, found: str, hint: str) -> FileMismatchError:
    return FileMismatchError(f"The file “{name}” is {found}.", hint=hint, field="file", value=name)
