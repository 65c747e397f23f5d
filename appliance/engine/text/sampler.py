"""Choosing the next token with llama.cpp's samplers; lives in the engine's process."""

import ctypes
from collections.abc import Sequence
from typing import Protocol, cast

import llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from appliance.engine.text.sampling import Settled

# As `llama_token_data`: what a chain of samplers works on.
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
# Who is chosen among what a form allows: more than so many likeliest ones change nothing.
_MOST_ALLOWED = 64

Logits = NDArray[np.float32]


class Form(Protocol):
    """What an answer must look like, as far as it is written."""

    def allows(self, token: int) -> bool:
        """Return whether this token may come next."""
        ...

    def allowed_of(self, logits: Logits, most: int) -> Sequence[int]:
        """Return the likeliest tokens that may come next, the likeliest first."""
        ...


class Sampler:
    """Chooses the next token of one answer."""

    def __init__(
        self, context: "native.llama_context_p", vocabulary_size: int, wish: Settled, seed: int
    ) -> None:
        self._context = context
        self._size = vocabulary_size
        self._chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for link in _links(vocabulary_size, wish, seed):
            native.llama_sampler_chain_add(self._chain, link)

    def choose(self, row_index: int) -> int:
        """Return the token after row `row_index` of the step that was just decoded."""
        return int(native.llama_sampler_sample(self._chain, self._context, row_index))

    def choose_within(self, form: Form, row_index: int) -> int | None:
        """Return the token after that row which `form` allows; None if it allows none.

        What would be chosen freely is tried first: it fits nearly always, and looking through
        the whole vocabulary costs a hundred times as much.
        """
        logits = self._logits(row_index)
        token = self._chosen(_candidates(np.arange(self._size, dtype=np.int32), logits))
        if not form.allows(token):
            allowed = np.array(form.allowed_of(logits, _MOST_ALLOWED), np.int32)
            if not allowed.size:
                return None
            token = self._chosen(_candidates(allowed, logits[allowed]))
        self.accept(token)
        return token

    def accept(self, token: int) -> None:
        """Take note of a token that is written, or was, without having been chosen here."""
        native.llama_sampler_accept(self._chain, token)

    def probabilities(
        self, row_index: int, token: int, most: int
    ) -> tuple[float, list[tuple[int, float]]]:
        """Return the natural logarithm of a token's probability after that row.

        With it come the likeliest tokens, at most so many, and theirs; the likeliest first. They
        are as the model has them, before anything is done to choose one.
        """
        logits = self._logits(row_index).astype(np.float64)
        top = float(logits.max())
        total = top + float(np.log(np.exp(logits - top).sum()))
        likeliest = np.argpartition(logits, -most)[-most:] if most else np.empty(0, np.int64)
        ordered = likeliest[np.argsort(-logits[likeliest])]
        return (
            float(logits[token]) - total,
            [(int(index), float(logits[index]) - total) for index in ordered],
        )

    def close(self) -> None:
        """Free it; not used afterwards."""
        native.llama_sampler_free(self._chain)

    def _logits(self, row_index: int) -> Logits:
        pointer = native.llama_get_logits_ith(self._context, row_index)
        return np.ctypeslib.as_array(cast("object", pointer), shape=(self._size,))  # type: ignore[arg-type]

    def _chosen(self, candidates: NDArray[np.void]) -> int:
        data = candidates.ctypes.data_as(native.llama_token_data_p)
        array = native.llama_token_data_array(data, candidates.size, selected=-1, sorted=False)
        native.llama_sampler_apply(self._chain, ctypes.byref(array))  # type: ignore[arg-type]
        return int(array.data[array.selected].id)


def _candidates(tokens: NDArray[np.int32], logits: Logits) -> NDArray[np.void]:
    candidates = np.empty(tokens.size, _CANDIDATE)
    candidates["id"] = tokens
    candidates["logit"] = logits
    return candidates


def _links(vocabulary_size: int, wish: Settled, seed: int) -> "list[native.llama_sampler_p]":
    links: list[native.llama_sampler_p] = []
    if wish.logit_bias:
        links.append(_bias(vocabulary_size, wish.logit_bias))
    if wish.has_penalties:
        links.append(
            native.llama_sampler_init_penalties(
                vocabulary_size,
                wish.repeat_window_tokens,
                wish.repeat_penalty,
                wish.frequency_penalty,
                wish.presence_penalty,
            )
        )
    if wish.temperature <= 0:
        return [*links, native.llama_sampler_init_greedy()]
    # top_k stays before top_p: sorting the whole vocabulary for top_p costs 9 ms a token.
    if wish.top_k > 0:
        links.append(native.llama_sampler_init_top_k(wish.top_k))
    if wish.typical_p < 1:
        links.append(native.llama_sampler_init_typical(wish.typical_p, 1))
    if wish.top_p < 1:
        links.append(native.llama_sampler_init_top_p(wish.top_p, 1))
    if wish.min_p > 0:
        links.append(native.llama_sampler_init_min_p(wish.min_p, 1))
    links.append(native.llama_sampler_init_temp(wish.temperature))
    links.append(native.llama_sampler_init_dist(seed))
    return links


def _bias(vocabulary_size: int, biases: Sequence[tuple[int, float]]) -> "native.llama_sampler_p":
    entries = (native.llama_logit_bias * len(biases))()
    for entry, (token, added) in zip(entries, biases, strict=True):
        entry.token, entry.bias = token, added
    return native.llama_sampler_init_logit_bias(vocabulary_size, len(biases), entries)
