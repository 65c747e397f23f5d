"""Model files that are wrong in every way we could think of, each made of a tiny right one."""

import struct
from collections.abc import Iterator
from dataclasses import replace

from tests.engine.text.tiny_gguf import (
    ARRAY,
    FACTS,
    TEXT,
    U32,
    U64,
    TinyGguf,
    listed,
    tensor,
    text,
    u32,
    u64,
    whole,
    with_facts,
    without_fact,
    words,
)

RIGHT = TinyGguf()
_CONTENT = RIGHT.content()
_HUGE = (1 << 63) - 1


def hostile_files() -> dict[str, bytes]:
    """Return them by what is wrong."""
    return dict([*_not_gguf(), *_cut(), *_flipped(), *_counts(), *_facts(), *_tensors()])


def _not_gguf() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "only the magic", b"GGUF"
    yield "zip", b"PK\x03\x04" + bytes(2000)
    yield "pickle", b"\x80\x04\x95" + bytes(2000)
    yield "html", b"<!doctype html><title>404</title>" * 50
    yield "GGML of old", b"lmgg" + bytes(2000)
    yield "zeros", bytes(5000)
    yield "ones", b"\xff" * 5000
    yield "big-endian", b"GGUF" + struct.pack(">I", 3) + bytes(2000)
    yield "the other way round", _CONTENT[::-1]


def _cut() -> Iterator[tuple[str, bytes]]:
    for share in (5, 10, 20, 35, 50, 65, 80, 90, 99):
        yield f"cut at {share} %", _CONTENT[: len(_CONTENT) * share // 100]
    yield "one byte short", _CONTENT[:-1]


def _flipped() -> Iterator[tuple[str, bytes]]:
    for position in (4, 8, 12, 15, 16, 23, 24, 31, 40, 60):
        changed = bytearray(_CONTENT)
        changed[position] ^= 0xFF
        yield f"byte {position} flipped", bytes(changed)


def _counts() -> Iterator[tuple[str, bytes]]:
    for name, count in (
        ("no", 0),
        ("a million", 10**6),
        ("endless", _HUGE),
        ("all", (1 << 64) - 1),
    ):
        yield f"{name} tensors", replace(RIGHT, tensor_count=count).content()
        yield f"{name} keys", replace(RIGHT, key_count=count).content()
    for version in (0, 1, 4, 0x03000000):
        yield f"version {version}", replace(RIGHT, version=version).content()


def _facts() -> Iterator[tuple[str, bytes]]:
    for name in ("general.architecture", "qwen2.block_count", "qwen2.embedding_length"):
        yield f"without {name}", without_fact(name).content()
    for key in ("block_count", "context_length", "embedding_length"):
        yield f"{key} of zero", with_facts(**{f"qwen2__{key}": whole(0)}).content()
        yield f"{key} far too large", with_facts(**{f"qwen2__{key}": whole(2**32 - 1)}).content()
    yield "a million heads", with_facts(qwen2__attention__head_count_kv=whole(2**31)).content()
    yield "unknown kind", with_facts(general__architecture=words("../../etc/passwd")).content()
    yield "no kind", with_facts(general__architecture=whole(7)).content()
    yield "an adapter", with_facts(general__type=words("adapter")).content()
    yield "a part", with_facts(split__count=whole(5)).content()
    yield "a value of no type", with_facts(general__x=u32(99) + bytes(8)).content()
    yield "an endless list", with_facts(general__x=listed(U32, _HUGE, b"")).content()
    yield "a list of lists", with_facts(general__x=listed(ARRAY, 1, u32(U32) + u64(1))).content()
    yield "an endless text", with_facts(general__x=u32(TEXT) + u64(_HUGE)).content()
    yield (
        "a vocabulary that lies",
        with_facts(tokenizer__ggml__tokens=listed(TEXT, 1_900_000, text("a"))).content(),
    )
    yield "alignment of zero", with_facts(general__alignment=whole(0)).content()
    yield "alignment of three", with_facts(general__alignment=whole(3)).content()
    yield "a key that is no text", replace(RIGHT, facts=((b"\xff\xfe", whole(1)),)).content()
    yield (
        "a key twice",
        replace(RIGHT, facts=(*FACTS.items(), ("general.name", words("x")))).content(),
    )
    yield "an endless key", replace(RIGHT, facts=(("k" * 100_000, whole(1)),)).content()


def _tensors() -> Iterator[tuple[str, bytes]]:
    kinds: dict[str, bytes] = {
        "of no type": tensor(kind=77),
        "of no dimension": tensor(sizes=()),
        "of nine dimensions": tensor(sizes=(1,) * 9),
        "of no values": tensor(sizes=(0, 2)),
        "of too many values": tensor(sizes=(1 << 40, 1 << 40)),
        "beyond the end": tensor(offset=1 << 40),
        "off its place": tensor(offset=3),
        "of broken blocks": tensor(sizes=(31, 2), kind=2),
        "of no name": tensor(b"\xff\xff"),
        "of an endless name": u64(_HUGE) + u32(1) + u64(U64),
    }
    for name, block in kinds.items():
        yield f"a tensor {name}", replace(RIGHT, tensors=(block,)).content()
