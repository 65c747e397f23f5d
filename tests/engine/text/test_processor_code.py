"""Which machine code of llama.cpp is taken, with libraries that say what they are told to say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.processor_code import NATIVE, Variants, installed_variants

_COMPILER = shutil.which("cc")
_NAMES = ("haswell", "x64", "zen4")


def variants(**scores: int) -> Variants:
    return Variants({name: Path(f"libggml-cpu-{name}.so") for name in scores}, scores)


def test_a_build_for_this_very_processor_has_no_choice() -> None:
    assert variants().best() == NATIVE


def test_the_best_that_can_run_here_is_taken() -> None:
    assert variants(x64=1, haswell=64, zen4=0).best() == "haswell"


def test_another_one_that_can_run_here_may_be_wanted() -> None:
    assert variants(x64=1, haswell=64, zen4=0).best("x64") == "x64"


@pytest.mark.parametrize("wanted", ["zen4", "z80", "../../evil"])
def test_one_that_cannot_run_here_is_refused_with_those_that_can(wanted: str) -> None:
    with pytest.raises(EngineUnavailableError) as refused:
        variants(x64=1, haswell=64, zen4=0).best(wanted)

    assert (refused.value.code, refused.value.hint) == (
        "processor_too_old",
        "It can run: haswell, x64.",
    )


def test_a_processor_that_can_run_none_is_told_so() -> None:
    with pytest.raises(EngineUnavailableError) as refused:
        variants(haswell=0, zen4=0).best()

    assert refused.value.message == "The engine has no code at all that this processor can run."


@pytest.mark.skipif(_COMPILER is None, reason="no C compiler on this machine")
def test_what_each_library_says_of_itself_decides(tmp_path: Path) -> None:
    for name, score in zip(_NAMES, (64, 1, 0), strict=True):
        compile_library(tmp_path / f"libggml-cpu-{name}.so", score)
    for name in ("libggml-base.so", "libggml-base.so.0", "libggml.so.0", "libllama.so"):
        compile_library(tmp_path / name, 0)

    found = installed_variants(tmp_path)

    assert found.scores == {"haswell": 64, "x64": 1, "zen4": 0}
    assert found.usable() == ["haswell", "x64"]
    assert found.best() == "haswell"


def test_libraries_without_variants_are_the_native_build(tmp_path: Path) -> None:
    for name in ("libggml-cpu.so", "libggml-cpu.so.0", "libggml-base.so.0"):
        (tmp_path / name).touch()

    assert installed_variants(tmp_path).best() == NATIVE


def compile_library(file: Path, score: int) -> None:
    source = f"int ggml_backend_score(void) {{ return {score}; }}"
    command = [str(_COMPILER), "-shared", "-fPIC", "-x", "c", "-", "-o", str(file)]
    subprocess.run(command, input=source.encode(), check=True)
