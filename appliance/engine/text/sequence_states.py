"""What a sequence holds, out of llama.cpp's cache and back into it."""

import ctypes
from importlib.metadata import PackageNotFoundError, version

import llama_cpp as native

# Kinds of numbers in the cache, as the context is made (llama.py).
_NUMBERS = "f16"


class SequenceStates:
    """The sequences of one context, as bytes."""

    def __init__(self, context: "native.llama_context_p") -> None:
        self._context = context

    @property
    def settings(self) -> str:
        """Return what these bytes depend on beside the model."""
        try:
            library = version("llama-cpp-python")
        except PackageNotFoundError:
            library = "unknown"
        return f"llama-cpp-python {library}, {_NUMBERS}"

    def size_bytes(self, slot: int) -> int:
        """Return how long the state of a sequence is."""
        return int(native.llama_state_seq_get_size(self._context, native.llama_seq_id(slot)))

    def taken(self, slot: int) -> bytes:
        """Return the state of a sequence; empty if llama.cpp cannot tell it."""
        size, sequence = self.size_bytes(slot), native.llama_seq_id(slot)
        buffer = (ctypes.c_uint8 * size)()
        written = int(native.llama_state_seq_get_data(self._context, buffer, size, sequence))
        return bytes(memoryview(buffer)[:written])

    def put_back(self, slot: int, state: bytes) -> bool:
        """Give an empty sequence a state; False, and it stays empty, if that is not possible.

        Only what was checked may come here: llama.cpp trusts it.
        """
        sequence = native.llama_seq_id(slot)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        read = int(native.llama_state_seq_set_data(self._context, buffer, len(state), sequence))
        return read == len(state)
