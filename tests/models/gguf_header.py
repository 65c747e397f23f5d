"""The metadata of a GGUF file, read with the standard library alone.

Source:
    GGUF specification, version 3 (ggml, docs/gguf.md).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING = 8
_ARRAY = 9


def read_metadata(path: Path) -> dict[str, object]:
    """Return the keys and values in front of the tensors.

    Raises:
        ValueError: If the file is no GGUF of version 3.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF" or _number(file, "<I") != 3:
            message = f"{path} is not a GGUF file of version 3"
            raise ValueError(message)
        _number(file, "<Q")
        return {
            _string(file): _value(file, _number(file, "<I")) for _ in range(_number(file, "<Q"))
        }


def _number(file: BinaryIO, form: str) -> int:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "<Q")).decode("utf-8")


def _value(file: BinaryIO, kind: int) -> object:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        inner = _number(file, "<I")
        return [_value(file, inner) for _ in range(_number(file, "<Q"))]
    return _number(file, _NUMBERS[kind])
