"""llama.cpp through its low-level bindings: one model, one context, several sequences in it.

Imported by the engine's own process only: a failed assertion in llama.cpp ends the process.
Source: llama-cpp-python 0.3.36, `llama_cpp.llama_cpp`.
"""

import ctypes
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.model import Sampling

log = logging.getLogger(__name__)

_PENALTY_WINDOW_TOKENS = 64
_ERROR_LEVEL = 4
_F16 = 1
_DECODED, _NO_ROOM = 0, 1


@dataclass(frozen=True)
class Row:
    """One token of a step: where it stands, and whether the token after it is wanted."""

    token: int
    position: int
    slot: int
    wants_logits: bool


class NoRoomError(Exception):
    """The key-value cache has no place for this step; nothing of it was computed."""


class Llama:
    """A loaded model with its context. All methods belong to one thread."""

    def __init__(
        self,
        file: Path,
        *,
        room_tokens: int,
        slot_count: int,
        batch_rows: int,
        threads: int,
        on_progress: Callable[[float], None],
    ) -> None:
        """Load `file`; `on_progress` hears 0 to 1 meanwhile.

        Raises:
            EngineUnavailableError: If llama.cpp refuses the file or the memory is not there.
        """
        self._keep_log = _quiet_log()
        native.llama_log_set(self._keep_log, ctypes.c_void_p(0))
        native.llama_backend_init()
        self._model = _load_model(file, on_progress)
        self._context = _new_context(self._model, room_tokens, slot_count, batch_rows, threads)
        self._memory = native.llama_get_memory(self._context)
        self._vocabulary = native.llama_model_get_vocab(self._model)
        self._vocabulary_size = native.llama_vocab_n_tokens(self._vocabulary)
        self._batch = native.llama_batch_init(batch_rows, 0, 1)

    @property
    def template(self) -> str | None:
        """Return the chat template of the file, if it has one."""
        found = native.llama_model_chat_template(self._model, None)
        return found.decode() if found else None

    @property
    def trained_context_tokens(self) -> int:
        """Return the longest context that the model was trained for."""
        return int(native.llama_model_n_ctx_train(self._model))

    def special_text(self) -> dict[str, str]:
        """Return the texts of the tokens that templates name."""
        begin = native.llama_vocab_bos(self._vocabulary)
        end = native.llama_vocab_eos(self._vocabulary)
        return {
            "bos_token": self.piece(begin, special=True).decode() if begin >= 0 else "",
            "eos_token": self.piece(end, special=True).decode() if end >= 0 else "",
        }

    def begin_tokens(self) -> list[int]:
        """Return the token that every prompt of this model begins with, if it has one."""
        if not native.llama_vocab_get_add_bos(self._vocabulary):
            return []
        return [native.llama_vocab_bos(self._vocabulary)]

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`; names of special tokens count only where `special`."""
        raw = text.encode()
        # A token stands for one byte at least, so this is always enough.
        room = len(raw) + 8
        tokens = (native.llama_token * room)()
        count = native.llama_tokenize(
            self._vocabulary, raw, len(raw), tokens, room, False, special
        )
        if count < 0:
            raise EngineUnavailableError("The engine could not split the text into tokens.")
        return list(tokens[:count])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of a token; they may end inside a character."""
        buffer = ctypes.create_string_buffer(256)
        length = native.llama_token_to_piece(
            self._vocabulary, token, buffer, len(buffer), 0, special
        )
        return buffer.raw[:length] if length > 0 else b""

    def ends_answer(self, token: int) -> bool:
        """Return whether the model says with this token that it is done."""
        return bool(native.llama_vocab_is_eog(self._vocabulary, token))

    def decode(self, rows: Sequence[Row]) -> None:
        """Compute one step; at most `batch_rows` rows.

        Raises:
            NoRoomError: If the cache is full; the caller makes room or asks for less.
            EngineUnavailableError: If llama.cpp cannot go on with this context.
        """
        batch = self._batch
        for index, row in enumerate(rows):
            batch.token[index] = row.token
            batch.pos[index] = row.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row.slot
            batch.logits[index] = row.wants_logits
        batch.n_tokens = len(rows)
        code = native.llama_decode(self._context, batch)
        if code == _NO_ROOM:
            raise NoRoomError
        if code != _DECODED:
            raise EngineUnavailableError(f"llama.cpp stopped computing (code {code}).")

    def forget(self, slot: int, from_position: int) -> bool:
        """Empty a sequence from a position on; return False if all of it had to go.

        Models with a running state (Mamba and its relatives) cannot forget a part.
        """
        if native.llama_memory_seq_rm(self._memory, slot, from_position, -1):
            return True
        native.llama_memory_seq_rm(self._memory, slot, -1, -1)
        return False

    def sampler(self, sampling: Sampling, seed: int) -> "Sampler":
        """Return a new chooser of tokens."""
        return Sampler(self._context, self._vocabulary_size, sampling, seed)


class Sampler:
    """Chooses the next token of one answer."""

    def __init__(self, context: object, vocabulary_size: int, wish: Sampling, seed: int) -> None:
        self._context = context
        self._chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for link in _links(vocabulary_size, wish, seed):
            native.llama_sampler_chain_add(self._chain, link)

    def choose(self, row_index: int) -> int:
        """Return the token after row `row_index` of the step that was just decoded."""
        return int(native.llama_sampler_sample(self._chain, self._context, row_index))

    def close(self) -> None:
        """Free it; not used afterwards."""
        native.llama_sampler_free(self._chain)


def _links(vocabulary_size: int, wish: Sampling, seed: int) -> list[object]:
    links: list[object] = []
    if wish.repeat_penalty != 1.0:
        links.append(
            native.llama_sampler_init_penalties(
                vocabulary_size, _PENALTY_WINDOW_TOKENS, wish.repeat_penalty, 0.0, 0.0
            )
        )
    if wish.temperature <= 0:
        return [*links, native.llama_sampler_init_greedy()]
    # top_k stays before top_p: sorting the whole vocabulary for top_p costs 9 ms a token.
    if wish.top_k > 0:
        links.append(native.llama_sampler_init_top_k(wish.top_k))
    links.append(native.llama_sampler_init_top_p(wish.top_p, 1))
    if wish.min_p > 0:
        links.append(native.llama_sampler_init_min_p(wish.min_p, 1))
    links.append(native.llama_sampler_init_temp(wish.temperature))
    links.append(native.llama_sampler_init_dist(seed))
    return links


def _load_model(file: Path, on_progress: Callable[[float], None]) -> object:
    @native.llama_progress_callback
    def progress(share: float, _data: object) -> bool:
        on_progress(share)
        return True

    wishes = native.llama_model_default_params()
    # Repacked weights cost a second copy in memory and halve the speed of reading prompts.
    wishes.use_extra_bufts = False
    wishes.n_gpu_layers = 0
    wishes.progress_callback = progress
    model = native.llama_model_load_from_file(str(file).encode(), wishes)
    if not model:
        raise EngineUnavailableError(
            f"llama.cpp refuses the model file {file.name}.",
            code="bad_model_file",
            hint="It may be damaged, or newer than this version of Nodo.",
        )
    return model


def _new_context(
    model: object, room_tokens: int, slot_count: int, batch_rows: int, threads: int
) -> object:
    wishes = native.llama_context_default_params()
    wishes.n_ctx = room_tokens
    wishes.n_batch = wishes.n_ubatch = batch_rows
    wishes.n_seq_max = slot_count
    # Only one row of each sequence is asked for: the default reserves room for all of them.
    wishes.n_outputs_max = slot_count
    wishes.n_threads = wishes.n_threads_batch = threads
    # One pool of cells for all sequences; on a CPU it is fast only with flash attention and f16.
    wishes.kv_unified = True
    wishes.flash_attn_type = 1
    wishes.type_k = wishes.type_v = _F16
    wishes.no_perf = True
    context = native.llama_init_from_model(model, wishes)
    if not context:
        raise EngineUnavailableError(
            "There is not enough memory for this model's context.",
            code="not_enough_memory",
            hint="Choose a smaller model, or a smaller context_tokens.",
        )
    return context


def _quiet_log() -> object:
    @native.llama_log_callback
    def forward(level: int, text: bytes, _data: object) -> None:
        if level == _ERROR_LEVEL:
            log.error("llama.cpp", extra={"text": text.decode(errors="replace").strip()})

    return forward

