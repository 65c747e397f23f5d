"""Write a model of random weights with the shape, types and size of a real one, to measure speed.

Run: python -m benchmarks.make_random_model 3b FILE.gguf [--seed 1]
It needs benchmarks/requirements.txt. The model answers gibberish; how fast it reads and writes, and
how much memory it takes, are those of Qwen2.5 in Q4_K_M. Its vocabulary has the real one's size, but is
learnt from this repository's own documentation, so ordinary texts come to more tokens than they really
would. The rest of it are made-up words (`made_up_word`), one token each: prompts of them have known
lengths, and the model writes nothing else, so an answer never ends early and comes to the same tokens
when it is read again.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from benchmarks.made_up_words import made_up_word
from benchmarks.random_blocks import DRAWN, random_rows
from models.demo.bpe import END_OF_TEXT, SPECIAL_TOKENS, TURN_END, learn

_ROOT = Path(__file__).parents[1]
_VOCABULARY = 151_936
# Where Qwen2.5's vocabulary has its special tokens; what follows is padding.
_FIRST_SPECIAL = 151_643
_LEARNT = 4_000
# Among 150,000 words the forty likeliest are far above what rows so faint can reach.
_FAINT = 0.1
_F32, _Q4_K, _Q5_0, _Q6_K, _Q8_0 = (
    GGMLQuantizationType.F32,
    GGMLQuantizationType.Q4_K,
    GGMLQuantizationType.Q5_0,
    GGMLQuantizationType.Q6_K,
    GGMLQuantizationType.Q8_0,
)
_EMBEDDING = "token_embd.weight"
_TEMPLATE = (
    "{%- if messages[0]['role'] != 'system' -%}"
    "{{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}{%- endif -%}"
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)


@dataclass(frozen=True)
class Shape:
    """How large a Qwen2.5 model is; the output layer is the embedding, as in both real ones."""

    title: str
    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int

    @property
    def kv_width(self) -> int:
        """Return how many numbers a token's keys have, and its values."""
        return self.width // self.heads * self.kv_heads


SHAPES: Mapping[str, Shape] = {
    "0.5b": Shape("Random 0.5B", layers=24, width=896, feed_forward=4864, heads=14, kv_heads=2),
    "3b": Shape("Random 3B", layers=36, width=2048, feed_forward=11008, heads=16, kv_heads=2),
}


@dataclass(frozen=True)
class Tensor:
    """One tensor to be written.

    Attributes:
        kind: How it is stored.
        rows: Outputs; 1 for vectors.
        columns: Inputs.
    """

    name: str
    kind: GGMLQuantizationType
    rows: int
    columns: int


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of the model: learnt ones first, then made-up words, special ones, padding.

    Attributes:
        tokens: As GGUF spells them, the special ones included, without the padding.
        merges: Of the learnt ones.
        learnt: How many of the first tokens are learnt.
    """

    tokens: Sequence[str]
    merges: Sequence[tuple[str, str]]
    learnt: int


def main() -> None:
    """Write the model that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=sorted(SHAPES))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_model(SHAPES[arguments.shape], arguments.file, seed=arguments.seed)
    print(f"{arguments.file}: {arguments.file.stat().st_size / 2**20:.0f} MiB")


