"""The trained network as a GGUF file that llama.cpp loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf
import numpy as np

from models.demo.bpe import END_OF_TEXT, SPECIAL_TOKENS, TURN_END, Tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from models.demo.network import Decoder

NAME = "Nodo demo"
DESCRIPTION = (
    "A tiny Spanish and English model trained from scratch on generated dialogues. It shows that Nodo works; it knows "
    "almost nothing. Load a real model for real work."
)
CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
RECOMMENDED_TEMPERATURE = 0.2
RECOMMENDED_TOP_K = 40
RECOMMENDED_TOP_P = 0.9


def write(path: Path, network: Decoder, tokenizer: Tokenizer) -> None:
    """Write network and tokenizer as one GGUF file: matrices in F16, norms and biases in F32."""
    writer = gguf.GGUFWriter(path, "qwen2")
    _describe(writer)
    _shape(writer, network)
    _vocabulary(writer, tokenizer)
    for name, weight in _tensors(network):
        values = weight.detach().float().numpy()
        writer.add_tensor(name, values.astype(np.float16 if values.ndim == 2 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter) -> None:
    writer.add_type("model")
    writer.add_name(NAME)
    writer.add_basename("nodo-demo")
    writer.add_description(DESCRIPTION)
    writer.add_license("apache-2.0")
    writer.add_languages(["es", "en"])
    writer.add_tags(["demo", "chat"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    # Key names: GGUF specification, section "General metadata", sampling keys; gguf 0.19.
    writer.add_float32("general.sampling.temp", RECOMMENDED_TEMPERATURE)
    writer.add_int32("general.sampling.top_k", RECOMMENDED_TOP_K)
    writer.add_float32("general.sampling.top_p", RECOMMENDED_TOP_P)


def _shape(writer: gguf.GGUFWriter, network: Decoder) -> None:
    shape = network.shape
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.blocks)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_vocab_size(shape.vocabulary)


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    kinds = [
        gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL
        for token in tokenizer.tokens
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{left} {right}" for left, right in tokenizer.merges])
    writer.add_eos_token_id(tokenizer.id_of(TURN_END))
    writer.add_pad_token_id(tokenizer.id_of(END_OF_TEXT))
    writer.add_add_bos_token(value=False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _tensors(network: Decoder) -> list[tuple[str, Tensor]]:
    tensors = [
        ("token_embd.weight", network.embedding.weight),
        ("output_norm.weight", network.norm.weight),
    ]
    for number, block in enumerate(network.blocks):
        attention, feed_forward = block.attention, block.feed_forward
        parts = {
            "attn_norm.weight": block.attention_norm.weight,
            "attn_q.weight": attention.query.weight,
            "attn_q.bias": attention.query.bias,
            "attn_k.weight": attention.key.weight,
            "attn_k.bias": attention.key.bias,
            "attn_v.weight": attention.value.weight,
            "attn_v.bias": attention.value.bias,
            "attn_output.weight": attention.output.weight,
            "ffn_norm.weight": block.feed_forward_norm.weight,
            "ffn_gate.weight": feed_forward.gate.weight,
            "ffn_up.weight": feed_forward.up.weight,
            "ffn_down.weight": feed_forward.down.weight,
        }
        tensors += [(f"blk.{number}.{name}", weight) for name, weight in parts.items()]
    return tensors
