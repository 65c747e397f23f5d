"""Choosing the next token with llama.cpp's samplers; lives in the engine's process."""

import llama_cpp as native

from appliance.engine.text.sampling import Settled

_PENALTY_WINDOW_TOKENS = 64


class Sampler:
    """Chooses the next token of one answer."""

    def __init__(
        self, context: "native.llama_context_p", vocabulary_size: int, wish: Settled, seed: int
    ) -> None:
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


def _links(vocabulary_size: int, wish: Settled, seed: int) -> "list[native.llama_sampler_p]":
    links: list[native.llama_sampler_p] = []
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