def write_model(shape: Shape, file: Path, *, seed: int) -> None:
    """Write a GGUF of that shape; the same seed gives the same file."""
    chance = np.random.default_rng(seed)
    writer = GGUFWriter(file, "qwen2")
    vocabulary = _vocabulary()
    _add_description(writer, shape)
    _add_vocabulary(writer, vocabulary)
    tensors = list(tensors_of(shape))
    for tensor in tensors:
        _announce(writer, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in tensors:
        is_embedding = tensor.name == _EMBEDDING
        drawn = _embedding(tensor, vocabulary, chance) if is_embedding else _drawn(tensor, chance)
        writer.write_tensor_data(drawn)
    writer.close()


def tensors_of(shape: Shape) -> Iterator[Tensor]:
    """Yield the tensors with the types that llama.cpp's Q4_K_M gives them.

    Source:
        `llama_tensor_get_type` in llama.cpp's src/llama-quant.cpp, as vendored by
        llama-cpp-python 0.3.36.
    """
    width, wide = shape.width, shape.feed_forward
    yield Tensor(_EMBEDDING, _fitting(_Q6_K, width), _VOCABULARY, width)
    yield Tensor("output_norm.weight", _F32, 1, width)
    for layer in range(shape.layers):
        better = _Q6_K if _takes_more_bits(layer, shape.layers) else _Q4_K
        matrices = (
            ("attn_q", _Q4_K, width, width),
            ("attn_k", _Q4_K, shape.kv_width, width),
            ("attn_v", better, shape.kv_width, width),
            ("attn_output", _Q4_K, width, width),
            ("ffn_gate", _Q4_K, wide, width),
            ("ffn_up", _Q4_K, wide, width),
            ("ffn_down", better, width, wide),
        )
        for name, kind, rows, columns in matrices:
            yield Tensor(f"blk.{layer}.{name}.weight", _fitting(kind, columns), rows, columns)
        for name, length in (("q", width), ("k", shape.kv_width), ("v", shape.kv_width)):
            yield Tensor(f"blk.{layer}.attn_{name}.bias", _F32, 1, length)
        for name in ("attn_norm", "ffn_norm"):
            yield Tensor(f"blk.{layer}.{name}.weight", _F32, 1, width)


def _takes_more_bits(layer: int, layers: int) -> bool:
    eighth, third = layers // 8, 2
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == third


def _fitting(kind: GGMLQuantizationType, columns: int) -> GGMLQuantizationType:
    """Return the type that llama.cpp falls back to when rows are not whole K-blocks."""
    if columns % DRAWN[kind][0] == 0:
        return kind
    return _Q5_0 if kind is _Q4_K else _Q8_0


def _announce(writer: GGUFWriter, tensor: Tensor) -> None:
    shape = (tensor.columns,) if tensor.rows == 1 else (tensor.rows, tensor.columns)
    size_bytes = tensor.rows * tensor.columns * 4
    if tensor.kind is not _F32:
        length, draw = DRAWN[tensor.kind]
        block_bytes = draw(1, 1.0, np.random.default_rng(0)).shape[1]
        size_bytes = tensor.rows * tensor.columns // length * block_bytes
    writer.add_tensor_info(tensor.name, shape, np.dtype(np.float32), size_bytes, tensor.kind)


def _drawn(tensor: Tensor, chance: np.random.Generator) -> np.ndarray:
    if tensor.kind is _F32:
        is_norm = tensor.name.endswith("norm.weight")
        return np.full(tensor.columns, 1.0 if is_norm else 0.0, np.float32)
    deviation = tensor.columns**-0.5
    return random_rows(tensor.kind, tensor.rows, tensor.columns, deviation, chance)


def _embedding(tensor: Tensor, vocabulary: Vocabulary, chance: np.random.Generator) -> np.ndarray:
    """Return rows of which only those of made-up words are strong enough to be chosen."""
    deviation = tensor.columns**-0.5
    words = _FIRST_SPECIAL - vocabulary.learnt
    parts = (
        (vocabulary.learnt, _FAINT * deviation),
        (words, deviation),
        (tensor.rows - _FIRST_SPECIAL, _FAINT * deviation),
    )
    return np.concatenate(
        [
            random_rows(tensor.kind, rows, tensor.columns, strength, chance)
            for rows, strength in parts
        ]
    )


def _add_description(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_name(shape.title)
    writer.add_description("Random weights: for measuring speed only")
    writer.add_file_type(LlamaFileType.MOSTLY_Q4_K_M)
    writer.add_context_length(32_768)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)


def _vocabulary() -> Vocabulary:
    texts = (page.read_text(encoding="utf-8") for page in sorted(_ROOT.glob("docs/**/*.md")))
    learnt = learn(texts, vocabulary=_LEARNT)
    ordinary = dict.fromkeys(learnt.tokens[: -len(SPECIAL_TOKENS)])
    learnt_count = len(ordinary)
    ordinary.update(dict.fromkeys(f"Ġ{made_up_word(number)}" for number in range(_FIRST_SPECIAL)))
    tokens = [*list(ordinary)[:_FIRST_SPECIAL], *SPECIAL_TOKENS]
    return Vocabulary(tokens, learnt.merges, learnt_count)


def _add_vocabulary(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    tokens = vocabulary.tokens
    padding = [f"[PAD{place}]" for place in range(len(tokens), _VOCABULARY)]
    types = [
        *[TokenType.NORMAL] * _FIRST_SPECIAL,
        *[TokenType.CONTROL] * len(SPECIAL_TOKENS),
        *[TokenType.UNUSED] * len(padding),
    ]
    writer.add_tokenizer_model("gpt2")
    # This kind takes a word that is a token as it is; qwen2's would look for merges that make it.
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list([*tokens, *padding])
    writer.add_token_types(types)
    writer.add_token_merges([f"{left} {right}" for left, right in vocabulary.merges])
    writer.add_bos_token_id(tokens.index(END_OF_TEXT))
    writer.add_eos_token_id(tokens.index(TURN_END))
    writer.add_pad_token_id(tokens.index(END_OF_TEXT))
    writer.add_add_bos_token(value=False)
    writer.add_chat_template(_TEMPLATE)


if __name__ == "__main__":
    main()
