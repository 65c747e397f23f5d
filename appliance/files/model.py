"""Words of the files: what people give to be read, how far it is, and what limits it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MEBIBYTE = 1024 * 1024
LARGEST_FILE_BYTES = 25 * MEBIBYTE
# No model here reads more: about 250,000 tokens. What comes after is not kept.
LONGEST_TEXT_CHARACTERS = 1_000_000
LONGEST_NAME_CHARACTERS = 200
# Files that are in no question yet: a person who gives more has lost sight of them.
MOST_UNUSED_FILES = 100
KEPT_UNUSED = timedelta(hours=24)

_HALF_PAIR = re.compile("[\ud800-\udfff]")
# Half surrogate pairs cannot be encoded, NUL cannot be stored, the others mean nothing in a text.
_CONTROLS: Mapping[int, None] = {
    code: None for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}
# Of our models' tokenisers on Spanish, English and tables; too many rather than too few.
_BYTES_PER_TOKEN = 3


class FileKind(StrEnum):
    """Which reader a file needs."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"


class FileState(StrEnum):
    """How far a file is."""

    EXTRACTING = "extracting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class FileType:
    """What the end of a file's name says of it.

    Attributes:
        kind: Which reader it needs.
        media_type: As it is given back; nothing that a browser would run.
    """

    kind: FileKind
    media_type: str


_TEXT = FileType(FileKind.TEXT, "text/plain")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE_TYPES: Mapping[str, FileType] = {
    "txt": _TEXT,
    "text": _TEXT,
    "md": FileType(FileKind.TEXT, "text/markdown"),
    "markdown": FileType(FileKind.TEXT, "text/markdown"),
    "csv": FileType(FileKind.TEXT, "text/csv"),
    "tsv": FileType(FileKind.TEXT, "text/tab-separated-values"),
    "pdf": FileType(FileKind.PDF, "application/pdf"),
    "docx": FileType(FileKind.DOCX, _WORD),
    **dict.fromkeys(("log", "json", "jsonl", "yaml", "yml", "toml", "ini", "sql"), _TEXT),
}


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be read, for people and for programs.

    Attributes:
        code: Stable name.
        detail: What is wrong with it.
        hint: What to do about it; may be empty.
    """

    code: str
    detail: str
    hint: str


@dataclass(frozen=True)
class StoredFile:
    """A file that somebody gave.

    Attributes:
        id: Its id.
        owner_id: Whose.
        name: As people see it; never part of a path.
        kind: Which reader it needs.
        media_type: As it is given back.
        size_bytes: Of the file itself.
        blob: Name of its content among the blobs: random, and told to nobody.
        state: How far it is.
        created_at: When it was safe.
        pages: How many it has; None while unknown, and of files without pages.
        pages_done: How many of them are read.
        characters: Of its text; None until it is ready.
        is_cut: Whether the text went on after `LONGEST_TEXT_CHARACTERS`.
        tokens: What a model reads for it; None until it is ready.
        tokens_model: Which model's tokens those are; None if they are only estimated.
        fault: Why it cannot be read, if `state` is `FAILED`.
        is_used: Whether it belongs to a question; then it stays as long as that.
    """

    id: str
    owner_id: str
    name: str
    kind: FileKind
    media_type: str
    size_bytes: int
    blob: str
    state: FileState
    created_at: datetime
    pages: int | None = None
    pages_done: int | None = None
    characters: int | None = None
    is_cut: bool = False
    tokens: int | None = None
    tokens_model: str | None = None
    fault: Fault | None = None
    is_used: bool = False

    def tokens_are_estimated_for(self, model: str | None) -> bool:
        """Return whether this model reads about so many tokens, and not exactly so many."""
        return self.tokens is not None and (model is None or self.tokens_model != model)


@dataclass(frozen=True)
class FileRemoved:
    """Told on the event bus when somebody has removed a file for good."""

    file_id: str


@dataclass(frozen=True)
class ReadText:
    """What was read in a file.

    Attributes:
        text: At most `LONGEST_TEXT_CHARACTERS`.
        is_cut: Whether it went on after that.
        pages: How many pages the file has; None if it has none.
    """

    text: str
    is_cut: bool
    pages: int | None


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a model reads for this text; rather too many."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def storable(text: str) -> str:
    """Return text that every database and every client can take, without control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return _HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", lines.translate(_CONTROLS))
