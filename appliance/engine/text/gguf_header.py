"""What a GGUF file says of itself, read with limits before any of it reaches llama.cpp.

Source: the GGUF specification, versions 2 and 3 (ggml, docs/gguf.md).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.base.errors import InvalidValueError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_TENSORS = 20_000
_MOST_KEYS = 5_000
_MOST_ITEMS = 2_000_000
_LONGEST_KEY_BYTES = 256
_LONGEST_TEXT_BYTES = 1 << 20
_MOST_HEADER_BYTES = 256 << 20
_MOST_DIMENSIONS = 4
_LARGEST_TENSOR_ITEMS = 1 << 40

_TEXT, _ARRAY = 8, 9
# GGUF value type → struct format, for the types of fixed size.
_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i",
    6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
# ggml tensor type → (values in a block, bytes of a block).
_TENSOR_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4),
    27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66),
    39: (32, 17),
}  # fmt: skip
# Text generators that the bundled llama.cpp knows; encoders and vision towers are not among them.
_ARCHITECTURES = frozenset({
    "llama", "llama4", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "qwen3next", "qwen35", "gemma",
    "gemma2", "gemma3", "gemma3n", "phi2", "phi3", "phimoe", "mistral3", "starcoder", "starcoder2",
    "stablelm", "gpt2", "gptneox", "falcon", "falcon-h1", "deepseek", "deepseek2", "granite",
    "granitemoe", "granitehybrid", "smollm3", "olmo", "olmo2", "olmoe", "internlm2", "minicpm",
    "minicpm3", "command-r", "cohere2", "exaone", "exaone4", "glm4", "gpt-oss", "lfm2", "ernie4_5",
    "hunyuan-dense", "seed_oss", "nemotron", "orion", "baichuan", "bloom", "mpt", "mamba", "mamba2",
})  # fmt: skip


@dataclass(frozen=True)
class GgufHeader:
    """The facts of a model file that decide whether and how it is loaded.

    Attributes:
        name: What the file calls itself; may be empty.
        architecture: Such as `qwen2`.
        size_bytes: Of the whole file.
        context_tokens: Longest context that the model was trained for.
        block_count: Layers.
        key_value_bytes_per_token: Memory of one token in an f16 cache; an upper estimate.
        has_chat_template: Whether the file says how a conversation is written.
    """

    name: str
    architecture: str
    size_bytes: int
    context_tokens: int
    block_count: int
    key_value_bytes_per_token: int
    has_chat_template: bool


def read_gguf_header(file: Path) -> GgufHeader:
    """Return what `file` says of itself; takes up to a second for large vocabularies.

    Raises:
        InvalidValueError: If the file is no GGUF, is damaged, cut short, or of a kind that the
            engine does not know (`code` `bad_model_file`); the message says which.
    """
    try:
        size_bytes = file.stat().st_size
        with file.open("rb") as stream:
            return _Reader(stream, size_bytes).header()
    except OSError as error:
        raise _refused(f"cannot be read ({error.strerror})") from error
    except (struct.error, UnicodeDecodeError) as error:
        raise _refused("has a damaged header") from error


def _refused(why: str, hint: str = "") -> InvalidValueError:
    return InvalidValueError(
        f"The model file {why}.",
        code="bad_model_file",
        hint=hint or "Get the file again and compare its size and SHA-256 with its source.",
    )


class _Reader:
    def __init__(self, stream: BinaryIO, size_bytes: int) -> None:
        self._stream = stream
        self._size_bytes = size_bytes
        self._position = 0

    def header(self) -> GgufHeader:
        tensor_count, key_count = self._counts()
        facts = self._facts(key_count)
        self._check_tensors(tensor_count, _integer(facts, "general.alignment", 32))
        architecture = facts.get("general.architecture")
        if architecture not in _ARCHITECTURES:
            raise _refused(
                f"holds a model of the kind {architecture!r}, which this engine cannot run",
                hint="Choose a text model, such as Qwen2.5 instruct.",
            )
        return _header_of(str(architecture), facts, self._size_bytes)

    def _counts(self) -> tuple[int, int]:
        start = self._take(4)
        if start != _MAGIC:
            raise _refused("is not a GGUF file, whatever its name says")
        version = self._number("<I")
        if version not in _VERSIONS:
            raise _refused(f"has GGUF version {version}; 2 and 3 can be read")
        tensor_count, key_count = self._number("<Q"), self._number("<Q")
        if not 0 < tensor_count <= _MOST_TENSORS or not 0 < key_count <= _MOST_KEYS:
            raise _refused(f"claims {tensor_count} tensors and {key_count} keys")
        return tensor_count, key_count

    def _facts(self, key_count: int) -> dict[str, object]:
        facts: dict[str, object] = {}
        for _ in range(key_count):
            key = self._text(_LONGEST_KEY_BYTES)
            facts[key] = self._value(self._number("<I"))
        return facts

    def _value(self, kind: int) -> object:
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _TEXT:
            return self._text(_LONGEST_TEXT_BYTES)
        if kind == _ARRAY:
            return self._array()
        raise _refused(f"has a value of the unknown type {kind}")

    def _array(self) -> list[object]:
        kind, count = self._number("<I"), self._number("<Q")
        if count > _MOST_ITEMS:
            raise _refused(f"has a list of {count} items")
        if kind in _SCALARS:
            width = struct.calcsize(_SCALARS[kind])
            raw = self._take(count * width)
            # Only short lists are facts (heads per layer); the long ones are scores and types.
            return [v for (v,) in struct.iter_unpack(_SCALARS[kind], raw)] if count <= 1024 else []
        if kind != _TEXT:
            raise _refused("has a list inside a list")
        for _ in range(count):
            self._skip_text()
        return []

    def _check_tensors(self, count: int, alignment: int) -> None:
        if alignment <= 0 or alignment > 4096:
            raise _refused(f"has an alignment of {alignment} bytes")
        ends = [self._tensor_end(alignment) for _ in range(count)]
        data_start = -(-self._position // alignment) * alignment
        missing_bytes = data_start + max(ends) - self._size_bytes
        if missing_bytes > 0:
            raise _refused(f"is cut short: {missing_bytes:,} bytes are missing at its end")

    def _tensor_end(self, alignment: int) -> int:
        name = self._text(_LONGEST_KEY_BYTES)
        dimension_count = self._number("<I")
        if not 0 < dimension_count <= _MOST_DIMENSIONS:
            raise _refused(f"has a tensor {name!r} with {dimension_count} dimensions")
        items = 1
        for _ in range(dimension_count):
            items *= self._number("<Q")
        kind, offset = self._number("<I"), self._number("<Q")
        block = _TENSOR_BLOCKS.get(kind)
        if block is None:
            raise _refused(f"has a tensor {name!r} of the unknown type {kind}")
        if not 0 < items <= _LARGEST_TENSOR_ITEMS or items % block[0] or offset % alignment:
            raise _refused(f"has a tensor {name!r} of an impossible shape")
        return offset + items // block[0] * block[1]

    def _number(self, form: str) -> int:
        (number,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return number

    def _text(self, longest_bytes: int) -> str:
        length = self._number("<Q")
        if length > longest_bytes:
            raise _refused(f"has a text of {length:,} bytes in its header")
        return self._take(length).decode()

    def _skip_text(self) -> None:
        length = self._number("<Q")
        if length > _LONGEST_TEXT_BYTES:
            raise _refused(f"has a text of {length:,} bytes in its header")
        self._take(length)

    def _take(self, count: int) -> bytes:
        self._position += count
        if self._position > min(self._size_bytes, _MOST_HEADER_BYTES):
            raise _refused("is cut short inside its header")
        return self._stream.read(count)


def _integer(facts: dict[str, object], key: str, default: int) -> int:
    value = facts.get(key, default)
    if isinstance(value, list):
        # Some models have heads per layer: the largest is the safe estimate.
        value = max((v for v in value if isinstance(v, int)), default=default)
    return value if isinstance(value, int) else default


def _header_of(architecture: str, facts: dict[str, object], size_bytes: int) -> GgufHeader:
    def of_architecture(key: str, default: int) -> int:
        return _integer(facts, f"{architecture}.{key}", default)

    heads = of_architecture("attention.head_count", 1)
    embedding = of_architecture("embedding_length", 0)
    head_width = embedding // heads if heads > 0 else 0
    key_width = of_architecture("attention.key_length", head_width)
    value_width = of_architecture("attention.value_length", head_width)
    blocks = of_architecture("block_count", 0)
    context_tokens = of_architecture("context_length", 0)
    if min(blocks, context_tokens, embedding) <= 0:
        raise _refused("does not say how many layers or tokens it has")
    name = facts.get("general.name")
    return GgufHeader(
        name=name if isinstance(name, str) else "",
        architecture=architecture,
        size_bytes=size_bytes,
        context_tokens=context_tokens,
        block_count=blocks,
        key_value_bytes_per_token=2
        * blocks
        * of_architecture("attention.head_count_kv", heads)
        * (key_width + value_width),
        has_chat_template=isinstance(facts.get("tokenizer.chat_template"), str),
    )
