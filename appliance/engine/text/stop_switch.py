"""Interrupts llama.cpp in the middle of a step, from any thread and without Python's lock.

llama.cpp asks a callback some hundred times a step whether it must leave off. A function of Python
would wait for the interpreter's lock each time (100 ms a step while another thread is busy). Here
it asks the C library for the length of a text instead: none says no, one character says yes.
"""

import ctypes
import sys

import llama_cpp as native

_GO_ON, _STOP = b"", b"\x01"


class StopSwitch:
    """Says whether the step that is being computed goes on."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(_GO_ON, 2)

    @property
    def is_thrown(self) -> bool:
        """Return whether the step is to end."""
        return self._text.value == _STOP

    def interrupt(self) -> None:
        """Make the step that is being computed end within some 60 ms, from any thread."""
        self._text.value = _STOP

    def allow(self) -> None:
        """Let the next step be computed, whatever was interrupted before."""
        self._text.value = _GO_ON

    def wire(self, wishes: "native.llama_context_params") -> None:
        """Let a context that is made with these parameters ask this switch, which outlives it."""
        library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        wishes.abort_callback = ctypes.cast(library.strlen, native.ggml_abort_callback)
        wishes.abort_callback_data = ctypes.cast(self._text, ctypes.c_void_p)
