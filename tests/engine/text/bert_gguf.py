"""A whole BERT with random weights, two layers of 32 values: small, but llama.cpp takes it.

Source: llama.cpp, gguf-py/gguf/constants.py (MODEL_TENSORS of BERT) and convert_hf_to_gguf.py.
"""

import random
import struct
from collections.abc import Iterator

from tests.engine.text.tiny_gguf import (
    F32,
    TEXT,
    TinyGguf,
    listed,
    tensor,
    text,
    u32,
    whole,
    words,
)

WIDTH, LAYERS, INNER, CONTEXT = 32, 2, 64, 64
_INT32, _TYPE_F32, _TYPE_BOOL = 5, 6, 7
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_WORDS = ["▁una", "▁casa", "▁dos", "▁perros", *(f"▁{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
          *"abcdefghijklmnopqrstuvwxyz"]  # fmt: skip
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *_WORDS]


def bert() -> bytes:
    """Return the file."""
    drawn = random.Random(7)  # weights, not secrets
    tensors: list[bytes] = []
    data = bytearray()
    for name, sizes in _shapes():
        tensors.append(tensor(name, sizes=sizes, offset=len(data)))
        count = sizes[0] * (sizes[1] if len(sizes) > 1 else 1)
        middle = 1.0 if name.endswith("norm.weight") else 0.0
        data += struct.pack(f"<{count}f", *(drawn.gauss(middle, 0.3) for _ in range(count)))
    return TinyGguf(facts=_facts(), tensors=tuple(tensors), data=bytes(data)).content()


def _facts() -> tuple[tuple[str | bytes, bytes], ...]:
    kinds = [_CONTROL, _UNKNOWN, _CONTROL, _CONTROL, *([_NORMAL] * len(_WORDS))]
    return (
        ("general.architecture", words("bert")),
        ("general.name", words("Tiny BERT")),
        ("bert.context_length", whole(CONTEXT)),
        ("bert.embedding_length", whole(WIDTH)),
        ("bert.feed_forward_length", whole(INNER)),
        ("bert.block_count", whole(LAYERS)),
        ("bert.attention.head_count", whole(2)),
        ("bert.attention.layer_norm_epsilon", u32(_TYPE_F32) + struct.pack("<f", 1e-12)),
        ("bert.attention.causal", u32(_TYPE_BOOL) + b"\0"),
        ("bert.pooling_type", whole(1)),
        ("tokenizer.ggml.model", words("bert")),
        ("tokenizer.ggml.token_type_count", whole(2)),
        ("tokenizer.ggml.tokens", listed(TEXT, len(TOKENS), b"".join(map(text, TOKENS)))),
        ("tokenizer.ggml.scores", listed(F32, len(TOKENS), b"\0" * 4 * len(TOKENS))),
        ("tokenizer.ggml.token_type", listed(_INT32, len(kinds), struct.pack(f"<{len(kinds)}i", *kinds))),
        ("tokenizer.ggml.padding_token_id", whole(0)),
        ("tokenizer.ggml.unknown_token_id", whole(1)),
        ("tokenizer.ggml.bos_token_id", whole(2)),
        ("tokenizer.ggml.eos_token_id", whole(3)),
        ("tokenizer.ggml.cls_token_id", whole(2)),
        ("tokenizer.ggml.seperator_token_id", whole(3)),
        ("tokenizer.ggml.add_bos_token", u32(_TYPE_BOOL) + b"\1"),
        ("tokenizer.ggml.add_eos_token", u32(_TYPE_BOOL) + b"\1"),
    )  # fmt: skip


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "token_embd.weight", (WIDTH, len(TOKENS))
    yield "position_embd.weight", (WIDTH, CONTEXT)
    yield "token_types.weight", (WIDTH, 2)
    yield from _pair("token_embd_norm", (WIDTH,))
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield from _pair(f"blk.{layer}.{part}", (WIDTH, WIDTH))
        yield from _pair(f"blk.{layer}.attn_output_norm", (WIDTH,))
        yield from _pair(f"blk.{layer}.ffn_up", (WIDTH, INNER))
        yield from _pair(f"blk.{layer}.ffn_down", (INNER, WIDTH))
        yield from _pair(f"blk.{layer}.layer_output_norm", (WIDTH,))


def _pair(name: str, sizes: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", sizes
    yield f"{name}.bias", (sizes[-1],)
