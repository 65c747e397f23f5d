"""How a model is loaded on this box: how long its conversations may be, and how many at once."""

from dataclasses import dataclass

from appliance.base.errors import EngineUnavailableError
from appliance.engine.gguf.header import GgufHeader
from appliance.engine.text.calibration import Repacking

# llama.cpp's compute buffers at 512 rows and few outputs, measured at 88 to 112 MiB for 3B.
_COMPUTE_BYTES = 150 << 20
_LEAST_CONTEXT_TOKENS = 512
# An encoder reads a text in one go, in which all of its tokens look at each other: its buffers
# grow with the square of them.
_MOST_ENCODED_TOKENS = 2048
_ENCODER_BYTES = 512 << 20
_MOST_EMBEDDED_TOKENS = 8192
_EMBEDDED_AT_ONCE = 16
# llama.cpp's cache is made of whole blocks of cells; we ask for those, so that the sums agree.
_BLOCK_TOKENS = 256
# A conversation keeps its place while others answer, so that its next turn reads only what is new.
_SLOTS_PER_ANSWER = 4
_MOST_SLOTS = 32
# Models with a running state pay for it once per sequence: no place is kept there for later.
_WITH_STATE = frozenset({
    "mamba", "mamba2", "falcon-h1", "granitehybrid", "nemotron_h", "qwen3next", "qwen35",
    "qwen35moe", "lfm2", "lfm2moe",
})  # fmt: skip


@dataclass(frozen=True)
class EngineWishes:
    """What the owner set.

    Attributes:
        context_tokens: Longest conversation.
        parallel: Answers that are written at the same time.
        threads: Threads of the engine; at least 1.
        repacking: Whether weights are repacked.
    """

    context_tokens: int
    parallel: int
    threads: int
    repacking: Repacking = Repacking.AUTO


@dataclass(frozen=True)
class LoadPlan:
    """What the engine's process is told.

    Attributes:
        context_tokens: Longest conversation with this model.
        parallel: Answers that are written at the same time.
        slot_count: Conversations that the cache remembers, those in work included.
        room_tokens: Tokens of the cache, shared by all of them.
        memory_bytes: What this will take at most.
    """

    context_tokens: int
    parallel: int
    slot_count: int
    room_tokens: int
    memory_bytes: int


def load_plan(
    header: GgufHeader, wishes: EngineWishes, *, available_bytes: int, repacks: bool = False
) -> LoadPlan:
    """Return how to load; with little memory fewer conversations share the cache.

    Args:
        header: The model.
        wishes: What the owner set.
        available_bytes: Memory that can be had now.
        repacks: Whether the weights are in memory twice.

    Raises:
        EngineUnavailableError: If not even one conversation fits (`not_enough_memory`).
    """
    context_tokens = min(wishes.context_tokens, header.context_tokens)
    fixed_bytes = (2 if repacks else 1) * header.size_bytes + _COMPUTE_BYTES
    per_token = max(header.key_value_bytes_per_token, 1)
    affordable_tokens = (available_bytes - fixed_bytes) // per_token
    least_tokens = _whole_blocks(min(context_tokens, _LEAST_CONTEXT_TOKENS))
    if affordable_tokens < least_tokens:
        raise _too_large(fixed_bytes + least_tokens * per_token, available_bytes)
    parallel = max(wishes.parallel, 1)
    affordable_blocks = affordable_tokens // _BLOCK_TOKENS * _BLOCK_TOKENS
    room_tokens = min(_whole_blocks(parallel * context_tokens), affordable_blocks)
    return LoadPlan(
        context_tokens=min(context_tokens, room_tokens),
        parallel=parallel,
        slot_count=_slot_count(parallel, header.architecture),
        room_tokens=room_tokens,
        memory_bytes=fixed_bytes + room_tokens * per_token,
    )


def embedding_plan(header: GgufHeader, wishes: EngineWishes, *, available_bytes: int) -> LoadPlan:
    """Return how to load a model that is to make vectors of texts.

    Raises:
        EngineUnavailableError: If it does not fit (`not_enough_memory`).
    """
    most_tokens = _MOST_ENCODED_TOKENS if header.only_embeds else _MOST_EMBEDDED_TOKENS
    context_tokens = min(wishes.context_tokens, header.context_tokens, most_tokens)
    kept_bytes = 0 if header.only_embeds else context_tokens * header.key_value_bytes_per_token
    compute_bytes = _ENCODER_BYTES if header.only_embeds else _COMPUTE_BYTES
    memory_bytes = header.size_bytes + compute_bytes + kept_bytes
    if memory_bytes > available_bytes:
        raise _too_large(memory_bytes, available_bytes)
    return LoadPlan(
        context_tokens=context_tokens,
        parallel=1,
        slot_count=_EMBEDDED_AT_ONCE,
        room_tokens=context_tokens,
        memory_bytes=memory_bytes,
    )


def _too_large(needed_bytes: int, available_bytes: int) -> EngineUnavailableError:
    return EngineUnavailableError(
        f"This model needs {_gigabytes(needed_bytes)} of memory; "
        f"{_gigabytes(available_bytes)} are free.",
        code="not_enough_memory",
        hint="Choose a smaller model, or close other programs on the box.",
    )


def _slot_count(parallel: int, architecture: str) -> int:
    if architecture in _WITH_STATE:
        return parallel
    return max(parallel, min(parallel * _SLOTS_PER_ANSWER, _MOST_SLOTS))


def _whole_blocks(tokens: int) -> int:
    return -(-tokens // _BLOCK_TOKENS) * _BLOCK_TOKENS


def _gigabytes(count_bytes: int) -> str:
    return f"{max(count_bytes, 0) / 1e9:.1f} GB"
