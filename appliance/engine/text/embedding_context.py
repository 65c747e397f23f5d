"""A model that tells vectors instead of words: llama.cpp's context for it.

Imported by the engine's own processes only: a failed assertion in llama.cpp ends the process.
Source: llama-cpp-python 0.3.36, `llama_cpp.llama_cpp`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model_file import load_model
from appliance.engine.text.vocabulary import Vocabulary

_NO_POOLING, _LAST, _RANK = 0, 3, 4
_F16 = 1
# Of a causal model's text, so many tokens are read in one go.
_ROWS = 512


@dataclass(frozen=True)
class _Row:
    token: int
    position: int
    sequence: int


class EmbeddingContext:
    """A loaded model with a context for vectors; it belongs to one thread.

    Attributes:
        vocabulary: Its tokens; any thread may ask them.
        room_tokens: The most that the texts of one call may have together.
        most_texts: The most texts of one call.
    """

    def __init__(
        self,
        file: Path,
        *,
        plan: LoadPlan,
        threads: int,
        is_encoder: bool,
        on_progress: Callable[[float], None],
    ) -> None:
        """Load `file`; `on_progress` hears 0 to 1 meanwhile.

        Args:
            file: The model.
            plan: How it is loaded.
            threads: That compute.
            is_encoder: Whether it reads a text in one go, both ways, and cannot write.
            on_progress: Hears how much is loaded.

        Raises:
            EngineUnavailableError: If llama.cpp refuses the file, it makes no vectors, or the
                memory is not there.
        """
        model = load_model(file, on_progress)
        self.vocabulary = Vocabulary(model)
        self.room_tokens = plan.room_tokens
        self.most_texts = plan.slot_count
        self._width = native.llama_model_n_embd(model)
        self._context = _new_context(model, plan, threads, is_encoder=is_encoder)
        self._memory = native.llama_get_memory(self._context)
        if native.llama_pooling_type(self._context) in {_NO_POOLING, _RANK}:
            raise EngineUnavailableError(
                "This model makes no vectors of texts.", code="no_embeddings"
            )
        self._is_encoder = is_encoder
        self._batch = native.llama_batch_init(plan.room_tokens, 0, 1)

    def vectors_of(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the vector of each text, as long as the model makes it.

        Args:
            texts: Their tokens, at least one each; together at most `room_tokens`.

        Raises:
            EngineUnavailableError: If llama.cpp cannot compute them.
        """
        ends = [_Row(tokens[-1], len(tokens) - 1, number) for number, tokens in enumerate(texts)]
        before = [
            _Row(token, position, number)
            for number, tokens in enumerate(texts)
            for position, token in enumerate(tokens[:-1])
        ]
        try:
            if not self._is_encoder:
                # What only the last token's vector needs is computed for that one alone: the
                # output layer of 150,000 tokens would cost a gigabyte and half of the time.
                for start in range(0, len(before), _ROWS):
                    self._decode(before[start : start + _ROWS], wants_vectors=False)
                self._decode(ends, wants_vectors=True)
            else:
                in_order = sorted([*before, *ends], key=lambda row: (row.sequence, row.position))
                self._decode(in_order, wants_vectors=True)
            return [self._vector(number) for number in range(len(texts))]
        finally:
            if self._memory is not None:
                native.llama_memory_clear(self._memory, False)

    def _decode(self, rows: Sequence[_Row], *, wants_vectors: bool) -> None:
        native.llama_set_embeddings(self._context, wants_vectors)
        batch = self._batch
        for index, row in enumerate(rows):
            batch.token[index] = row.token
            batch.pos[index] = row.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row.sequence
            batch.logits[index] = wants_vectors
        batch.n_tokens = len(rows)
        code = native.llama_decode(self._context, batch)
        if code != 0:
            raise EngineUnavailableError(f"llama.cpp stopped computing (code {code}).")

    def _vector(self, sequence: int) -> list[float]:
        found = native.llama_get_embeddings_seq(self._context, sequence)
        if not found:
            raise EngineUnavailableError(
                "This model makes no vectors of texts.", code="no_embeddings"
            )
        return cast("list[float]", found[: self._width])


def _new_context(
    model: "native.llama_model_p", plan: LoadPlan, threads: int, *, is_encoder: bool
) -> "native.llama_context_p":
    wishes = native.llama_context_default_params()
    wishes.n_ctx = wishes.n_batch = plan.room_tokens
    wishes.n_seq_max = plan.slot_count
    if is_encoder:
        wishes.n_ubatch = plan.room_tokens
    else:
        # The last token has read all of a text. Models that say otherwise are encoders.
        wishes.n_ubatch = min(_ROWS, plan.room_tokens)
        wishes.pooling_type = _LAST
        wishes.n_outputs_max = plan.slot_count
    wishes.n_threads = wishes.n_threads_batch = threads
    wishes.kv_unified = True
    wishes.embeddings = True
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
