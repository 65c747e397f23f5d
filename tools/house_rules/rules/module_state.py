"""Importing a module makes nothing that lives: state belongs to objects that somebody builds."""

import ast
from collections.abc import Iterator

from tools.house_rules.project import Finding, Project

NAME = "module-state"
_MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_MAKERS = frozenset({"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter"})
# A type that promises not to change what stands behind it; pyright holds the promise.
_READ_ONLY = frozenset({"Mapping", "Sequence", "Collection", "Set", "AbstractSet", "Iterable"})
# Descriptions of types and tables, and context variables.
_ALLOWED_INSTANCES = frozenset(
    {
        *("AfterValidator", "BeforeValidator", "StringConstraints"),
        *("ContextVar", "MetaData", "NewType", "ParamSpec", "Table", "TypeVar", "TypeVarTuple"),
    }
)


def check(project: Project) -> Iterator[Finding]:
    """Yield module-level objects in the product that can change, and `global` statements."""
    for module in project.modules_in("appliance"):
        for statement in module.tree.body:
            if message := _complaint(statement):
                yield Finding(module.path, statement.lineno, NAME, message)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                yield Finding(module.path, node.lineno, NAME, "`global`: give the state an owner")


def _complaint(statement: ast.stmt) -> str:
    name, annotation, value = _assignment(statement)
    if value is None or name == "__all__":
        return ""
    if isinstance(value, _MUTABLE_DISPLAYS) or _called_name(value) in _MUTABLE_MAKERS:
        if _is_read_only(annotation):
            return ""
        return f"{name} can be changed by anybody; a tuple or frozenset, or annotate it as Mapping"
    called = _called_name(value)
    is_constant = name.lstrip("_").isupper()
    if called[:1].isupper() and called not in _ALLOWED_INSTANCES and not is_constant:
        return f"{name} is made at import; build it where its user is built"
    return ""


def _assignment(statement: ast.stmt) -> tuple[str, ast.expr | None, ast.expr | None]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, None, value
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            return name, annotation, value
        case _:
            return "", None, None


def _called_name(value: ast.expr) -> str:
    match value:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case ast.Call(func=ast.Subscript(value=ast.Name(id=name))):
            return name
        case _:
            return ""


def _is_read_only(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    return any(
        isinstance(node, ast.Name) and node.id in _READ_ONLY for node in ast.walk(annotation)
    )
