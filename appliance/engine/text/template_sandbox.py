"""Where chat templates of strangers run: with no way out, and with bounds on time and size.

A template comes with a model file. It may loop and ask; it may not reach this process, and not
keep it for ever: memory is bounded by the process's own limit, time by an alarm.
"""

import json
import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from jinja2 import Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

# The longest templates of known models have about 30,000 characters.
_LONGEST_SOURCE = 128 * 1024
_LONGEST_RESULT = 1_000_000
# Rendering takes about a millisecond; everybody waits meanwhile.
_MOST_S = 2.0
# Should something swallow the first alarm, the next ones follow.
_AGAIN_S = 0.1
_LARGEST_NUMBER = 10**12
_LONGEST_REPEATED = 100_000
_LARGEST_BASE, _LARGEST_POWER = 1_000, 16
_WIDE_FORMAT = re.compile(r"\d{4}|\*")
# All that running a stranger's expressions may raise.
_FAILURES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class BadTemplateError(Exception):
    """The template cannot be compiled, refuses the conversation, or takes too much."""


def compiled(source: str, *, now: Callable[[], datetime]) -> Template:
    """Return the template, ready to be rendered.

    Raises:
        BadTemplateError: If it is too long, or no template.
    """
    if len(source) > _LONGEST_SOURCE:
        raise BadTemplateError(f"it has {len(source):,} characters")
    with _bounded():
        return _environment(now).from_string(source)


def rendered(template: Template, **values: object) -> str:
    """Return the text that the template makes of these values.

    Raises:
        BadTemplateError: If it refuses them, takes too long, or makes too much of them.
    """
    pieces: list[str] = []
    length = 0
    with _bounded():
        for piece in template.generate(**values):
            length += len(piece)
            if length > _LONGEST_RESULT:
                raise BadTemplateError(f"it makes more than {_LONGEST_RESULT:,} characters")
            pieces.append(piece)
    return "".join(pieces)


class _Sandbox(ImmutableSandboxedEnvironment):
    # Python computes 9**9**9 in one go that no alarm interrupts.
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Return `left operator right` if it is small."""
        if not _IS_SMALL[operator](left, right):
            raise SecurityError(f"it computes something too large with {operator}")
        result: object = super().call_binop(context, operator, left, right)
        return result


class _Generation(Extension):
    """`{% generation %}` marks what training learns; here it is plain text."""

    tags = {"generation"}  # noqa: RUF012  # as the base class declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what is inside."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _environment(now: Callable[[], datetime]) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )
    names = cast("dict[str, object]", environment.globals)
    del names["lipsum"]
    names["raise_exception"] = _refuse

    def strftime_now(form: object) -> str:
        return now().strftime(str(form))

    names["strftime_now"] = strftime_now
    environment.filters["tojson"] = _to_json
    return environment


def _refuse(reason: object) -> None:
    raise TemplateError(str(reason))


def _to_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _small_product(left: object, right: object) -> bool:
    sizes = [_size_of(left), _size_of(right)]
    if isinstance(left, int | float) and isinstance(right, int | float):
        return max(sizes) <= _LARGEST_NUMBER
    return sizes[0] * sizes[1] <= _LONGEST_REPEATED


def _small_power(left: object, right: object) -> bool:
    return _size_of(left) <= _LARGEST_BASE and _size_of(right) <= _LARGEST_POWER


def _small_format(left: object, _right: object) -> bool:
    return not isinstance(left, str) or not _WIDE_FORMAT.search(left)


_IS_SMALL: Mapping[str, Callable[[object, object], bool]] = {
    "*": _small_product,
    "**": _small_power,
    "%": _small_format,
}


def _size_of(value: object) -> float:
    if isinstance(value, int | float):
        return abs(value)
    return len(value) if isinstance(value, str | list | tuple) else _LONGEST_REPEATED


@contextmanager
def _bounded() -> Iterator[None]:
    """End the block with `BadTemplateError` when it fails or takes too long.

    The alarm exists on POSIX and in the main thread, where the engine's process renders;
    elsewhere the supervisor ends a process that says nothing for too long.
    """
    can_alarm = (
        hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    )
    before = signal.signal(signal.SIGALRM, _on_alarm) if can_alarm else None
    try:
        if can_alarm:
            signal.setitimer(signal.ITIMER_REAL, _MOST_S, _AGAIN_S)
        yield
    except _FAILURES as error:
        raise BadTemplateError(_reason_of(error)) from error
    finally:
        if can_alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _on_alarm(_number: int, _frame: object) -> None:
    raise TimeoutError(f"it takes longer than {_MOST_S:g} s")


def _reason_of(error: BaseException) -> str:
    # The template's own words may be long, or hold halves of characters.
    words = str(error).encode("utf-8", "replace").decode()
    short = " ".join(words.split())[:200]
    return short or type(error).__name__
