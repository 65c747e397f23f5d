"""What the extraction process and the box tell each other, one JSON object a line."""

from collections.abc import Mapping
from pathlib import Path

from appliance.files.model import FileKind

Frame = Mapping[str, object]

# Far below what a pipe takes for a line, whatever the characters.
PIECE_CHARACTERS = 256 * 1024


def order_frame(file: Path, kind: FileKind, *, longest_characters: int) -> Frame:
    """Return the one order that an extraction process gets."""
    return {"file": str(file), "kind": kind.value, "longest_characters": longest_characters}


def pages_frame(done: int, total: int) -> Frame:
    """Return that so many pages are read."""
    return {"is": "pages", "done": done, "total": total}


def text_frame(text: str) -> Frame:
    """Return the next piece of text."""
    return {"is": "text", "text": text}


def read_frame(*, is_cut: bool) -> Frame:
    """Return that the file is read to its end, or as far as is wanted."""
    return {"is": "read", "is_cut": is_cut}


def refused_frame(*, code: str, detail: str, hint: str) -> Frame:
    """Return that the file gives no text, and why."""
    return {"is": "refused", "code": code, "detail": detail, "hint": hint}
