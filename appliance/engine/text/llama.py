"""llama.cpp through its low-level bindings: one model, one context, several sequences in it.

Imported by the engine's own process only: a failed assertion in llama.cpp ends the process.
Source: llama-cpp-python 0.3.36, `llama_cpp.llama_cpp`.
"""

import ctypes
import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.sampler import Sampler
from appliance.engine.text.sampling import RECOMMENDATION_NAMES, Settled
from appliance.engine.text.stop_switch import StopSwitch

log = logging.getLogger(__name__)

_LONGEST_NUMBER_BYTES = 64
_ERROR_LEVEL = 4
_F16 = 1
_DECODED, _NO_ROOM, _INTERRUPTED = 0, 1, 2
_NEEDED = (
    "llama_model_load_from_file",
    "llama_init_from_model",
    "llama_get_memory",
    "llama_memory_seq_cp",
    "llama_memory_seq_rm",
    "llama_model_get_vocab",
    "llama_vocab_n_tokens",
    "llama_model_is_hybrid",
    "llama_sampler_chain_init",
)
_USUAL_PIECE_BYTES = 256
_MOST_TOKENS = 1 << 26


@dataclass(frozen=True)
class Row:
    """One token of a step: where it stands, and whether the token after it is wanted."""

    token: int
    position: int
    slot: int
    wants_logits: bool


class NoRoomError(Exception):
    """The key-value cache has no place for this step; nothing of it was computed."""


class StepInterruptedError(Exception):
    """Somebody interrupted this step; what it has written into the cache must be forgotten."""


