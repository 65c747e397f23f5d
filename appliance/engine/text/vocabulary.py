"""The tokens of a loaded model: texts are split into them, and made of them again.

Imported by the engine's own processes only. It reads what never changes, so any thread may ask.
"""

import ctypes
from dataclasses import dataclass
from typing import cast

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError

_USUAL_PIECE_BYTES = 256
_MOST_TOKENS = 1 << 26


@dataclass(frozen=True)
class _As:
    """How a text is split: with the model's own ends, with names of special tokens."""

    has_ends: bool
    knows_special: bool


class Vocabulary:
    """The tokens of one model.

    Attributes:
        vocabulary_size: How many there are.
    """

    def __init__(self, model: "native.llama_model_p") -> None:
        self._vocabulary = cast("native.llama_vocab_p", native.llama_model_get_vocab(model))
        self.vocabulary_size = native.llama_vocab_n_tokens(self._vocabulary)

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
        """Return the tokens of `text`; names of special tokens count only where `special`."""
        return self._split(text, _As(has_ends=False, knows_special=special))

    def tokens_between_ends(self, text: str) -> list[int]:
        """Return the tokens of `text` with those that the model expects before and after it."""
        return self._split(text, _As(has_ends=True, knows_special=False))

    def _split(self, text: str, how: _As) -> list[int]:
        raw = text.encode()
        # A token stands for one byte at least; a few models put one before the text.
        found = self._tokenised(raw, len(raw) + 8, how)
        if isinstance(found, int):
            found = self._tokenised(raw, found, how)
        if isinstance(found, int):
            raise EngineUnavailableError("The engine could not split the text into tokens.")
        return found

    def _tokenised(self, raw: bytes, room: int, how: _As) -> list[int] | int:
        """Return the tokens, or how much room they need."""
        tokens = (native.llama_token * room)()
        count = native.llama_tokenize(
            self._vocabulary, raw, len(raw), tokens, room, how.has_ends, how.knows_special
        )
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
