"""Text files: which encoding they are in, and their text."""

import codecs
import io
from typing import BinaryIO

from appliance.files.encodings import encoding_by_head
from appliance.files.extraction.pieces import Pieces
from appliance.files.recognising import HEAD_BYTES

_CHUNK_BYTES = 256 * 1024
_PIECE_CHARACTERS = 64 * 1024
# The usual one of Windows in the west; what it leaves undefined becomes a replacement mark.
_FALLBACK = "cp1252"


def pieces_of(file: BinaryIO) -> Pieces:
    """Yield the text; line ends become single ones."""
    with io.TextIOWrapper(file, encoding=_encoding_of(file), errors="replace") as text:
        while piece := text.read(_PIECE_CHARACTERS):
            yield piece


def _encoding_of(file: BinaryIO) -> str:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    encoding = encoding_by_head(head) or ("utf-8" if _is_utf8(file) else _FALLBACK)
    file.seek(0)
    return encoding


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
