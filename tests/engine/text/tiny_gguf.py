"""Tiny GGUF files, right and wrong, put together byte by byte.

Source: the GGUF specification, version 3 (ggml, docs/gguf.md).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

U32, F32, BOOL, TEXT, ARRAY, U64 = 4, 6, 7, 8, 9, 10


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def text(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return u64(len(raw)) + raw


def whole(number: int) -> bytes:
    """Return a value of type uint32, with its type."""
    return u32(U32) + u32(number)


def words(content: str | bytes) -> bytes:
    """Return a value of type string, with its type."""
    return u32(TEXT) + text(content)


def listed(kind: int, count: int, content: bytes) -> bytes:
    """Return a value of type array, with its type."""
    return u32(ARRAY) + u32(kind) + u64(count) + content


def tensor(
    name: str | bytes = "token_embd.weight",
    *,
    sizes: tuple[int, ...] = (32, 2),
    kind: int = 0,
    offset: int = 0,
    dimensions: int | None = None,
) -> bytes:
    count = len(sizes) if dimensions is None else dimensions
    return text(name) + u32(count) + b"".join(map(u64, sizes)) + u32(kind) + u64(offset)


FACTS: Mapping[str, bytes] = {
    "general.architecture": words("qwen2"),
    "general.name": words("Tiny"),
    "qwen2.context_length": whole(2048),
    "qwen2.embedding_length": whole(64),
    "qwen2.block_count": whole(2),
    "qwen2.attention.head_count": whole(4),
    "qwen2.attention.head_count_kv": whole(2),
    "tokenizer.ggml.tokens": listed(TEXT, 3, text("a") + text("b") + text("c")),
    "tokenizer.ggml.scores": listed(F32, 3, b"\0" * 12),
    "tokenizer.chat_template": words("{{ messages[0].content }}"),
}
DATA_BYTES = 32 * 2 * 4


@dataclass(frozen=True)
class TinyGguf:
    """The parts of a file; what is not given is right."""

    magic: bytes = b"GGUF"
    version: int = 3
    facts: tuple[tuple[str | bytes, bytes], ...] = tuple(FACTS.items())
    tensors: tuple[bytes, ...] = (tensor(),)
    key_count: int | None = None
    tensor_count: int | None = None
    alignment: int = 32
    data: bytes = b"\0" * DATA_BYTES

    def header(self) -> bytes:
        key_count = len(self.facts) if self.key_count is None else self.key_count
        tensor_count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        return (
            self.magic
            + u32(self.version)
            + u64(tensor_count)
            + u64(key_count)
            + b"".join(text(key) + value for key, value in self.facts)
            + b"".join(self.tensors)
        )

    def content(self) -> bytes:
        header = self.header()
        return header + b"\0" * (-len(header) % self.alignment) + self.data


def with_facts(**changes: bytes) -> TinyGguf:
    """Return a file with these facts changed or added; `__` in a name stands for a dot."""
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return TinyGguf(facts=tuple({**FACTS, **named}.items()))


def without_fact(name: str) -> TinyGguf:
    return TinyGguf(facts=tuple((k, v) for k, v in FACTS.items() if k != name))
