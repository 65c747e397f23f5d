"""The demo model's network: a small decoder of the Qwen2 architecture in PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is.

    Attributes:
        vocabulary: Number of tokens.
        embedding: Width of the residual stream.
        blocks: Number of decoder blocks.
        heads: Query heads per block.
        kv_heads: Key and value heads per block; divides `heads`.
        feed_forward: Inner width of the SwiGLU layer.
        context: Longest conversation in tokens.
        rope_base: Base of the rotary position frequencies.
        norm_epsilon: What RMSNorm adds under the root.
    """

    vocabulary: int
    embedding: int = 256
    blocks: int = 6
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 704
    context: int = 2048
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-6

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.embedding // self.heads


def rotary_angles(length: int, shape: Shape) -> tuple[Tensor, Tensor]:
    """Return cosines and sines of the rotary positions, each of shape (length, head_width / 2)."""
    half = shape.head_width // 2
    frequencies = shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = torch.arange(length, dtype=torch.float32)[:, None] * frequencies
    return angles.cos(), angles.sin()


def rotated(vectors: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Return the vectors turned by their positions; first and second half of a head form the pairs (NeoX order)."""
    first, second = vectors.float().chunk(2, dim=-1)
    turned = torch.cat((first * cosines - second * sines, second * cosines + first * sines), dim=-1)
    return turned.to(vectors.dtype)


class Attention(nn.Module):
    """Causal attention in which several query heads share one key and value head."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv_width = shape.kv_heads * shape.head_width
        self.query = nn.Linear(shape.embedding, shape.embedding)
        self.key = nn.Linear(shape.embedding, kv_width)
        self.value = nn.Linear(shape.embedding, kv_width)
        self.output = nn.Linear(shape.embedding, shape.embedding, bias=False)

    def forward(self, stream: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        """Return what the heads read, of the stream's shape (rows, length, embedding)."""
        rows, length, width = stream.shape
        shape = self.shape
        query = self.query(stream).view(rows, length, shape.heads, shape.head_width).transpose(1, 2)
        key = self.key(stream).view(rows, length, shape.kv_heads, shape.head_width).transpose(1, 2)
        value = (
            self.value(stream).view(rows, length, shape.kv_heads, shape.head_width).transpose(1, 2)
        )
        shared_by = shape.heads // shape.kv_heads
        read = functional.scaled_dot_product_attention(
            rotated(query, cosines, sines),
            rotated(key, cosines, sines).repeat_interleave(shared_by, dim=1),
            value.repeat_interleave(shared_by, dim=1),
            is_causal=True,
        )
        return self.output(read.transpose(1, 2).reshape(rows, length, width))


class FeedForward(nn.Module):
    """SwiGLU: one projection gates the other."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.embedding, shape.feed_forward, bias=False)
        self.up = nn.Linear(shape.embedding, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.embedding, bias=False)

    def forward(self, stream: Tensor) -> Tensor:
        """Return the layer's addition to the stream."""
        return self.down(functional.silu(self.gate(stream)) * self.up(stream))


class Block(nn.Module):
    """One decoder block: attention, then the feed-forward layer, each after its own norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(shape.embedding, eps=shape.norm_epsilon)
        self.attention = Attention(shape)
        self.feed_forward_norm = nn.RMSNorm(shape.embedding, eps=shape.norm_epsilon)
        self.feed_forward = FeedForward(shape)

    def forward(self, stream: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        """Return the stream with this block's additions."""
        stream = stream + self.attention(self.attention_norm(stream), cosines, sines)
        return stream + self.feed_forward(self.feed_forward_norm(stream))


class Decoder(nn.Module):
    """The whole network; the token embedding is also the output layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.norm = nn.RMSNorm(shape.embedding, eps=shape.norm_epsilon)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                # What is added to the stream starts smaller the more blocks add to it.
                ends_branch = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(
                    weight, std=0.02 / (math.sqrt(2 * shape.blocks) if ends_branch else 1)
                )
            elif name.endswith("bias"):
                nn.init.zeros_(weight)
        cosines, sines = rotary_angles(shape.context, shape)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)

    def forward(self, tokens: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Return the logits of the next token.

        Args:
            tokens: Token ids, shape (rows, length).
            wanted: Which positions need logits, counted through all rows; all when left out.

        Returns:
            Logits of shape (wanted positions, vocabulary), or (rows, length, vocabulary).
        """
        length = tokens.shape[1]
        stream = self.embedding(tokens)
        for block in self.blocks:
            stream = block(stream, self.cosines[:length], self.sines[:length])
        if wanted is not None:
            stream = stream.flatten(0, 1)[wanted]
        return functional.linear(self.norm(stream), self.embedding.weight)


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained weights; the tied output layer counts once."""
    return sum(weight.numel() for weight in network.parameters())
