"""llama.cpp through its low-level bindings: one model, one context, several sequences in it.

Imported by the engine's own process only: a failed assertion in llama.cpp ends the process.
Source: llama-cpp-python 0.3.36, `llama_cpp.llama_cpp`.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.drafting import MOST_GUESSED
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model_file import load_model
from appliance.engine.text.sampler import Sampler
from appliance.engine.text.sampling import RECOMMENDATION_NAMES, Settled
from appliance.engine.text.sequence_states import SequenceStates
from appliance.engine.text.stop_switch import StopSwitch
from appliance.engine.text.vocabulary import Vocabulary

_LONGEST_NUMBER_BYTES = 64
_F16 = 1
_MOST_GUESSES_IN_STEP = 2 * MOST_GUESSED
_DECODED, _NO_ROOM, _INTERRUPTED = 0, 1, 2


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
        threads: How many compute.
        states: Takes what a sequence holds out of the cache, and puts it back.
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
        repacks: bool = False,
    ) -> None:
        """Load `file`; `on_progress` hears 0 to 1 meanwhile.

        Args:
            file: The model.
            plan: How much of it is to be in memory.
            batch_rows: Largest step.
            threads: That compute.
            on_progress: Hears how far it is.
            repacks: Whether llama.cpp makes a second copy of the weights.

        Raises:
            EngineUnavailableError: If llama.cpp refuses the file or the memory is not there.
        """
        self._model = load_model(file, on_progress, repacks=repacks)
        self.switch = StopSwitch()
        self._context = _new_context(self._model, plan, batch_rows, threads, self.switch)
        self._memory = cast("native.llama_memory_t", native.llama_get_memory(self._context))
        self._vocabulary = Vocabulary(self._model)
        self.vocabulary_size = self._vocabulary.vocabulary_size
        self._batch = native.llama_batch_init(batch_rows, 0, 1)
        self.states = SequenceStates(self._context)
        self.threads = threads

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
        return self._vocabulary.special_text()

    def begin_tokens(self) -> list[int]:
        """Return the token that every prompt of this model begins with, if it has one."""
        return self._vocabulary.begin_tokens()

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`; names of special tokens count only where `special`."""
        return self._vocabulary.tokens_of(text, special=special)

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of a token; they may end inside a character."""
        return self._vocabulary.piece(token, special=special)

    def ends_answer(self, token: int) -> bool:
        """Return whether the model says with this token that it is done."""
        return self._vocabulary.ends_answer(token)

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

    def copy(self, source: int, slot: int, tokens: int, *, start: int = 0) -> None:
        """Let a sequence that ends at `start` go on as another does, up to `tokens` in all.

        They share the cells.
        """
        native.llama_memory_seq_cp(self._memory, source, slot, start, tokens)

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
    # One row of each answer is asked for, and the guesses of a few; llama.cpp wants one per
    # sequence. Its default would reserve room for all rows.
    wishes.n_outputs_max = plan.slot_count + _MOST_GUESSES_IN_STEP
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
