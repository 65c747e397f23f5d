"""Quantised weights drawn at random, written block by block as llama.cpp stores them.

The bytes of a block are drawn directly instead of quantising drawn numbers: for speed only sizes
and types matter, and two gigabytes are made in seconds. Scales are chosen so that the weights have
mean zero and the wanted deviation, or activations would overflow.

Source:
    ggml-common.h of llama.cpp (`block_q4_K`, `block_q6_K`, `block_q5_0`, `block_q8_0`), as vendored
    by llama-cpp-python 0.3.36.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

# Six-bit scales and minima that are all 32, packed as `block_q4_K.scales`.
_Q4_K_SCALES = bytes([0b10100000] * 8 + [0] * 4)
# Deviation of numbers that are equally likely from 0 to n-1.
_UNIFORM_16, _UNIFORM_32, _UNIFORM_64, _UNIFORM_256 = (
    math.sqrt((n * n - 1) / 12) for n in (16, 32, 64, 256)
)


def random_rows(
    kind: GGMLQuantizationType,
    rows: int,
    columns: int,
    deviation: float,
    chance: np.random.Generator,
) -> Bytes:
    """Return a random matrix, shape (rows, bytes per row).

    Args:
        kind: How it is stored; one of `DRAWN`.
        rows: Outputs of the layer.
        columns: Inputs of the layer, a multiple of the block's length.
        deviation: Standard deviation of the weights.
        chance: Where randomness comes from.
    """
    length, draw = DRAWN[kind]
    blocks = draw(rows * columns // length, deviation, chance)
    return blocks.reshape(rows, -1)


def _half(value: float, blocks: int) -> Bytes:
    return np.full(blocks, value, np.float16).view(np.uint8).reshape(blocks, 2)


def _drawn(blocks: int, size: int, chance: np.random.Generator) -> Bytes:
    return np.frombuffer(chance.bytes(blocks * size), np.uint8).reshape(blocks, size)


def _q4_k(blocks: int, deviation: float, chance: np.random.Generator) -> Bytes:
    scale = deviation / (32 * _UNIFORM_16)
    scales = np.tile(np.frombuffer(_Q4_K_SCALES, np.uint8), (blocks, 1))
    # The minimum takes away the mean of 0 to 15.
    parts = (_half(scale, blocks), _half(7.5 * scale, blocks), scales, _drawn(blocks, 128, chance))
    return np.concatenate(parts, axis=1)


def _q6_k(blocks: int, deviation: float, chance: np.random.Generator) -> Bytes:
    scales = np.full((blocks, 16), 16, np.uint8)
    scale = _half(deviation / (16 * _UNIFORM_64), blocks)
    return np.concatenate((_drawn(blocks, 192, chance), scales, scale), axis=1)


def _q5_0(blocks: int, deviation: float, chance: np.random.Generator) -> Bytes:
    scale = _half(deviation / _UNIFORM_32, blocks)
    return np.concatenate((scale, _drawn(blocks, 20, chance)), axis=1)


def _q8_0(blocks: int, deviation: float, chance: np.random.Generator) -> Bytes:
    scale = _half(deviation / _UNIFORM_256, blocks)
    return np.concatenate((scale, _drawn(blocks, 32, chance)), axis=1)


# Kind -> weights per block, and how to draw blocks.
DRAWN: Mapping[GGMLQuantizationType, tuple[int, Callable[..., Bytes]]] = {
    GGMLQuantizationType.Q4_K: (256, _q4_k),
    GGMLQuantizationType.Q6_K: (256, _q6_k),
    GGMLQuantizationType.Q5_0: (32, _q5_0),
    GGMLQuantizationType.Q8_0: (32, _q8_0),
}
