"""Functions stay short enough to be seen whole: guards first, then the story."""

import ast
from collections.abc import Iterator, Mapping

from tools.house_rules.allowances import LONG_FUNCTIONS
from tools.house_rules.project import Finding, Module, Project

NAME = "function-size"
_LIMIT = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(project: Project, allowances: Mapping[str, int] = LONG_FUNCTIONS) -> Iterator[Finding]:
    """Yield the functions that are longer than allowed, and allowances that are too generous."""
    unused = set(allowances)
    for module in project.modules:
        for function in functions_of(module):
            key = f"{module.path}::{function.name}"
            unused.discard(key)
            yield from _judge(module, function, allowances.get(key))
    for key in sorted(unused):
        yield Finding(key.split("::")[0], 0, NAME, f"{key} has an allowance but does not exist")


def functions_of(module: Module) -> Iterator[Function]:
    """Yield every function and method of a module, nested ones included."""
    return (
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def lines_of(function: Function) -> int:
    """Return the lines from `def` to the end, without decorators and docstring.

    Explaining much is no reason to cut a function in two.
    """
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _judge(module: Module, function: Function, allowance: int | None) -> Iterator[Finding]:
    lines, allowed = lines_of(function), allowance or _LIMIT
    if lines > allowed:
        message = f"{function.name} has {lines} lines; at most {allowed}"
        yield Finding(module.path, function.lineno, NAME, message)
    elif allowance is not None and lines < allowance:
        message = f"{function.name} has {lines} lines now: lower its allowance of {allowance}"
        yield Finding(module.path, function.lineno, NAME, message)
