"""What a GGUF file says of itself, read with limits before any of it reaches llama.cpp.

Source: the GGUF specification, versions 2 and 3 (ggml, docs/gguf.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.gguf.contents import GgufContents, read_gguf_contents
from appliance.engine.gguf.kinds import EMBEDDING_ARCHITECTURES
from appliance.engine.gguf.values import Value, refused, shown

# Far above any model there is: what is larger is damage, and must not become a sum in bytes.
_MOST_BLOCKS = 10_000
_WIDEST_EMBEDDING = 1 << 20
_LONGEST_CONTEXT_TOKENS = 1 << 30

# Text generators that the bundled llama.cpp knows; vision towers are not among them.
_ARCHITECTURES = frozenset({
    "llama", "llama4", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "qwen3next", "qwen35",
    "qwen35moe", "gemma", "gemma2", "gemma3", "gemma3n", "gemma4", "phi2", "phi3", "phimoe",
    "mistral3", "mistral4", "starcoder", "starcoder2", "stablelm", "gpt2", "gptneox", "falcon",
    "falcon-h1", "deepseek", "deepseek2", "granite", "granitemoe", "granitehybrid", "smollm3",
    "olmo", "olmo2", "olmoe", "internlm2", "minicpm", "minicpm3", "command-r", "cohere2",
    "exaone", "exaone4", "glm4", "glm4moe", "gpt-oss", "lfm2", "lfm2moe", "ernie4_5",
    "ernie4_5-moe", "hunyuan-dense", "hunyuan-moe", "seed_oss", "nemotron", "nemotron_h",
    "orion", "baichuan", "bloom", "mpt", "mamba", "mamba2", "apertus", "arcee",
})  # fmt: skip

_CHOOSE_ANOTHER = "Choose a text model, such as Qwen2.5 instruct."


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
        only_embeds: Whether it turns texts into vectors and cannot write.
    """

    name: str
    architecture: str
    size_bytes: int
    context_tokens: int
    block_count: int
    key_value_bytes_per_token: int
    has_chat_template: bool
    only_embeds: bool = False


def read_gguf_header(file: Path) -> GgufHeader:
    """Return what `file` says of itself; takes up to a second for large vocabularies.

    Raises:
        InvalidValueError: If the file is no GGUF, is damaged, cut short, or of a kind that the
            engine does not know (`code` `bad_model_file`); the message says which.
    """
    return header_of(read_gguf_contents(file))


def header_of(contents: GgufContents) -> GgufHeader:
    """Return the facts of a header that was read already.

    Raises:
        InvalidValueError: If the engine does not know this kind of model (`bad_model_file`).
    """
    _check_kind(contents.facts)
    architecture = str(contents.facts["general.architecture"])
    return _header_of(architecture, contents.facts, contents.size_bytes)


def check_writes(header: GgufHeader) -> None:
    """Check that a model can write answers.

    Raises:
        InvalidValueError: If it only turns texts into vectors (`bad_model_file`).
    """
    if header.only_embeds:
        raise refused("holds a model that makes vectors of texts and cannot write", _CHOOSE_ANOTHER)


def _check_kind(facts: Mapping[str, Value | None]) -> None:
    architecture = facts.get("general.architecture")
    known = _ARCHITECTURES | EMBEDDING_ARCHITECTURES
    if not isinstance(architecture, str) or architecture not in known:
        named = shown(architecture) if isinstance(architecture, str) else "that it does not tell"
        raise refused(
            f"holds a model of the kind {named}, which this engine cannot run", _CHOOSE_ANOTHER
        )
    if facts.get("general.type", "model") != "model":
        raise refused("holds an addition to a model, not a whole one", _CHOOSE_ANOTHER)
    parts = facts.get("split.count", 1)
    if parts not in (0, 1):
        raise refused(
            "is one of several parts of a model",
            "Join the parts into one file first: `llama-gguf-split --merge`.",
        )


def _header_of(architecture: str, facts: Mapping[str, Value | None], size_bytes: int) -> GgufHeader:
    def of_architecture(key: str, default: int) -> int:
        return _whole(facts.get(f"{architecture}.{key}"), default)

    blocks = of_architecture("block_count", 0)
    context_tokens = of_architecture("context_length", 0)
    embedding = of_architecture("embedding_length", 0)
    if min(blocks, context_tokens, embedding) <= 0:
        raise refused("does not say how many layers or tokens it has")
    if (
        blocks > _MOST_BLOCKS
        or embedding > _WIDEST_EMBEDDING
        or context_tokens > _LONGEST_CONTEXT_TOKENS
    ):
        raise refused(f"claims {blocks} layers of {embedding} values for {context_tokens} tokens")
    name = facts.get("general.name")
    return GgufHeader(
        name=name if isinstance(name, str) else "",
        architecture=architecture,
        size_bytes=size_bytes,
        context_tokens=context_tokens,
        block_count=blocks,
        key_value_bytes_per_token=2 * blocks * _values_per_layer(of_architecture, embedding),
        has_chat_template="tokenizer.chat_template" in facts,
        only_embeds=architecture in EMBEDDING_ARCHITECTURES,
    )


def _values_per_layer(of_architecture: Callable[[str, int], int], embedding: int) -> int:
    """Return how many numbers one token adds to the cache of one layer."""
    heads = of_architecture("attention.head_count", 1)
    key_value_heads = of_architecture("attention.head_count_kv", heads)
    head_width = embedding // heads if heads > 0 else 0
    widths = [of_architecture(f"attention.{of}_length", head_width) for of in ("key", "value")]
    if not all(0 <= number <= _WIDEST_EMBEDDING for number in (heads, key_value_heads, *widths)):
        raise refused("claims attention heads that no model has")
    return key_value_heads * sum(widths)


def _whole(value: Value | None, default: int) -> int:
    if isinstance(value, list):
        # Some models have heads per layer: the largest is the safe estimate.
        value = max((number for number in value if isinstance(number, int)), default=default)
    return value if isinstance(value, int) else default
