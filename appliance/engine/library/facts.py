"""What a model can be asked for, from what its file says of itself."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from appliance.base.errors import InvalidValueError
from appliance.engine.gguf.contents import GgufContents, read_gguf_contents
from appliance.engine.gguf.header import header_of
from appliance.engine.gguf.kinds import EMBEDDING_ARCHITECTURES, FILE_TYPES, TENSOR_TYPES
from appliance.engine.gguf.values import Keeping
from appliance.engine.library.model import Capability, FileFacts, FillIn

# The special tokens by which families of models are asked to fill a gap.
_FILL_INS = (
    FillIn("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    FillIn("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    FillIn("▁<PRE>", "▁<SUF>", "▁<MID>"),
    FillIn("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
)
_KEEPING = Keeping(
    total_bytes=4 << 20,
    text_bytes=1 << 20,
    watched=frozenset(
        token.encode() for way in _FILL_INS for token in (way.prefix, way.suffix, way.middle)
    ),
)
_TOOLS_IN_TEMPLATE = re.compile(r"\btools\b")
_THINKING_IN_TEMPLATE = re.compile(r"enable_thinking|</think>|\bthinking\b")
# llama.cpp: 0 is no pooling at all, 4 ranks pairs of texts.
_POOLINGS_OF_VECTORS = (1, 2, 3)


def read_file_facts(file: Path) -> FileFacts:
    """Return the facts of a model's file; a file that cannot be used says why in `problem`."""
    try:
        contents = read_gguf_contents(file, _KEEPING)
    except InvalidValueError as error:
        return FileFacts(problem=error.message)
    return _facts_of(contents)


def _facts_of(contents: GgufContents) -> FileFacts:
    architecture = _text(contents, "general.architecture")
    template = _text(contents, "tokenizer.chat_template")
    fill_in = next((way for way in _FILL_INS if _has_all(contents, way)), None)
    is_embedding = _is_embedding(contents, architecture)
    problem = "" if is_embedding else _problem(contents)
    return FileFacts(
        problem=problem,
        title=_text(contents, "general.name"),
        architecture=architecture,
        parameter_count=sum(tensor.items for tensor in contents.tensors),
        quantization_level=_quantization(contents),
        context_tokens=_whole(contents, f"{architecture}.context_length"),
        embedding_length=_whole(contents, f"{architecture}.embedding_length"),
        capabilities=()
        if problem
        else tuple(
            _capabilities(template, is_embedding=is_embedding, has_fill_in=fill_in is not None)
        ),
        template=template,
        license=_text(contents, "general.license"),
        fill_in=fill_in,
    )


def _problem(contents: GgufContents) -> str:
    try:
        header_of(contents)
    except InvalidValueError as error:
        return error.message
    return ""


def _capabilities(template: str, *, is_embedding: bool, has_fill_in: bool) -> Iterator[Capability]:
    if is_embedding:
        yield Capability.EMBEDDING
        return
    yield Capability.COMPLETION
    if _TOOLS_IN_TEMPLATE.search(template):
        yield Capability.TOOLS
    if has_fill_in:
        yield Capability.INSERT
    if _THINKING_IN_TEMPLATE.search(template):
        yield Capability.THINKING


def _is_embedding(contents: GgufContents, architecture: str) -> bool:
    pooling = contents.facts.get(f"{architecture}.pooling_type")
    return architecture in EMBEDDING_ARCHITECTURES or pooling in _POOLINGS_OF_VECTORS


def _has_all(contents: GgufContents, way: FillIn) -> bool:
    return {token.encode() for token in (way.prefix, way.suffix, way.middle)} <= contents.found


def _quantization(contents: GgufContents) -> str:
    named = contents.facts.get("general.file_type")
    if isinstance(named, int) and named in FILE_TYPES:
        return FILE_TYPES[named]
    items = Counter[int]()
    for tensor in contents.tensors:
        items[tensor.kind] += tensor.items
    ((kind, _items),) = items.most_common(1)
    return TENSOR_TYPES.get(kind, "unknown")


def _text(contents: GgufContents, key: str) -> str:
    value = contents.facts.get(key)
    return value if isinstance(value, str) else ""


def _whole(contents: GgufContents, key: str) -> int:
    value = contents.facts.get(key)
    return value if isinstance(value, int) and value > 0 else 0
