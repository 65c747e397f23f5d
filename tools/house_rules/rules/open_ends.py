"""Nothing is left open in the code: it is finished, or it is an issue."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tools.house_rules.project import Finding, Module, Project

NAME = "open-ends"
_MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_COMMENT = re.compile(r"(//|/\*|<!--|^\s*\*|^\s*#).*")


def check(project: Project) -> Iterator[Finding]:
    """Yield comments that announce work, and code that only pretends to be there."""
    for module in project.modules:
        yield from _marked_comments(module)
    for module in project.modules_in("appliance"):
        yield from _unfinished_code(module)
    for path, text in project.texts(".js", ".mjs", ".css", ".html", ".sh"):
        for number, line in enumerate(text.splitlines(), start=1):
            comment = _COMMENT.search(line)
            if comment and (mark := _MARKS.search(comment[0])):
                yield Finding(path, number, NAME, f"{mark[0]}: finish it, or open an issue")


def _marked_comments(module: Module) -> Iterator[Finding]:
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT and (mark := _MARKS.search(token.string)):
            message = f"{mark[0]}: finish it, or open an issue"
            yield Finding(module.path, token.start[0], NAME, message)


def _unfinished_code(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            yield Finding(
                module.path, node.lineno, NAME, "NotImplementedError: write it or drop it"
            )