class Llama:
    """A loaded model with its context.

    All methods but `tokens_of` and `piece` belong to one thread.

    Attributes:
        switch: Interrupts a step.
        vocabulary_size: How many tokens there are.
    """

    def __init__(
        self,
        file: Path,
        *,
        plan: LoadPlan,
        batch_rows: int,
        threads: int,
        on_progress: Callable[[float], None],
    ) -> None:
        """Load `file`; `on_progress` hears 0 to 1 meanwhile.

        Raises:
            EngineUnavailableError: If llama.cpp refuses the file or the memory is not there.
        """
        _check_version()
        native.llama_log_set(_quiet_log(), ctypes.c_void_p(0))
        native.llama_backend_init()
        self._model = _load_model(file, on_progress)
        self.switch = StopSwitch()
        self._context = _new_context(self._model, plan, batch_rows, threads, self.switch)
        self._memory = cast("native.llama_memory_t", native.llama_get_memory(self._context))
        self._vocabulary = cast("native.llama_vocab_p", native.llama_model_get_vocab(self._model))
        self.vocabulary_size = native.llama_vocab_n_tokens(self._vocabulary)
        self._batch = native.llama_batch_init(batch_rows, 0, 1)

    @property
    def template(self) -> str | None:
        """Return the chat template of the file, if it has one."""
        found = native.llama_model_chat_template(self._model, None)
        return found.decode(errors="replace") if found else None

    @property
    def trained_context_tokens(self) -> int:
        """Return the longest context that the model was trained for."""
        return int(native.llama_model_n_ctx_train(self._model))

    @property
    def can_split(self) -> bool:
        """Return whether parts of a sequence can be copied and forgotten."""
        return not (
            native.llama_model_is_recurrent(self._model)
            or native.llama_model_is_hybrid(self._model)
        )

    def special_text(self) -> dict[str, str]:
        """Return the texts of the tokens that templates name."""
        return {
            "bos_token": self._name_of(cast("int", native.llama_vocab_bos(self._vocabulary))),
            "eos_token": self._name_of(cast("int", native.llama_vocab_eos(self._vocabulary))),
        }

    def _name_of(self, token: int) -> str:
        return self.piece(token, special=True).decode(errors="replace") if token >= 0 else ""

    def begin_tokens(self) -> list[int]:
        """Return the token that every prompt of this model begins with, if it has one."""
        begin = cast("int", native.llama_vocab_bos(self._vocabulary))
        wants_it = native.llama_vocab_get_add_bos(self._vocabulary) and begin >= 0
        return [begin] if wants_it else []

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`; names of special tokens count only where `special`.

        It reads the vocabulary only, so any thread may ask.
        """
        raw = text.encode()
        # A token stands for one byte at least; a few models put one before the text.
        found = self._tokenised(raw, len(raw) + 8, special=special)
        if isinstance(found, int):
            found = self._tokenised(raw, found, special=special)
        if isinstance(found, int):
            raise EngineUnavailableError("The engine could not split the text into tokens.")
        return found

    def _tokenised(self, raw: bytes, room: int, *, special: bool) -> list[int] | int:
        """Return the tokens, or how much room they need."""
        tokens = (native.llama_token * room)()
        count = native.llama_tokenize(self._vocabulary, raw, len(raw), tokens, room, False, special)
        return list(tokens[:count]) if count >= 0 else min(-count, _MOST_TOKENS)

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of a token; they may end inside a character."""
        found = self._piece(token, _USUAL_PIECE_BYTES, special=special)
        if isinstance(found, int):
            # Long runs of spaces are tokens too.
            found = self._piece(token, found, special=special)
        return b"" if isinstance(found, int) else found

    def _piece(self, token: int, room: int, *, special: bool) -> bytes | int:
        """Return the bytes, or how much room they need."""
        buffer = ctypes.create_string_buffer(room)
        length = native.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, special)
        return buffer.raw[:length] if length >= 0 else -length

    def ends_answer(self, token: int) -> bool:
        """Return whether the model says with this token that it is done."""
        return bool(native.llama_vocab_is_eog(self._vocabulary, token))

    def decode(self, rows: Sequence[Row]) -> None:
        """Compute one step; at most `batch_rows` rows.

        Raises:
            NoRoomError: If the cache is full; the caller makes room or asks for less.
            StepInterruptedError: If `switch` was told so.
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
        if code == _INTERRUPTED:
            raise StepInterruptedError
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

    def copy(self, source: int, slot: int, tokens: int) -> None:
        """Let an empty sequence begin with the first tokens of another; they share the cells."""
        native.llama_memory_seq_cp(self._memory, source, slot, 0, tokens)

    def recommended(self) -> Mapping[str, str]:
        """Return what the file recommends for choosing tokens, by the names of GGUF."""
        return {
            name: value
            for name in RECOMMENDATION_NAMES
            if (value := self._said(f"general.sampling.{name}")) is not None
        }

    def _said(self, key: str) -> str | None:
        buffer = ctypes.create_string_buffer(_LONGEST_NUMBER_BYTES)
        length = native.llama_model_meta_val_str(
            self._model, key.encode(), cast("bytes", buffer), len(buffer)
        )
        return buffer.value.decode(errors="replace") if length >= 0 else None

    def sampler(self, sampling: Settled, seed: int) -> Sampler:
        """Return a new chooser of tokens."""
        return Sampler(self._context, self.vocabulary_size, sampling, seed)


def _check_version() -> None:
    # Names move between versions; found missing in mid-answer they would look like a crash.
    if missing := [name for name in _NEEDED if not hasattr(native, name)]:
        raise EngineUnavailableError(
            f"This version of llama-cpp-python has no {missing[0]}.",
            code="engine_not_installed",
            hint="Install the version that requirements-llama.lock names, then restart Nodo.",
        )


def _load_model(file: Path, on_progress: Callable[[float], None]) -> "native.llama_model_p":
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
    model: "native.llama_model_p",
    plan: LoadPlan,
    batch_rows: int,
    threads: int,
    switch: StopSwitch,
) -> "native.llama_context_p":
    wishes = native.llama_context_default_params()
    wishes.n_ctx = plan.room_tokens
    wishes.n_batch = wishes.n_ubatch = batch_rows
    wishes.n_seq_max = plan.slot_count
    # One row of each answer is asked for, and llama.cpp wants one per sequence; its default
    # would reserve room for all rows.
    wishes.n_outputs_max = plan.slot_count
    wishes.n_threads = wishes.n_threads_batch = threads
    # One pool of cells for all sequences; on a CPU it is fast only with flash attention and f16.
    wishes.kv_unified = True
    wishes.flash_attn_type = 1
    wishes.type_k = wishes.type_v = _F16
    wishes.no_perf = True
    switch.wire(wishes)
    context = native.llama_init_from_model(model, wishes)
    if not context:
        raise EngineUnavailableError(
            "There is not enough memory for this model's context.",
            code="not_enough_memory",
            hint="Choose a smaller model, or a smaller context_tokens.",
        )
    return context


# llama.cpp keeps the function for as long as the process lives, so it must live as long: one that
# went with its model would be called after its memory was given to somebody else.
@functools.cache
def _quiet_log() -> "native.CtypesFuncPointer":
    # Kept for the life of the process: llama.cpp calls it even after this model has gone.
    @native.llama_log_callback
    def forward(level: int, text: bytes, _data: object) -> None:
        if level == _ERROR_LEVEL:
            log.error("llama.cpp", extra={"text": text.decode(errors="replace").strip()})

    return forward
