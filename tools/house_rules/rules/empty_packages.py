"""A package's `__init__.py` is empty: importing one module must not import its neighbours."""

from collections.abc import Iterator

from tools.house_rules.project import Finding, Project

NAME = "empty-packages"
# Holds the version, which the package itself is asked for.
_EXCEPTED = "appliance/__init__.py"


def check(project: Project) -> Iterator[Finding]:
    """Yield the `__init__.py` files with something in them."""
    for path, text in project.texts("/__init__.py"):
        if path != _EXCEPTED and text.strip():
            yield Finding(path, 1, NAME, "is not empty; let importers name the module they need")
