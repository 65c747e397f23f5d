"""The extraction process: one file in, its text out by standard output, then it ends.

It reads what strangers wrote, so it may do little: it has no secrets, no network of its own, no
other file to write, and bounds on memory and processor time.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

from appliance.base.process import guard
from appliance.files.extraction import frames
from appliance.files.extraction.pieces import Pages, Pieces
from appliance.files.extraction.refusals import (
    UnreadableFileError,
    damaged,
    out_of_memory,
    without_text,
)
from appliance.files.model import FileKind, storable

_MEMORY_BYTES = 400 << 20
_CPU_S = 300
# The pages and the model go first when the processor is short.
_NICENESS = 10
_LONGEST_ORDER_BYTES = 64 * 1024


class _Voice:
    """Writes events as lines; the only writer of standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def tell(self, event: Mapping[str, object]) -> None:
        """Write one event."""
        self._stream.write(json.dumps(event).encode() + b"\n")
        self._stream.flush()


def main() -> int:
    """Read the file that the order on standard input names; returns the exit code."""
    # The words of libraries may be people's words.
    logging.disable()
    voice = _Voice(_standard_output_kept_clean())
    _shut_in()
    order = json.loads(sys.stdin.buffer.readline(_LONGEST_ORDER_BYTES) or b"null")
    if order is None:
        return 0
    try:
        _extract(order, voice)
    except UnreadableFileError as refusal:
        voice.tell(_refused(refusal))
    except MemoryError:
        voice.tell(_refused(out_of_memory()))
    except Exception:  # noqa: BLE001  # Whatever a hostile file breaks, the box gets a word.
        voice.tell(_refused(damaged("it is not built as files of its kind are")))
    return 0


def _shut_in() -> None:
    guard.die_with_parent()
    guard.no_core_dumps()
    guard.no_new_privileges()
    guard.raise_oom_score()
    guard.limit_memory(_MEMORY_BYTES)
    guard.limit_cpu(_CPU_S)
    guard.write_nothing()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def _standard_output_kept_clean() -> BinaryIO:
    """Return the pipe to the box; whatever else prints goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def _extract(order: Mapping[str, object], voice: _Voice) -> None:
    room = int(cast("int", order["longest_characters"]))
    kind = FileKind(str(order["kind"]))
    has_text, total_pages = False, 0
    with Path(str(order["file"])).open("rb") as file:
        for piece in _pieces_of(file, kind):
            if isinstance(piece, Pages):
                total_pages = piece.total
                voice.tell(frames.pages_frame(piece.done, piece.total))
                continue
            text = storable(piece)
            has_text = has_text or not text.isspace()
            _tell_text(text[:room], voice)
            if len(text) > room:
                voice.tell(frames.read_frame(is_cut=True))
                return
            room -= len(text)
    if not has_text:
        raise without_text(has_pages=total_pages > 0)
    voice.tell(frames.read_frame(is_cut=False))


def _pieces_of(file: BinaryIO, kind: FileKind) -> Pieces:
    # Imported here: each process needs one of them only.
    if kind is FileKind.PDF:
        from appliance.files.extraction import pdf

        return pdf.pieces_of(file)
    if kind is FileKind.DOCX:
        from appliance.files.extraction import docx

        return docx.pieces_of(file)
    from appliance.files.extraction import plain_text

    return plain_text.pieces_of(file)


def _tell_text(text: str, voice: _Voice) -> None:
    for start in range(0, len(text), frames.PIECE_CHARACTERS):
        voice.tell(frames.text_frame(text[start : start + frames.PIECE_CHARACTERS]))


def _refused(refusal: UnreadableFileError) -> frames.Frame:
    return frames.refused_frame(code=refusal.code, detail=refusal.message, hint=refusal.hint)


if __name__ == "__main__":
    raise SystemExit(main())
