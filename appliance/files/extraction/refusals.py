"""Why a file gives no text, in words for the person who gave it."""

from typing import ClassVar

from appliance.base.errors import ApplianceError


class UnreadableFileError(ApplianceError):
    """The file gives no text."""

    status: ClassVar[int] = 422
    code = "file_damaged"


def damaged(why: str) -> UnreadableFileError:
    """Return that the file is not as it should be; `why` is a clause."""
    return UnreadableFileError(
        f"The file is damaged: {why}.", hint="Open it on your computer and save it again."
    )


def encrypted() -> UnreadableFileError:
    """Return that the file is locked."""
    return UnreadableFileError(
        "The file is protected by a password.",
        code="file_encrypted",
        hint="Save a copy without a password and upload that.",
    )


def without_text(*, has_pages: bool) -> UnreadableFileError:
    """Return that there is nothing to read in the file."""
    if has_pages:
        return UnreadableFileError(
            "There is no text in the file: its pages are pictures, such as scans.",
            code="file_without_text",
            hint="Let a scanner program recognise the text (OCR) and upload the result.",
        )
    return UnreadableFileError("There is no text in the file.", code="file_without_text")


def too_large_inside(what: str) -> UnreadableFileError:
    """Return that the file unpacks to far more than documents do; `what` says of what."""
    return UnreadableFileError(
        f"Unpacked, the file has too much of something: {what}.",
        code="file_too_large_inside",
        hint="Save the document again with less in it, or as plain text.",
    )


def out_of_memory() -> UnreadableFileError:
    """Return that reading the file needs more memory than it may have."""
    return UnreadableFileError(
        "Reading this file needs more memory than it may have.",
        code="file_needs_memory",
        hint="Split it into parts, or save it as plain text.",
    )
