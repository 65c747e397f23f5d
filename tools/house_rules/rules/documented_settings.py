"""Every setting that the environment can give is explained in docs/operations.md."""

import ast
import re
from collections.abc import Iterator

from tools.house_rules.project import Finding, Module, Project

NAME = "documented-settings"
_SETTINGS, _PAGE = "appliance/boot/settings.py", "docs/operations.md"
_VARIABLE = re.compile(r"NODO_[A-Z0-9]+(?:_[A-Z0-9]+)*")


def check(project: Project) -> Iterator[Finding]:
    """Yield settings that the page on operation does not mention."""
    page = project.files.get(_PAGE, "")
    for module in project.modules_in("appliance"):
        if module.path == _SETTINGS:
            for line, name in sorted(set(_variables(module))):
                if not re.search(rf"\b{name}\b", page):
                    yield Finding(module.path, line, NAME, f"{name} is not explained in {_PAGE}")


def _variables(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, name) for name in _VARIABLE.findall(node.value))
        # The fields of `Settings` are settings too: `port` is NODO_PORT.
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    yield statement.lineno, f"NODO_{statement.target.id.upper()}"
