"""Which machine code of llama.cpp runs here: compiled for this very processor, or the best of several.

A package cannot know the processor it will meet, so it brings the same code for a dozen kinds of them
(a shared library each). llama.cpp would look for those beside Python and in the current folder; we
load the one that we choose, from the folder of the binding and nowhere else.

Source:
    ggml-backend-impl.h and ggml-backend-reg.cpp of llama.cpp, as vendored by llama-cpp-python 0.3.36:
    `ggml_backend_score` is 0 where a processor lacks what the code needs.
"""

import ctypes
import functools
import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.base.errors import EngineUnavailableError

# The one that has no variants: it was compiled where it runs.
NATIVE = "native"
# In the environment of the engine's process.
VARIABLE = "NODO_PROCESSOR_CODE"
_VARIANT = re.compile(r"(?:lib)?ggml-cpu-(?P<name>[\w.]+)\.(?:so|dll|dylib)")


@dataclass(frozen=True)
class Variants:
    """The kinds of machine code that are installed.

    Attributes:
        files: By their names; empty if the only code is the native one.
        scores: The same names; 0 cannot run here, more is better.
    """

    files: Mapping[str, Path]
    scores: Mapping[str, int]

    def usable(self) -> list[str]:
        """Return the names of those that can run here, the best one first."""
        able = [name for name, score in self.scores.items() if score > 0]
        return sorted(able, key=lambda name: -self.scores[name])

    def best(self, wanted: str = "") -> str:
        """Return the name of the best for this processor, or of the wanted one.

        Raises:
            EngineUnavailableError: If it cannot run here (`processor_too_old`).
        """
        if not self.files:
            return NATIVE
        usable = self.usable()
        if wanted in usable:
            return wanted
        if wanted or not usable:
            raise EngineUnavailableError(
                f"The engine has no code {wanted or 'at all'} that this processor can run.",
                code="processor_too_old",
                hint=f"It can run: {', '.join(usable) or 'none'}.",
            )
        return usable[0]


def installed_variants(folder: Path | None = None) -> Variants:
    """Return the kinds that the binding brought along; llama.cpp itself is not loaded.

    Args:
        folder: Where the libraries are; the binding's own if None.
    """
    place = folder or _folder_of_binding()
    found = ((_VARIANT.fullmatch(file.name), file) for file in sorted(place.iterdir()))
    files = {match["name"]: file for match, file in found if match}
    if not files:
        return Variants({}, {})
    # Each variant needs it, and does not say where it is.
    _library(place, "ggml-base")
    return Variants(files, {name: _score(file) for name, file in files.items()})


@functools.cache
def load_processor_code() -> str:
    """Load the best kind, or the one that the environment names; return its name.

    It is called before anything of llama.cpp is initialised, and loads once in a process.

    Raises:
        EngineUnavailableError: If there is none that can run here.
    """
    variants = installed_variants()
    name = variants.best(os.environ.get(VARIABLE, ""))
    if name != NATIVE:
        load = _library(_folder_of_binding(), "ggml").ggml_backend_load
        load.argtypes, load.restype = [ctypes.c_char_p], ctypes.c_void_p
        if not load(str(variants.files[name]).encode()):
            raise EngineUnavailableError(
                f"The engine's code for {name} cannot be loaded.", code="engine_not_installed"
            )
    return name


def _score(file: Path) -> int:
    score = ctypes.CDLL(str(file)).ggml_backend_score
    score.restype = ctypes.c_int
    return int(score())


def _library(folder: Path, name: str) -> ctypes.CDLL:
    """Return a library under the very name by which the others ask for it, or it would be there twice."""
    pattern = re.compile(rf"(?:lib)?{name}(?P<version>\.\d+)?\.(?:so|dll|dylib)(?P<number>\.\d+)?")
    found = [(match, file) for file in folder.iterdir() if (match := pattern.fullmatch(file.name))]
    _, file = max(found, key=lambda pair: bool(pair[0]["version"] or pair[0]["number"]))
    return ctypes.CDLL(str(file), mode=ctypes.RTLD_GLOBAL)


def _folder_of_binding() -> Path:
    # Found without importing it: an import would load all of llama.cpp.
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        raise EngineUnavailableError(
            "The engine's library llama-cpp-python is not installed.", code="engine_not_installed"
        )
    return Path(spec.origin).parent / "lib"
