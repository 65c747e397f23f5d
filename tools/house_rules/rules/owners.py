"""Child processes and the environment each have one owner, who also ends or checks them."""

import ast
from collections.abc import Iterator, Mapping

from tools.house_rules.project import Finding, Project

NAME = "owners"
_PROCESSES = ("appliance/base/process/",)
# Where the environment enters once, to go on as a value.
_ENTRANCES = (
    "appliance/boot/cli.py",
    "appliance/boot/serving.py",
    "appliance/boot/settings.py",
    "appliance/base/process/",
    # The engine's process has an environment of its own making, which says which code to take.
    "appliance/engine/text/processor_code.py",
)
# Dotted name -> paths that may use it.
_OWNERS: Mapping[str, tuple[str, ...]] = {
    "subprocess": _PROCESSES,
    "os.system": _PROCESSES,
    "os.fork": _PROCESSES,
    "os.popen": _PROCESSES,
    "asyncio.create_subprocess_exec": _PROCESSES,
    "asyncio.create_subprocess_shell": _PROCESSES,
    "os.environ": _ENTRANCES,
    "os.getenv": _ENTRANCES,
}


def check(project: Project) -> Iterator[Finding]:
    """Yield uses of processes and environment outside their owners."""
    for module in project.modules_in("appliance"):
        for node in ast.walk(module.tree):
            for name in _names_used(node):
                allowed = _OWNERS.get(name)
                if allowed is not None and not module.path.startswith(allowed):
                    message = f"{name} belongs to {allowed[0]}"
                    yield Finding(module.path, getattr(node, "lineno", 0), NAME, message)


def _names_used(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), names=names):
            yield module
            yield from (f"{module}.{alias.name}" for alias in names)
        case ast.Attribute(value=ast.Name(id=base), attr=attribute):
            yield f"{base}.{attribute}"
        case _:
            return
