"""Small files that are written whole or not at all."""

import json
import os
from pathlib import Path


def write_json(file: Path, content: object) -> None:
    """Write `content` so that a crash leaves the old file or the new one.

    Raises:
        OSError: If the disk is full or the folder cannot be written.
    """
    partial = file.with_name(f"{file.name}.part")
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)
