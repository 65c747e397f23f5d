"""The options of an answer by the names that Ollama gives them, with its types and defaults.

They are what the wire formats have in common: a request's own options are laid over those of the
model's `PARAMETER` lines, whichever format it came in.

Source:
    Ollama 0.33, `api/types.go`, `Options` and `FromMap`.
"""

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import Sampling

log = logging.getLogger(__name__)

# As many as fit: the context ends an answer that has no limit of its own.
UNLIMITED_TOKENS = 1_048_576
_LARGEST = sys.float_info.max
_INTEGERS = frozenset(
    "num_keep seed num_predict top_k repeat_last_n num_ctx num_batch num_gpu main_gpu num_thread"
    " draft_num_predict".split()
)
_NUMBERS = frozenset(
    "top_p min_p typical_p temperature repeat_penalty presence_penalty frequency_penalty".split()
)
_SWITCHES = frozenset({"use_mmap"})
_OLD_NAMES = frozenset(
    "mirostat mirostat_tau mirostat_eta tfs_z penalize_newline numa low_vram f16_kv vocab_only"
    " use_mlock logits_all embedding_only".split()
)


class OptionTypeError(InvalidValueError):
    """An option has a value of another type than it takes."""

    code = "option_type"


@dataclass(frozen=True)
class Options:
    """How an answer is to be written.

    Attributes:
        sampling: How its tokens are chosen.
        context_tokens: The most that prompt and answer may have; None is the model's.
    """

    sampling: Sampling
    context_tokens: int | None = None


def options_of(*layers: Mapping[str, object]) -> Options:
    """Return the options of these layers, the later before the earlier.

    Args:
        layers: Such as those of the model and those of the request; names that are unknown are
            left out, as null is.

    Raises:
        OptionTypeError: If one has the wrong type.
        InvalidValueError: If a number is none.
    """
    asked: dict[str, object] = {}
    for layer in layers:
        for name, value in layer.items():
            if value is not None and _is_known(name, value):
                asked[name] = _typed(name, value)
    return Options(_sampling(asked), _context_tokens(asked))


def _is_known(name: str, value: object) -> bool:
    if name in _INTEGERS or name in _NUMBERS or name in _SWITCHES or name == "stop":
        return True
    if name == "logit_bias" and isinstance(value, tuple):
        # No option of Ollama's; OpenAI's routes bring pairs that they have checked, in a tuple,
        # which no JSON has.
        return True
    if name not in _OLD_NAMES:
        log.info("option is unknown", extra={"option": name[:40]})
    return False


def _typed(name: str, value: object) -> object:
    if name in _SWITCHES:
        return _demanded(name, value, "boolean", isinstance(value, bool))
    if name == "stop":
        return _texts(name, value)
    if name == "logit_bias":
        return value
    kind = "integer" if name in _INTEGERS else "float32"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    number = cast("int | float", _demanded(name, value, kind, is_number))
    # Whole numbers have no bounds in JSON; no float holds those beyond its own.
    if not -_LARGEST <= number <= _LARGEST:
        raise InvalidValueError(f'option "{name}" must be a finite number', field=name)
    return int(number) if name in _INTEGERS else float(number)


def _demanded(name: str, value: object, kind: str, is_right: bool) -> object:  # noqa: FBT001
    if not is_right:
        raise OptionTypeError(f'option "{name}" must be of type {kind}', field=name)
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        # A Modelfile with one `PARAMETER stop` keeps a text.
        return (value,) if value else ()
    items = cast("list[object]", _demanded(name, value, "array", isinstance(value, list | tuple)))
    if not all(isinstance(item, str) for item in items):
        raise OptionTypeError(f'option "{name}" must be of an array of strings', field=name)
    return tuple(str(item) for item in items if item)


def _sampling(asked: Mapping[str, object]) -> Sampling:
    usual = Sampling()
    seed = cast("int", asked.get("seed", -1))
    limit = cast("int", asked.get("num_predict", -1))
    return Sampling(
        temperature=cast("float | None", asked.get("temperature")),
        top_k=cast("int | None", asked.get("top_k")),
        top_p=cast("float | None", asked.get("top_p")),
        min_p=cast("float", asked.get("min_p", usual.min_p)),
        typical_p=cast("float", asked.get("typical_p", usual.typical_p)),
        repeat_penalty=cast("float", asked.get("repeat_penalty", usual.repeat_penalty)),
        presence_penalty=cast("float", asked.get("presence_penalty", usual.presence_penalty)),
        frequency_penalty=cast("float", asked.get("frequency_penalty", usual.frequency_penalty)),
        repeat_window_tokens=cast("int", asked.get("repeat_last_n", usual.repeat_window_tokens)),
        logit_bias=cast("tuple[tuple[int, float], ...]", asked.get("logit_bias", ())),
        seed=None if seed < 0 else seed,
        max_tokens=limit if 0 < limit < UNLIMITED_TOKENS else UNLIMITED_TOKENS,
        stop=cast("tuple[str, ...]", asked.get("stop", ())),
    )


def _context_tokens(asked: Mapping[str, object]) -> int | None:
    asked_tokens = cast("int", asked.get("num_ctx", 0))
    return asked_tokens if asked_tokens > 0 else None
