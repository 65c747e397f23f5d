"""Every setting that the environment can give is explained in docs/operations.md."""

import ast
import re
from collections.abc import Iterator

from tools.house_rules.project import Finding, Module, Project

NAME = "documented-settings"
_TABLE, _PAGE = "appliance/boot/settings_table.py", "docs/operations.md"


def check(project: Project) -> Iterator[Finding]:
    """Yield settings that the page on operation does not mention."""
    page = project.files.get(_PAGE, "")
    for module in project.modules_in("appliance"):
        if module.path == _TABLE:
            for line, name in _variables(module):
                if not re.search(rf"\b{name}\b", page):
                    yield Finding(module.path, line, NAME, f"{name} is not explained in {_PAGE}")


def _variables(module: Module) -> Iterator[tuple[int, str]]:
    """Yield the entries of `SETTINGS`: each is a call that begins with the setting's name."""
    for statement in module.tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id="SETTINGS"), value=ast.Tuple(elts=entries)):
                for entry in entries:
                    match entry:
                        case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                            yield entry.lineno, f"NODO_{name.upper()}"
                        case _:
                            yield entry.lineno, "an entry of SETTINGS that is not a call"
            case _:
                pass
