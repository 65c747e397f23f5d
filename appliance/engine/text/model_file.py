"""A model file in llama.cpp's hands.

Imported by the engine's own processes only: a failed assertion in llama.cpp ends the process.
Source: llama-cpp-python 0.3.36, `llama_cpp.llama_cpp`.
"""

import ctypes
import functools
import logging
from collections.abc import Callable
from pathlib import Path

import llama_cpp as native

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.processor_code import load_processor_code

log = logging.getLogger(__name__)

_ERROR_LEVEL = 4
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


def load_model(
    file: Path, on_progress: Callable[[float], None], *, repacks: bool = False
) -> "native.llama_model_p":
    """Return the model in `file`; `on_progress` hears 0 to 1 meanwhile.

    Raises:
        EngineUnavailableError: If llama.cpp refuses the file, or is not the version we know.
    """
    _check_version()
    native.llama_log_set(_quiet_log(), ctypes.c_void_p(0))
    # Before llama.cpp looks for code by itself, in places that are not ours.
    load_processor_code()
    native.llama_backend_init()

    @native.llama_progress_callback
    def progress(share: float, _data: object) -> bool:
        on_progress(share)
        return True

    wishes = native.llama_model_default_params()
    # Repacked weights are a second copy in memory, which writes quicker and reads slower.
    wishes.use_extra_bufts = repacks
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


def _check_version() -> None:
    # Names move between versions; found missing in mid-answer they would look like a crash.
    if missing := [name for name in _NEEDED if not hasattr(native, name)]:
        raise EngineUnavailableError(
            f"This version of llama-cpp-python has no {missing[0]}.",
            code="engine_not_installed",
            hint="Install the version that requirements-llama.lock names, then restart Nodo.",
        )


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
