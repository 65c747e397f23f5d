"""Commands that the documentation tells people to type exist."""

import ast
import json
import re
from collections.abc import Iterator

from tools.house_rules.project import Finding, Project

NAME = "documented-commands"
_PAGES = ("README.md", "CONTRIBUTING.md", "docs/operations.md")
_BLOCK = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_COMMAND_LINE = "appliance/boot/cli.py"


def check(project: Project) -> Iterator[Finding]:
    """Yield commands in the documentation that name a script, module or command that is not there."""
    for page in _PAGES:
        text = project.files.get(page, "")
        for number, command in _commands_in(text):
            if reason := _missing(project, command.split()):
                yield Finding(page, number, NAME, f"`{command}`: {reason}")


def _commands_in(text: str) -> Iterator[tuple[int, str]]:
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        for offset, line in enumerate(block[1].splitlines()):
            yield first + offset, line.partition("#")[0].removeprefix("$ ").strip()
    for inline in _INLINE.finditer(text):
        yield text.count("\n", 0, inline.start()) + 1, inline[1].strip()


def _missing(project: Project, words: list[str]) -> str:
    match words:
        case ["./run" | "nodo", name, *_] if re.fullmatch("[a-z][a-z-]*", name):
            return "" if name in _subcommands(project) else f"nodo has no command {name!r}"
        case [script, *_] if script.startswith(("./", ".ci/")):
            path = script.removeprefix("./")
            return "" if project.has(path) else f"{path} does not exist"
        case ["python", "-m", module, *_] if module.split(".")[0] in {"tools", "benchmarks"}:
            path = module.replace(".", "/")
            return "" if project.has(f"{path}.py") or project.has(path) else f"no module {module}"
        case ["npm", "run", name, *_]:
            scripts = json.loads(project.files.get("package.json", "{}")).get("scripts", {})
            return "" if name in scripts else f"package.json has no script {name!r}"
        case ["make", name]:
            targets = re.findall(r"^([\w-]+):", project.files.get("Makefile", ""), re.MULTILINE)
            return "" if name in targets else f"the Makefile has no target {name!r}"
        case _:
            return ""


def _subcommands(project: Project) -> frozenset[str]:
    """Return the words that the command line knows; some are help texts, which does no harm."""
    return frozenset(
        node.value
        for module in project.modules_in("appliance")
        if module.path == _COMMAND_LINE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
