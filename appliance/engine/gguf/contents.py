"""What stands in a GGUF file before its numbers: facts and tensors, checked against its size.

Source: the GGUF specification, versions 2 and 3 (ggml, docs/gguf.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from appliance.engine.gguf.values import DECIDING, GgufValues, Keeping, Value, refused, shown

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_TENSORS = 20_000
_MOST_KEYS = 5_000
_MOST_DIMENSIONS = 4
_LARGEST_TENSOR_ITEMS = 1 << 40
_LARGEST_ALIGNMENT = 4096

# ggml tensor type → (values in a block, bytes of a block).
_TENSOR_BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4),
    27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66),
    39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """One block of a model's numbers.

    Attributes:
        name: Such as `token_embd.weight`.
        kind: ggml's number of the type of its values.
        sizes: Along each dimension.
        offset: Where it begins, in bytes after the header.
    """

    name: str
    kind: int
    sizes: tuple[int, ...]
    offset: int

    @property
    def items(self) -> int:
        """Return how many values it has."""
        return prod(self.sizes)

    @property
    def end(self) -> int:
        """Return where it ends, in bytes after the header."""
        values, block_bytes = _TENSOR_BLOCKS[self.kind]
        return self.offset + self.items // values * block_bytes


@dataclass(frozen=True)
class GgufContents:
    """A header, read.

    Attributes:
        facts: By their keys; None for what was read over.
        tensors: All of them.
        size_bytes: Of the whole file.
        found: Which of the watched texts stand in lists.
    """

    facts: Mapping[str, Value | None]
    tensors: Sequence[Tensor]
    size_bytes: int
    found: frozenset[bytes]


def read_gguf_contents(file: Path, keeping: Keeping = DECIDING) -> GgufContents:
    """Return what stands in the header of `file`; takes up to a second for large vocabularies.

    Raises:
        InvalidValueError: If the file is no GGUF, is damaged or cut short (`code`
            `bad_model_file`); the message says which.
    """
    try:
        size_bytes = file.stat().st_size
        with file.open("rb") as stream:
            return _contents(GgufValues(stream, size_bytes, keeping), size_bytes)
    except OSError as error:
        raise refused(f"cannot be read ({error.strerror})") from error


def _contents(values: GgufValues, size_bytes: int) -> GgufContents:
    tensor_count, key_count = _counts(values)
    facts = _facts(values, key_count)
    alignment = facts.get("general.alignment", 32)
    if not isinstance(alignment, int) or not _is_alignment(alignment):
        raise refused(
            f"has an alignment of {alignment if isinstance(alignment, int) else '?'} bytes"
        )
    tensors = [_tensor(values, alignment) for _ in range(tensor_count)]
    data_start = -(-values.position // alignment) * alignment
    missing_bytes = data_start + max(tensor.end for tensor in tensors) - size_bytes
    if missing_bytes > 0:
        raise refused(f"is cut short: {missing_bytes:,} bytes are missing at its end")
    return GgufContents(facts, tensors, size_bytes, frozenset(values.found))


def _counts(values: GgufValues) -> tuple[int, int]:
    if values.take(4) != _MAGIC:
        raise refused("is not a GGUF file, whatever its name says")
    version = values.u32()
    if version not in _VERSIONS:
        raise refused(f"has GGUF version {version}; 2 and 3 can be read")
    tensor_count, key_count = values.u64(), values.u64()
    if not 0 < tensor_count <= _MOST_TENSORS or not 0 < key_count <= _MOST_KEYS:
        raise refused(f"claims {tensor_count} tensors and {key_count} keys")
    return tensor_count, key_count


def _facts(values: GgufValues, key_count: int) -> dict[str, Value | None]:
    facts: dict[str, Value | None] = {}
    for _ in range(key_count):
        key = values.key()
        if key in facts:
            raise refused(f"says {shown(key)} twice")
        facts[key] = values.value()
    return facts


def _is_alignment(alignment: int) -> bool:
    return 0 < alignment <= _LARGEST_ALIGNMENT and alignment & (alignment - 1) == 0


def _tensor(values: GgufValues, alignment: int) -> Tensor:
    name = values.key()
    dimension_count = values.u32()
    if not 0 < dimension_count <= _MOST_DIMENSIONS:
        raise refused(f"has a tensor {shown(name)} with {dimension_count} dimensions")
    sizes = tuple(values.u64() for _ in range(dimension_count))
    kind, offset = values.u32(), values.u64()
    block = _TENSOR_BLOCKS.get(kind)
    if block is None:
        raise refused(f"has a tensor {shown(name)} of the unknown type {kind}")
    # llama.cpp stores rows of whole blocks, so the first dimension must be made of them.
    if not 0 < prod(sizes) <= _LARGEST_TENSOR_ITEMS or sizes[0] % block[0] or offset % alignment:
        raise refused(f"has a tensor {shown(name)} of an impossible shape")
    return Tensor(name, kind, sizes, offset)
